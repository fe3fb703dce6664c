//! A view as its functions run it, for the tests of views: event table, projector and query function on a DynamoDB in the
//! process.

use crate::bench::Bench;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::ConfigBag;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use axum::Router;
use axum::body::{Body, to_bytes};
use commit::{Commit, Parcel};
use function::Wiring;
use http::{HeaderMap, Request};
use local_dynamodb::LocalDynamo;
use projection::testing::{batch, message};
use projection::{BatchHandler, Options, Projector, View};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use tower::ServiceExt;
use utoipa_axum::router::OpenApiRouter;

/// A view with its tables, its projector and its query function.
pub struct ViewStack<V: View> {
    /// The tables. What is only stored here, nobody has projected yet.
    pub bench: Bench,
    /// What the query function asked of DynamoDB.
    pub calls: Calls,
    projector: Projector<V>,
    query: Router,
    _dynamo: LocalDynamo,
}

/// The operations that were sent to DynamoDB, by name.
#[derive(Debug, Clone, Default)]
pub struct Calls(Arc<Mutex<Vec<String>>>);

/// What the query function answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl<V: View> ViewStack<V> {
    /// A fresh one, with the router of the view's query function.
    ///
    /// # Panics
    /// When the DynamoDB does not start.
    pub async fn start(router: fn(&Wiring) -> OpenApiRouter) -> Self {
        let dynamo = LocalDynamo::in_memory().await.expect("a DynamoDB in memory");
        let bench = Bench::create(dynamo.client(), V::NAME, V::FILTERS)
            .await
            .expect("tables in a DynamoDB of one's own");
        let calls = Calls::default();
        let counted = Client::from_conf(dynamo.config().interceptor(calls.clone()).build());
        let wiring = Wiring::new(counted).documents(V::NAME, &bench.view_table);
        let wiring = V::SOURCES.iter().fold(wiring, |wiring, source| {
            wiring.events(*source, &bench.event_table)
        });
        let (query, _) = router(&wiring).split_for_parts();
        Self {
            projector: Projector::new(
                dynamo.client(),
                &bench.view_table,
                bench.sources(V::SOURCES),
                Options::default(),
            ),
            query: http_api::finish(query),
            bench,
            calls,
            _dynamo: dynamo,
        }
    }

    /// Stores these commits and delivers them.
    ///
    /// # Panics
    /// When they are not stored, or the projector wants them again.
    pub async fn publish(&self, commits: &[Commit]) {
        self.bench.store(commits).await.expect("the commits are stored");
        for some in commits.chunks(50) {
            let parcels = some.iter().cloned().map(Parcel::Whole).collect();
            let messages = batch(vec![message("message", 1, parcels)]);
            let response = self.projector.handle(messages).await;
            assert!(
                response.batch_item_failures.is_empty(),
                "a commit is to come again"
            );
        }
    }

    /// GET with these headers.
    ///
    /// # Panics
    /// When the path or a header is none.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| {
            request.header(*name, *value)
        });
        let request = request.body(Body::empty()).expect("a request that can be sent");
        let Ok(answer) = self.query.clone().oneshot(request).await;
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a whole answer");
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.to_vec(),
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }
}

impl Answer {
    /// The body.
    ///
    /// # Panics
    /// When it is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("an answer in JSON")
    }

    /// The elements of a page.
    ///
    /// # Panics
    /// When the answer is no page of them.
    #[track_caller]
    #[must_use]
    pub fn page(&self, what: &str) -> Vec<Value> {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, 200, "{text}");
        match self.json()[what].as_array() {
            Some(elements) => elements.clone(),
            None => panic!("no {what}: {text}"),
        }
    }

    /// Where the next page begins.
    #[track_caller]
    #[must_use]
    pub fn cursor(&self) -> Option<String> {
        self.json()["nextCursor"].as_str().map(str::to_owned)
    }
}

impl Calls {
    /// What was sent since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
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
        let target = context
            .request()
            .headers()
            .get("x-amz-target")
            .unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(operation);
        Ok(())
    }
}
