//! The view on the local DynamoDB: projector, query function, and a count of what the latter asks of DynamoDB.

use crate::commits::id;
use available_restaurants::{AvailableRestaurants, router};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::ConfigBag;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use axum::Router;
use axum::body::{Body, to_bytes};
use commit::{Commit, Parcel};
use http::{HeaderMap, Request};
use local_dynamodb::LocalDynamo;
use projection::testing::{Bench, batch, message};
use projection::{BatchHandler, Options, Projector, View, ViewReader};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;
use view_function::SourceTables;

/// The operations that were sent, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Vec<String>>>);

impl Calls {
    /// What was sent since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[dyn_dispatch_hint]
impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "Calls"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request().headers();
        let target = headers.get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        self.0.lock().unwrap().push(operation);
        Ok(())
    }
}

pub(crate) struct Stack {
    _dynamo: LocalDynamo,
    pub(crate) bench: Bench,
    projector: Projector<AvailableRestaurants>,
    query: Router,
    /// What the query function asked.
    pub(crate) calls: Calls,
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

    /// The restaurants on the page, by number.
    #[track_caller]
    pub(crate) fn found(&self) -> Vec<u128> {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        let page = self.json();
        let found = page["restaurants"].as_array().unwrap().iter();
        let number = |restaurant: &Value| {
            let id = restaurant["restaurantId"].as_str().unwrap();
            id.parse::<contracts::RestaurantId>().unwrap().uuid().as_u128()
        };
        found.map(number).collect()
    }

    pub(crate) fn cursor(&self) -> Option<String> {
        self.json()["nextCursor"].as_str().map(str::to_owned)
    }
}

impl Stack {
    pub(crate) async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let bench = Bench::create(dynamo.client(), "available", &[]).await.unwrap();
        let sources = bench.sources(AvailableRestaurants::SOURCES);
        let projector = Projector::new(dynamo.client(), &bench.view_table, sources, Options::default());
        let calls = Calls::default();
        let counted = Client::from_conf(dynamo.config().interceptor(calls.clone()).build());
        let tables = SourceTables::new(&counted, [("restaurant", &*bench.event_table)]);
        let reader = ViewReader::new(counted, &bench.view_table, tables.sources());
        let (query, _) = router(reader, tables).split_for_parts();
        Self {
            _dynamo: dynamo,
            bench,
            projector,
            query: http_api::finish(query),
            calls,
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

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// Which restaurants are open for a zip code, on all pages.
    pub(crate) async fn open(&self, zip: &str, at: &str) -> Vec<u128> {
        let first = format!("/restaurants/available?zip={zip}&at={at}&limit=100");
        let mut page = self.get(&first).await;
        let mut found = page.found();
        while let Some(cursor) = page.cursor() {
            page = self.get(&format!("{first}&cursor={cursor}")).await;
            found.extend(page.found());
        }
        found
    }

    /// The places of all rows in the view's table.
    pub(crate) async fn rows(&self) -> Vec<(String, String)> {
        let items = self.bench.contents().await.unwrap().into_iter();
        let text = |value: &aws_sdk_dynamodb::types::AttributeValue| value.as_s().unwrap().clone();
        let places = items.map(|item| (text(&item["pk"]), text(&item["sk"])));
        let mut rows: Vec<_> = places.filter(|(_, sort)| *sort != "-").collect();
        rows.sort();
        rows
    }

    pub(crate) async fn rows_of(&self, number: u128) -> usize {
        let id = id(number).to_string();
        self.rows().await.iter().filter(|(_, sort)| *sort == id).count()
    }
}
