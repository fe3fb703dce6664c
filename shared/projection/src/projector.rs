use crate::reactor::{Effects, Reactor};
use crate::source::Sources;
use crate::view::View;
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
    /// How often a document's write is tried when others write it too, or DynamoDB is busy.
    pub attempts: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 16,
            attempts: 8,
        }
    }
}

/// Keeps a view's table up to date.
pub struct Projector<V> {
    client: Client,
    table: String,
    sources: Sources,
    options: Options,
    v: PhantomData<fn() -> V>,
}
impl<V: View> Projector<V> {
    /// A projector that writes this table and heals from these event tables.
    pub fn new(client: Client, view_table: impl Into<String>, sources: Sources, options: Options) -> Self {
        Self {
            client,
            table: view_table.into(),
            sources,
            options,
            v: PhantomData,
        }
    }
}
impl<V: View> BatchHandler for Projector<V> {
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse> {
        unimplemented!()
    }
}

/// Runs a reactor.
pub struct ReactorRunner<R, E> {
    client: Client,
    table: String,
    sources: Sources,
    options: Options,
    effects: E,
    v: PhantomData<fn() -> R>,
}
impl<R: Reactor, E: Effects<R::Command>> ReactorRunner<R, E> {
    /// A runner that keeps its documents in this table, heals from these event tables and hands commands to `effects`.
    pub fn new(
        client: Client,
        table: impl Into<String>,
        sources: Sources,
        effects: E,
        options: Options,
    ) -> Self {
        Self {
            client,
            table: table.into(),
            sources,
            options,
            effects,
            v: PhantomData,
        }
    }
}
impl<R: Reactor, E: Effects<R::Command>> BatchHandler for ReactorRunner<R, E> {
    fn handle<'a>(&'a self, event: SqsEvent) -> BoxFuture<'a, SqsBatchResponse> {
        unimplemented!()
    }
}
