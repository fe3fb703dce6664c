use crate::engine::{Engine, Unfinished};
use crate::item::quarantine_partition;
use crate::reactor::{Effects, Reactor};
use crate::report::BatchReport;
use crate::source::Sources;
use crate::subscriber::{ReactorOf, Subscriber, ViewOf};
use crate::table::Table;
use crate::view::View;
use crate::write::Quarantined;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::Client;
use futures::future::BoxFuture;
use std::marker::PhantomData;

/// What takes a batch of queue messages: a projector or a reactor. What Lambda's main and the embedded stack call.
pub trait BatchHandler: Send + Sync {
    /// Handles the batch; the response names the messages to deliver again.
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse>;
}

/// How an engine works through a batch.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many documents of a batch are handled at once.
    pub concurrency: usize,
    /// How often a document's write is tried when others write it too, and how often a batch read asks for what DynamoDB
    /// left unprocessed.
    pub attempts: u32,
    /// How often an effect is tried within one delivery of its message. What failed for a moment would otherwise hold its
    /// whole lane for as long as the queue hides a message, which is minutes. Four take about a third of a second.
    pub effect_tries: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 32,
            attempts: 8,
            effect_tries: 4,
        }
    }
}

/// What [`Projector::recover`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Commits that were applied, over all generations.
    pub applied: u64,
    /// The sources that stand still again.
    pub quarantined: Vec<String>,
}

/// Why a document could not be recovered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the document could not be recovered now, try again: {0}")]
pub struct RecoverError(String);

/// Why the quarantine could not be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the quarantine cannot be read now: {0}")]
pub struct QuarantineError(String);

/// Keeps a view's table up to date.
pub struct Projector<V: View>(Engine<ViewOf<V>>);

impl<V: View> Projector<V> {
    /// A projector that writes this table and heals from these event tables.
    pub fn new(client: Client, view_table: impl Into<String>, sources: Sources, options: Options) -> Self {
        let name = view_table.into();
        let table = Table { client, name };
        Self(Engine::new(ViewOf(PhantomData), table, sources, options))
    }

    /// Handles a batch and says what it did.
    pub async fn handle_batch(&self, event: SqsEvent) -> (SqsBatchResponse, BatchReport) {
        self.0.handle(event).await
    }

    /// Lifts the quarantine of one document and heals it from the event tables, in every generation that is fed: what to
    /// do after a fix is deployed. What still cannot be applied goes back into quarantine.
    ///
    /// # Errors
    /// [`RecoverError`] when a table could not be read or written. Running it again is always safe.
    pub async fn recover(&self, key: &str) -> Result<Recovered, RecoverError> {
        self.0.recover(key).await
    }

    /// The sources of documents that stand still, in every generation that is fed.
    ///
    /// # Errors
    /// [`QuarantineError`].
    pub async fn quarantined(&self) -> Result<Vec<Quarantined>, QuarantineError> {
        self.0.quarantined().await
    }
}

impl<V: View> BatchHandler for Projector<V> {
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse> {
        Box::pin(async move { self.0.handle(event).await.0 })
    }
}

/// Runs a reactor.
pub struct ReactorRunner<R: Reactor, E: Effects<R::Command>>(Engine<ReactorOf<R, E>>);

impl<R: Reactor, E: Effects<R::Command>> ReactorRunner<R, E> {
    /// A runner that keeps its documents in this table, heals from these event tables and hands commands to `effects`.
    pub fn new(
        client: Client,
        table: impl Into<String>,
        sources: Sources,
        effects: E,
        options: Options,
    ) -> Self {
        let name = table.into();
        let table = Table { client, name };
        let reactor = PhantomData;
        Self(Engine::new(
            ReactorOf { effects, reactor },
            table,
            sources,
            options,
        ))
    }

    /// Handles a batch and says what it did.
    pub async fn handle_batch(&self, event: SqsEvent) -> (SqsBatchResponse, BatchReport) {
        self.0.handle(event).await
    }

    /// Lifts the quarantine of one document and heals it from the event tables; the effects run.
    ///
    /// # Errors
    /// [`RecoverError`] when a table could not be read or written, or an effect failed. Running it again is always safe.
    pub async fn recover(&self, key: &str) -> Result<Recovered, RecoverError> {
        self.0.recover(key).await
    }

    /// The sources of documents that stand still.
    ///
    /// # Errors
    /// [`QuarantineError`].
    pub async fn quarantined(&self) -> Result<Vec<Quarantined>, QuarantineError> {
        self.0.quarantined().await
    }
}

impl<R: Reactor, E: Effects<R::Command>> BatchHandler for ReactorRunner<R, E> {
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse> {
        Box::pin(async move { self.0.handle(event).await.0 })
    }
}

impl<S: Subscriber> Engine<S> {
    async fn recover(&self, key: &str) -> Result<Recovered, RecoverError> {
        let failed = |Unfinished(error)| RecoverError(error);
        let meter = self.meter();
        let mut recovered = Recovered::default();
        let registry = self.registry(&meter).await.map_err(failed)?;
        meter.note(|report| report.serving = registry.serving);
        for generation in registry.feeding {
            let outcome = self.lifted(generation, key, &meter).await.map_err(failed)?;
            recovered.applied += outcome.applied.len() as u64;
            recovered.quarantined.extend(outcome.condemned);
            if let Some(reason) = outcome.reason {
                return Err(RecoverError(reason));
            }
        }
        meter.finish().emit();
        Ok(recovered)
    }

    async fn quarantined(&self) -> Result<Vec<Quarantined>, QuarantineError> {
        let failed = |Unfinished(error)| QuarantineError(error);
        let meter = self.meter();
        let mut listed = Vec::new();
        for generation in self.registry(&meter).await.map_err(failed)?.feeding {
            let items = self
                .table
                .partition(&quarantine_partition(generation), &meter)
                .await
                .map_err(QuarantineError)?;
            listed.extend(
                items
                    .iter()
                    .filter_map(|item| Quarantined::read(generation, item)),
            );
        }
        Ok(listed)
    }
}
