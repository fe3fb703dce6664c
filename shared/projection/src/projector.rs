use crate::engine::Engine;
use crate::options::Options;
use crate::reactor::{Effects, Reactor};
use crate::report::BatchReport;
use crate::source::Sources;
use crate::subscriber::{ReactorOf, ViewOf};
use crate::table::Table;
use crate::view::View;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::Client;
use futures::future::BoxFuture;
use std::marker::PhantomData;

/// A handler of batches of queue messages: a projector or a reactor runner. Lambda's main and the embedded stack call
/// it.
pub trait BatchHandler: Send + Sync {
    /// Handles the batch. The response names the messages to deliver again.
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse>;
}

/// A projector, which keeps a view's table up to date.
pub struct Projector<V: View>(Engine<ViewOf<V>>);

impl<V: View> Projector<V> {
    /// Creates a projector that writes this table and heals from these event tables.
    pub fn new(client: Client, view_table: impl Into<String>, sources: Sources, options: Options) -> Self {
        let name = view_table.into();
        let table = Table { client, name };
        Self(Engine::new(ViewOf(PhantomData), table, sources, options))
    }

    /// Handles a batch, and returns the response and a report.
    pub async fn handle_batch(&self, event: SqsEvent) -> (SqsBatchResponse, BatchReport) {
        self.0.handle(event).await
    }
}

impl<V: View> BatchHandler for Projector<V> {
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse> {
        Box::pin(async move { self.0.handle(event).await.0 })
    }
}

/// A runner of a reactor.
pub struct ReactorRunner<R: Reactor, E: Effects<R::Command>>(Engine<ReactorOf<R, E>>);

impl<R: Reactor, E: Effects<R::Command>> ReactorRunner<R, E> {
    /// Creates a runner that keeps its documents in this table, heals from these event tables and passes commands to
    /// `effects`.
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

    /// Handles a batch, and returns the response and a report.
    pub async fn handle_batch(&self, event: SqsEvent) -> (SqsBatchResponse, BatchReport) {
        self.0.handle(event).await
    }
}

impl<R: Reactor, E: Effects<R::Command>> BatchHandler for ReactorRunner<R, E> {
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse> {
        Box::pin(async move { self.0.handle(event).await.0 })
    }
}
