//! A subscriber as a run sees it, whatever its documents are.

use crate::dynamo::Item;
use crate::poison::EveryFifth;
use crate::world::World;
use anyhow::{Context, ensure};
use aws_sdk_dynamodb::Client;
use commit::{Commit, StreamId};
use event_store::CommitReader;
use futures::future::BoxFuture;
use projection::operations::Worker;
use projection::testing::{Poisoned, expected_contents, fold, found_contents};
use projection::{
    BatchHandler, Options, Projector, ReadError, ReadYourWrites, Sources, View, ViewReader, view_table,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use tables::TableDefinition;

/// What a run needs of a subscriber.
pub(crate) trait Subject: Send + Sync {
    fn name(&self) -> &'static str;
    fn categories(&self) -> &'static [&'static str];
    fn table(&self) -> TableDefinition;
    /// A new instance of its function, perhaps of the version that has a bug.
    fn function(&self, poisoned: bool) -> Arc<dyn BatchHandler>;
    fn sources(&self) -> &Sources;
    /// Wires it to the worker of rebuilds and sweeps.
    fn operated_by(&self, worker: Worker) -> Worker;
    /// Reads a document with a token and checks what it says; the versions that it reflects. None: not now.
    fn read<'a>(
        &'a self,
        key: &'a str,
        token: &'a BTreeMap<StreamId, u64>,
    ) -> BoxFuture<'a, anyhow::Result<Option<BTreeMap<String, u64>>>>;
    /// Reads lists, rows and tallies with a token for everything, and checks that they are exact.
    fn read_exactly(&self) -> BoxFuture<'_, anyhow::Result<()>>;
    /// Compares what its table holds with what the commits say.
    fn verify(&self, serving: u64, contents: Vec<Item>, history: &[Commit]) -> anyhow::Result<()>;
}

/// Which event table holds a category.
pub(crate) type Owners = BTreeMap<&'static str, String>;

/// A view.
pub(crate) struct ViewSubject<V: View> {
    pub(crate) world: Arc<World>,
    client: Client,
    pub(crate) owners: Owners,
    sources: Sources,
    pub(crate) reader: ViewReader<V>,
}

impl<V: View> ViewSubject<V> {
    pub(crate) fn subject(world: &Arc<World>, client: &Client, owners: &Owners) -> Arc<dyn Subject> {
        let sources = sources(client, owners, V::SOURCES);
        Arc::new(Self {
            world: Arc::clone(world),
            client: client.clone(),
            owners: owners.clone(),
            reader: ViewReader::new(client.clone(), V::NAME, sources.clone()),
            sources,
        })
    }

    /// The commits of one document that a read with these versions reflects.
    fn commits(&self, key: &str, versions: &BTreeMap<String, u64>) -> anyhow::Result<Vec<Commit>> {
        let mut commits = Vec::new();
        for (category, version) in versions {
            let owner = self.owners.get(category.as_str()).context("a foreign category")?;
            let stream = format!("{category}#{key}");
            for item in self.world.partition(owner, &stream) {
                let commit: Commit = serde_dynamo::from_item(item)?;
                if commit.last() <= *version {
                    commits.push(commit);
                }
            }
        }
        Ok(commits)
    }
}

/// The readers of these categories.
pub(crate) fn sources(client: &Client, owners: &Owners, categories: &[&str]) -> Sources {
    categories.iter().fold(Sources::new(), |sources, category| {
        sources.with(*category, CommitReader::new(client.clone(), &owners[category]))
    })
}

impl<V: View> Subject for ViewSubject<V> {
    fn name(&self) -> &'static str {
        V::NAME
    }

    fn categories(&self) -> &'static [&'static str] {
        V::SOURCES
    }

    fn table(&self) -> TableDefinition {
        view_table(V::NAME, V::FILTERS, V::USES.index)
    }

    fn function(&self, poisoned: bool) -> Arc<dyn BatchHandler> {
        let (client, sources, options) = (self.client.clone(), self.sources.clone(), Options::default());
        if poisoned {
            Arc::new(Projector::<Poisoned<V, EveryFifth>>::new(
                client,
                V::NAME,
                sources,
                options,
            ))
        } else {
            Arc::new(Projector::<V>::new(client, V::NAME, sources, options))
        }
    }

    fn sources(&self) -> &Sources {
        &self.sources
    }

    fn operated_by(&self, worker: Worker) -> Worker {
        worker.with_view::<V>(self.client.clone(), V::NAME, self.sources.clone())
    }

    fn read<'a>(
        &'a self,
        key: &'a str,
        token: &'a BTreeMap<StreamId, u64>,
    ) -> BoxFuture<'a, anyhow::Result<Option<BTreeMap<String, u64>>>> {
        Box::pin(async move {
            let read = ReadYourWrites {
                positions: token
                    .iter()
                    .map(|(stream, version)| (stream.clone(), *version))
                    .collect(),
                wait: None,
            };
            let fresh = match self.reader.get(key, &read).await {
                Ok(Some(fresh)) => fresh,
                Ok(None) => {
                    ensure!(token.is_empty(), "{} says that {key} is unknown", V::NAME);
                    return Ok(None);
                }
                // With faults that is what it has to say.
                Err(ReadError::Unavailable(_)) => return Ok(None),
                Err(error) => anyhow::bail!("{} cannot show {key}: {error}", V::NAME),
            };
            for (stream, version) in token {
                let shown = fresh.versions.get(stream.category()).copied().unwrap_or(0);
                ensure!(
                    shown >= *version || !V::SOURCES.contains(&stream.category()),
                    "{} shows {stream} at {shown} to a reader who knows {version}",
                    V::NAME
                );
            }
            let commits = self.commits(key, &fresh.versions)?;
            ensure!(
                fresh.document == fold::<V>(&commits),
                "{} shows something else for {key} at {:?} than its events say",
                V::NAME,
                fresh.versions
            );
            Ok(Some(fresh.versions))
        })
    }

    fn read_exactly(&self) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(self.read_lists())
    }

    fn verify(&self, serving: u64, contents: Vec<Item>, history: &[Commit]) -> anyhow::Result<()> {
        let sources = |commit: &&Commit| V::SOURCES.contains(&commit.stream.category());
        let history: Vec<Commit> = history.iter().filter(sources).cloned().collect();
        let expected = expected_contents::<V>(serving, &history)?;
        let mut found = found_contents(contents);
        for (place, expected) in &expected {
            let found = found.remove(place);
            ensure!(
                found.as_ref() == Some(expected),
                "{}: {place:?} should be {expected:#?} and is {found:#?}",
                V::NAME
            );
        }
        ensure!(found.is_empty(), "{}: left over: {found:#?}", V::NAME);
        Ok(())
    }
}
