//! The view with its tables and functions, and helpers that read an order.

use crate::{OrderHistory, router};
use aws_sdk_dynamodb::types::AttributeValue;
use commit::Commit;
use serde_json::Value;
use std::collections::HashMap;
use std::ops::Deref;
use testkit::ViewStack;

pub(crate) struct Stack(ViewStack<OrderHistory>);

impl Deref for Stack {
    type Target = ViewStack<OrderHistory>;

    fn deref(&self) -> &ViewStack<OrderHistory> {
        &self.0
    }
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self(ViewStack::start(router).await)
    }

    /// Writes a commit to the event table, as its service does.
    pub(crate) async fn store(&self, commit: &Commit) {
        self.store_with(commit, &[]).await;
    }

    /// Writes as [`Self::store`] does, with attributes that only the service itself reads.
    pub(crate) async fn store_with(&self, commit: &Commit, private: &[(&str, &str)]) {
        let mut item: HashMap<String, AttributeValue> = serde_dynamo::to_item(commit).unwrap();
        let text = |value: &str| AttributeValue::S(value.to_owned());
        item.extend(
            private
                .iter()
                .map(|(name, value)| ((*name).to_owned(), text(value))),
        );
        let put = self.bench.client.put_item().table_name(&self.bench.event_table);
        put.set_item(Some(item)).send().await.unwrap();
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
                String::from_utf8_lossy(&answer.bytes)
            );
            answer.json()
        }
    }

    /// Returns the order in its consumer's list.
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
