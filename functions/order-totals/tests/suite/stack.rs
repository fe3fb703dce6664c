//! The view on the local DynamoDB: event table, projector, query function.

use axum::Router;
use axum::body::{Body, to_bytes};
use commit::{Commit, Parcel};
use http::{HeaderMap, Request};
use local_dynamodb::LocalDynamo;
use order_totals::{OrderTotals, router};
use projection::testing::{Bench, batch, message};
use projection::{BatchHandler, Options, Projector, View, ViewReader};
use serde_json::Value;
use tower::ServiceExt;
use view_function::SourceTables;

pub(crate) struct Stack {
    _dynamo: LocalDynamo,
    pub(crate) bench: Bench,
    projector: Projector<OrderTotals>,
    query: Router,
}

/// What the query function answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Stack {
    pub(crate) async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        let bench = Bench::create(client.clone(), "totals", &[]).await.unwrap();
        let tables = SourceTables::new(&client, [("order", &*bench.event_table)]);
        let projector = Projector::new(
            client.clone(),
            &bench.view_table,
            bench.sources(OrderTotals::SOURCES),
            Options::default(),
        );
        let reader = ViewReader::new(client, &bench.view_table, tables.sources());
        let (query, _) = router(reader, tables).split_for_parts();
        Self {
            _dynamo: dynamo,
            bench,
            projector,
            query: http_api::finish(query),
        }
    }

    /// Stores and delivers.
    pub(crate) async fn publish(&self, commits: &[Commit]) {
        self.bench.store(commits).await.unwrap();
        for some in commits.chunks(50) {
            let parcels = some.iter().cloned().map(Parcel::Whole).collect();
            let handled = self
                .projector
                .handle(batch(vec![message("m1", 1, parcels)]))
                .await;
            assert!(handled.batch_item_failures.is_empty());
        }
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let (parts, body) = self.query.clone().oneshot(request).await.unwrap().into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get_with(path, &[]).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }
}
