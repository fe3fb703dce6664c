use crate::dynamo::Item;
use crate::poison::EveryFifth;
use crate::subject::{Owners, Subject, sources};
use anyhow::ensure;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{Commit, StreamId};
use futures::future::BoxFuture;
use projection::operations::Worker;
use projection::testing::Poisoned;
use projection::{BatchHandler, Effects, Options, Reactor, ReactorRunner, Sources, view_table};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use tables::TableDefinition;

/// A reactor, with what makes its effects.
pub(crate) struct ReactorSubject<R: Reactor, E: Effects<R::Command>> {
    client: Client,
    sources: Sources,
    effects: Box<dyn Fn() -> E + Send + Sync>,
    reactor: PhantomData<fn() -> R>,
}

impl<R: Reactor, E: Effects<R::Command>> ReactorSubject<R, E> {
    pub(crate) fn subject(
        client: &Client,
        owners: &Owners,
        effects: impl Fn() -> E + Send + Sync + 'static,
    ) -> Arc<dyn Subject> {
        let sources = sources(client, owners, R::SOURCES);
        Arc::new(Self {
            client: client.clone(),
            reactor: PhantomData,
            effects: Box::new(effects),
            sources,
        })
    }
}

impl<R: Reactor, E: Effects<R::Command>> Subject for ReactorSubject<R, E> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn categories(&self) -> &'static [&'static str] {
        R::SOURCES
    }

    fn table(&self) -> TableDefinition {
        view_table(R::NAME, &[], false)
    }

    fn function(&self, poisoned: bool) -> Arc<dyn BatchHandler> {
        let (client, sources, options) = (self.client.clone(), self.sources.clone(), Options::default());
        let effects = (self.effects)();
        if poisoned {
            Arc::new(ReactorRunner::<Poisoned<R, EveryFifth>, E>::new(
                client,
                R::NAME,
                sources,
                effects,
                options,
            ))
        } else {
            Arc::new(ReactorRunner::<R, E>::new(
                client,
                R::NAME,
                sources,
                effects,
                options,
            ))
        }
    }

    fn sources(&self) -> &Sources {
        &self.sources
    }

    fn operated_by(&self, worker: Worker) -> Worker {
        worker.with_reactor(
            self.client.clone(),
            R::NAME,
            R::NAME,
            R::SOURCES,
            self.sources.clone(),
        )
    }

    fn read<'a>(
        &'a self,
        _: &'a str,
        _: &'a BTreeMap<StreamId, u64>,
    ) -> BoxFuture<'a, anyhow::Result<Option<BTreeMap<String, u64>>>> {
        // Nobody reads a reactor's documents.
        Box::pin(async { Ok(None) })
    }

    fn read_exactly(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// Its documents have taken everything; that the effects happened is seen in the streams that they are on.
    fn verify(&self, _: u64, contents: Vec<Item>, history: &[Commit]) -> anyhow::Result<()> {
        let mut heads: BTreeMap<&StreamId, u64> = BTreeMap::new();
        for commit in history
            .iter()
            .filter(|c| R::SOURCES.contains(&c.stream.category()))
        {
            heads.insert(&commit.stream, commit.last());
        }
        for (stream, head) in heads {
            let pk = AttributeValue::S(format!("g1#{}", stream.id()));
            let document = contents.iter().find(|item| item.get("pk") == Some(&pk));
            let versions = document.and_then(|item| item.get("v")?.as_m().ok());
            let version = versions.and_then(|versions| versions.get(stream.category())?.as_n().ok());
            ensure!(
                version == Some(&head.to_string()),
                "{} has {stream} up to {version:?} of {head}",
                R::NAME
            );
        }
        Ok(())
    }
}
