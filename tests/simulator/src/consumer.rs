//! Simulates Lambda between a queue and a subscriber's function.

use crate::faults::Fault;
use crate::lambda::invoke;
use crate::queue::{Queue, Queues};
use crate::world::World;
use aws_lambda_events::event::sqs::SqsEvent;
use fifo::{Delivery, Outcome};
use projection::{BatchHandler, pause};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A subscriber's function. A deployment replaces it; invocations in progress continue with the old one.
#[derive(Clone)]
pub(crate) struct Function(Arc<Mutex<Arc<dyn BatchHandler>>>);

impl Function {
    pub(crate) fn new(handler: Arc<dyn BatchHandler>) -> Self {
        Self(Arc::new(Mutex::new(handler)))
    }

    pub(crate) fn deploy(&self, handler: Arc<dyn BatchHandler>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = handler;
    }

    fn deployed(&self) -> Arc<dyn BatchHandler> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One of the instances that read a queue.
pub(crate) struct Consumer {
    pub(crate) world: Arc<World>,
    pub(crate) queues: Arc<Queues>,
    pub(crate) name: String,
    pub(crate) instance: usize,
    pub(crate) batch: usize,
    pub(crate) function: Function,
    pub(crate) timeout: Duration,
}

impl Consumer {
    /// Consumes until it is dropped.
    pub(crate) async fn run(self) {
        let queue = self.queues.of(&self.name);
        loop {
            let changed = queue.changed();
            let admitted = self.world.admitted().await;
            let received = queue.receive(&self.world, self.batch);
            if received.is_empty() {
                drop(admitted);
                match queue.next_shown() {
                    Some(at) => {
                        // After a change or the timeout the queue is read again.
                        let _ = tokio::time::timeout_at(at, changed).await;
                    }
                    None => changed.await,
                }
                self.world.pause(10).await;
                continue;
            }
            self.invoke(queue, received).await;
        }
    }

    async fn invoke(&self, queue: &Queue, received: Vec<Delivery>) {
        let name = format!("{}/{}", self.name, self.instance);
        self.world.note(format_args!("{name} gets {:?}", Ids(&received)));
        let mut event = SqsEvent::default();
        event.records = received.iter().map(Delivery::message).collect();
        let function = self.function.deployed();
        let response = invoke(&self.world, name, self.timeout, function.handle(event)).await;
        let response = response.filter(|_| !self.world.happens(Fault::AcknowledgementLost));
        let failed: BTreeSet<String> = match &response {
            Some(response) => {
                let failures = response.batch_item_failures.iter();
                failures.map(|failure| failure.item_identifier.clone()).collect()
            }
            None => received.iter().map(|delivery| delivery.id.clone()).collect(),
        };
        self.world
            .note(format_args!("{}/{} fails {failed:?}", self.name, self.instance));
        // A function that was killed cannot change when its messages are shown again.
        let pauses = response.is_some() && !failed.is_empty() && !self.world.happens(Fault::PauseRefused);
        queue.settle(&received, |delivery| match failed.contains(&delivery.id) {
            false => Outcome::Deleted,
            true if pauses => Outcome::ShownAfter(pause(&delivery.message())),
            true => Outcome::Untouched,
        });
    }
}

struct Ids<'a>(&'a [Delivery]);

impl std::fmt::Debug for Ids<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|delivery| &delivery.id))
            .finish()
    }
}
