//! The view on the local DynamoDB: event tables, projector, query function; and a count of what they ask of DynamoDB.

use crate::{OrderHistory, router};
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::ConfigBag;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use axum::Router;
use axum::body::{Body, to_bytes};
use commit::{Commit, Message, Parcel};
use event_store::event_table;
use function::Wiring;
use http::{HeaderMap, Request};
use local_dynamodb::LocalDynamo;
use projection::{BatchHandler, Projector, View, view_table};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

const EVENTS: &str = "events";
const VIEW: &str = "order-history";

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
        let target = context
            .request()
            .headers()
            .get("x-amz-target")
            .unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        self.0.lock().unwrap().push(operation);
        Ok(())
    }
}

pub(crate) struct Stack {
    dynamo: LocalDynamo,
    projector: Projector<OrderHistory>,
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
}

impl Stack {
    pub(crate) async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        event_table(EVENTS)
            .without_stream()
            .create(&dynamo.client())
            .await
            .unwrap();
        view_table(VIEW, OrderHistory::FILTERS, true)
            .create(&dynamo.client())
            .await
            .unwrap();
        let calls = Calls::default();
        let counted = Client::from_conf(dynamo.config().interceptor(calls.clone()).build());
        let (query, _) = router(&wiring(&counted)).split_for_parts();
        let projector = wiring(&dynamo.client()).projector();
        Self {
            dynamo,
            projector,
            query: http_api::finish(query),
            calls,
        }
    }

    /// Writes a commit to the event table, as its service does.
    pub(crate) async fn store(&self, commit: &Commit) {
        self.store_with(commit, &[]).await;
    }

    /// As [`Self::store`], with attributes that only the service itself reads.
    pub(crate) async fn store_with(&self, commit: &Commit, private: &[(&str, &str)]) {
        let Value::Object(mut fields) = serde_json::to_value(commit).unwrap() else {
            panic!("a commit is an object");
        };
        fields.extend(
            private
                .iter()
                .map(|(name, text)| ((*name).to_owned(), Value::from(*text))),
        );
        let item = fields
            .into_iter()
            .map(|(name, value)| (name, attribute(value)))
            .collect();
        let put = self
            .dynamo
            .client()
            .put_item()
            .table_name(EVENTS)
            .set_item(Some(item));
        put.send().await.unwrap();
    }

    /// Delivers commits to the projector in one message.
    pub(crate) async fn deliver(&self, commits: &[Commit]) {
        let body = Message::of(commits.iter().cloned().map(Parcel::Whole).collect());
        let mut message = SqsMessage::default();
        message.message_id = Some("m1".to_owned());
        message.body = Some(serde_json::to_string(&body).unwrap());
        message
            .attributes
            .insert("MessageGroupId".to_owned(), "lane-1".to_owned());
        let mut batch = SqsEvent::default();
        batch.records = vec![message];
        let failed = self.projector.handle(batch).await.batch_item_failures;
        assert!(failed.is_empty(), "{failed:?}");
    }

    /// Stores and delivers.
    pub(crate) async fn publish(&self, commits: &[Commit]) {
        for commit in commits {
            self.store(commit).await;
        }
        for some in commits.chunks(50) {
            self.deliver(some).await;
        }
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let response = self.query.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    #[track_caller]
    pub(crate) fn json(&self, path: &str) -> impl Future<Output = Value> {
        let path = path.to_owned();
        async move {
            let answer = self.get(&path).await;
            assert_eq!(
                answer.status,
                200,
                "{path}: {}",
                String::from_utf8_lossy(&answer.body)
            );
            answer.json()
        }
    }

    /// The order in its consumer's list.
    pub(crate) async fn listed(&self, id: &str) -> Value {
        let mut path = format!(
            "/orders?consumerId={}&limit=100",
            crate::tests::commits::consumer()
        );
        let first = path.clone();
        loop {
            let page = self.json(&path).await;
            let orders = page["orders"].as_array().unwrap();
            if let Some(order) = orders.iter().find(|order| order["orderId"] == id) {
                return order.clone();
            }
            let cursor = page["nextCursor"].as_str().expect("the order is listed");
            path = format!("{first}&cursor={cursor}");
        }
    }
}

fn wiring(client: &Client) -> Wiring {
    let wiring = Wiring::new(client.clone()).documents(OrderHistory::NAME, VIEW);
    let sources = OrderHistory::SOURCES.iter();
    sources.fold(wiring, |wiring, category| wiring.events(*category, EVENTS))
}

fn attribute(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(value),
        Value::Number(value) => AttributeValue::N(value.to_string()),
        Value::String(value) => AttributeValue::S(value),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(attribute).collect()),
        Value::Object(fields) => AttributeValue::M(
            fields
                .into_iter()
                .map(|(name, value)| (name, attribute(value)))
                .collect(),
        ),
    }
}
