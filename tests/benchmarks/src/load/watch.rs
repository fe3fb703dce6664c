//! An interceptor that counts calls and writes, and measures the time from every commit until the order history has it.

use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

type Item = HashMap<String, AttributeValue>;

/// The observations so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    calls: AtomicU64,
    writes: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Commits that the order history does not show yet, by stream: last version, and time of the write.
    waiting: HashMap<String, Vec<(u64, Instant)>>,
    lags: Vec<Duration>,
    completed: HashMap<String, Option<oneshot::Sender<()>>>,
}

impl Seen {
    /// Returns the number of calls so far, of any kind and outcome.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// Returns the number of items written so far.
    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the lock")
    }

    /// Returns the lags since the last call.
    pub(crate) fn take_lags(&self) -> Vec<Duration> {
        std::mem::take(&mut self.state().lags)
    }

    /// Waits until the order history shows the order approved, with payment and confirmed ticket.
    pub(crate) async fn all_the_way(&self, order: &str) {
        let (sender, receiver) = oneshot::channel();
        {
            let mut state = self.state();
            if state.completed.remove(order).is_some() {
                return;
            }
            state.completed.insert(order.to_owned(), Some(sender));
        }
        let _ = receiver.await;
    }

    fn written(&self, put: &Put) {
        self.writes.fetch_add(put.items, Relaxed);
        let Some((table, item)) = &put.item else { return };
        let Some(pk) = item.get("pk").and_then(|pk| pk.as_s().ok()) else {
            return;
        };
        let mut state = self.state();
        if table == "order-history" {
            if let Some(order) = pk.strip_prefix("g1#") {
                state.shown(order, item);
            }
        } else if ["order#", "ticket#", "payment#"]
            .iter()
            .any(|category| pk.starts_with(category))
        {
            let last = number(item.get("sk")) + number(item.get("n")) - 1;
            state
                .waiting
                .entry(pk.clone())
                .or_default()
                .push((last, Instant::now()));
        }
    }
}

impl State {
    fn shown(&mut self, order: &str, document: &Item) {
        let now = Instant::now();
        let Some(AttributeValue::M(versions)) = document.get("v") else {
            return;
        };
        let version = |source: &str| number(versions.get(source));
        for source in versions.keys() {
            let stream = format!("{source}#{order}");
            if let Some(waiting) = self.waiting.get_mut(&stream) {
                let shown = version(source);
                let lags = waiting.extract_if(.., |(last, _)| *last <= shown);
                self.lags.extend(lags.map(|(_, written)| now - written));
                if waiting.is_empty() {
                    self.waiting.remove(&stream);
                }
            }
        }
        // Created and approved; created and confirmed; authorized.
        if version("order") >= 2 && version("ticket") >= 2 && version("payment") >= 1 {
            match self.completed.remove(order) {
                Some(Some(waiting)) => drop(waiting.send(())),
                _ => drop(self.completed.insert(order.to_owned(), None)),
            }
        }
    }
}

fn number(value: Option<&AttributeValue>) -> u64 {
    value
        .and_then(|value| value.as_n().ok()?.parse().ok())
        .unwrap_or(0)
}

/// Observes the calls of the services' DynamoDB client.
#[derive(Debug)]
pub(crate) struct Watch(pub(crate) Arc<Seen>);

#[derive(Debug)]
struct Put {
    items: u64,
    item: Option<(String, Item)>,
}

impl Storable for Put {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let put = if let Some(put) = context.input().downcast_ref::<PutItemInput>() {
            let place = put.table_name().map(str::to_owned);
            Put {
                items: 1,
                item: place.zip(put.item().cloned()),
            }
        } else if let Some(transaction) = context.input().downcast_ref::<TransactWriteItemsInput>() {
            Put {
                items: transaction.transact_items().len() as u64,
                item: None,
            }
        } else {
            return Ok(());
        };
        cfg.interceptor_state().store_put(put);
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.calls.fetch_add(1, Relaxed);
        if let (Some(Ok(_)), Some(put)) = (context.output_or_error(), cfg.load::<Put>()) {
            self.0.written(put);
        }
        Ok(())
    }
}
