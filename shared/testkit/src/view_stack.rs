use crate::bench::Bench;
use crate::calls::Calls;
use crate::client::Client;
use commit::{Commit, Parcel};
use function::Wiring;
use local_dynamodb::LocalDynamo;
use projection::testing::{batch, message};
use projection::{BatchHandler, Options, Projector, View};
use std::ops::Deref;
use utoipa_axum::router::OpenApiRouter;

/// A view as its functions run it: event table, projector and query function on a DynamoDB in the process.
pub struct ViewStack<V: View> {
    /// The tables. Commits that are only stored here are not projected.
    pub bench: Bench,
    /// The query function's requests to DynamoDB.
    pub calls: Calls,
    projector: Projector<V>,
    query: Client,
    _dynamo: LocalDynamo,
}

impl<V: View> ViewStack<V> {
    /// Starts a new stack with the router of the view's query function.
    ///
    /// # Panics
    /// When DynamoDB does not start.
    pub async fn start(router: fn(&Wiring) -> OpenApiRouter) -> Self {
        let dynamo = LocalDynamo::in_memory().await.expect("DynamoDB starts in memory");
        let bench = Bench::create(dynamo.client(), V::NAME, V::FILTERS)
            .await
            .expect("tables in a DynamoDB of one's own");
        let bench = bench.filled().await.expect("an item in one of them");
        let calls = Calls::default();
        let counted = aws_sdk_dynamodb::Client::from_conf(dynamo.config().interceptor(calls.clone()).build());
        let wiring = Wiring::new(counted).documents(V::NAME, &bench.view_table);
        let wiring = V::SOURCES.iter().fold(wiring, |wiring, source| {
            wiring.events(*source, &bench.event_table)
        });
        Self {
            projector: Projector::new(
                dynamo.client(),
                &bench.view_table,
                bench.sources(V::SOURCES),
                Options::default(),
            ),
            query: Client::new(router(&wiring)),
            bench,
            calls,
            _dynamo: dynamo,
        }
    }

    /// Stores these commits and delivers them.
    ///
    /// # Panics
    /// When the commits are not stored, or the projector fails one.
    pub async fn publish(&self, commits: &[Commit]) {
        self.bench.store(commits).await.expect("the commits are stored");
        self.deliver(commits).await;
    }

    /// Delivers these commits, 50 per message.
    ///
    /// # Panics
    /// When the projector fails one.
    pub async fn deliver(&self, commits: &[Commit]) {
        for some in commits.chunks(50) {
            let parcels = some.iter().cloned().map(Parcel::Whole).collect();
            let messages = batch(vec![message("message", 1, parcels)]);
            let response = self.projector.handle(messages).await;
            assert!(response.batch_item_failures.is_empty(), "a commit failed");
        }
    }
}

/// Requests are sent to the query function.
impl<V: View> Deref for ViewStack<V> {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.query
    }
}
