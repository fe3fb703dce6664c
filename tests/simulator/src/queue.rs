//! The FIFO queues of the run, and the sink through which the relay sends.

use crate::faults::Fault;
use crate::lambda::Invocation;
use crate::workshop::Workshop;
use crate::world::World;
use fifo::{Delivery, Envelope, Fifo, Outcome};
use projection::operations::Task;
use relay::{Failed, MessageSink, OutgoingMessage, SinkError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// All queues, by subscriber.
pub(crate) struct Queues(BTreeMap<String, Queue>);

/// One FIFO queue with its dead-letter queue.
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    changed: Notify,
}

struct Inner {
    fifo: Fifo,
    /// The number of the last named message.
    number: u64,
}

impl Queues {
    pub(crate) fn new(names: impl IntoIterator<Item = String>, visibility: Duration) -> Self {
        let queue = || Queue {
            inner: Mutex::new(Inner {
                fifo: Fifo::new(visibility),
                number: 0,
            }),
            changed: Notify::new(),
        };
        Self(names.into_iter().map(|name| (name, queue())).collect())
    }

    /// Whether a subscriber has one.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn of(&self, name: &str) -> &Queue {
        &self.0[name]
    }

    /// Wakes the consumers.
    pub(crate) fn wake(&self) {
        self.0.values().for_each(|queue| queue.changed.notify_waiters());
    }

    /// Returns the number of messages that wait or are in flight, dead letters included.
    pub(crate) fn outstanding(&self) -> usize {
        let messages = |queue: &Queue| {
            let inner = queue.inner();
            inner.fifo.depth().messages + inner.fifo.dead_letters().count()
        };
        self.0.values().map(messages).sum()
    }
}

impl Queue {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changed(&self) -> tokio::sync::futures::Notified<'_> {
        self.changed.notified()
    }

    /// Accepts a message. Returns `false` if it is a duplicate.
    pub(crate) fn send(&self, group: &str, dedup: &str, body: String) -> bool {
        let mut guard = self.inner();
        let inner = &mut *guard;
        let message = Envelope {
            id: name(inner.number + 1),
            group: group.to_owned(),
            dedup: dedup.to_owned(),
            body,
        };
        let taken = inner.fifo.send(message, Instant::now());
        if taken {
            inner.number += 1;
            self.changed.notify_waiters();
        }
        taken
    }

    /// Returns at most `most` messages from the fronts of unlocked groups, beginning with a random group.
    pub(crate) fn receive(&self, world: &World, most: usize) -> Vec<Delivery> {
        let mut inner = self.inner();
        let groups = inner.fifo.groups().max(1);
        inner.fifo.start_with(world.draw(|random| random.usize(..groups)));
        let received = inner.fifo.receive(Instant::now(), most);
        drop(inner);
        received.dead.iter().for_each(|_| world.count(Fault::DeadLetter));
        if !received.dead.is_empty() {
            self.changed.notify_waiters();
        }
        (0..received.overdue).for_each(|_| world.count(Fault::VisibilityExpired));
        received.batch
    }

    /// Settles the messages of a batch, except those that another consumer has received since.
    pub(crate) fn settle(&self, batch: &[Delivery], outcome: impl Fn(&Delivery) -> Outcome) {
        self.inner().fifo.settle(batch, Instant::now(), outcome);
        self.changed.notify_waiters();
    }

    /// Returns when a hidden message is shown again.
    pub(crate) fn next_shown(&self) -> Option<Instant> {
        self.inner().fifo.next_shown(Instant::now())
    }

    /// Returns the number of dead letters.
    pub(crate) fn dead(&self) -> usize {
        self.inner().fifo.dead_letters().count()
    }

    /// Removes the dead letters and returns their bodies.
    fn take_dead(&self) -> Vec<String> {
        let letters = self.inner().fifo.take_dead();
        letters.into_iter().map(|letter| letter.body).collect()
    }
}

/// Gives the dead letters of a queue to the worker, until it is dropped. Some minutes later, so that an operator may have been
/// faster.
pub(crate) async fn heal_dead_letters(
    world: Arc<World>,
    queues: Arc<Queues>,
    name: String,
    workshop: Arc<Workshop>,
) {
    let queue = queues.of(&name);
    loop {
        let changed = queue.changed();
        if queue.dead() == 0 {
            changed.await;
            continue;
        }
        world.pause(300_000).await;
        for body in queue.take_dead() {
            world.count(Fault::DeadLetterHealed);
            workshop.dead_letter(&name, body);
        }
    }
}

fn name(number: u64) -> String {
    format!("m{number}")
}

/// The sink through which the relay sends.
pub(crate) struct QueueSink {
    pub(crate) world: Arc<World>,
    pub(crate) queues: Arc<Queues>,
    pub(crate) workshop: Arc<Workshop>,
}

impl MessageSink for QueueSink {
    async fn send(&self, queue: &str, batch: Vec<OutgoingMessage>) -> Result<Vec<Failed>, SinkError> {
        let world = &self.world;
        if world.happens(Fault::KilledBefore)
            && let Some(invocation) = Invocation::current()
        {
            invocation.kill().await;
        }
        let latency = world.draw(|random| random.u64(..20));
        tokio::time::sleep(Duration::from_millis(latency)).await;
        if world.refuses(queue) {
            world.note(format_args!("send to {queue} is refused"));
            return Err(SinkError("access denied".to_owned()));
        }
        if world.happens(Fault::SendFailed) {
            world.note(format_args!("send to {queue} fails"));
            return Err(SinkError("the queue cannot be reached".to_owned()));
        }
        let mut failed = Vec::new();
        for message in batch {
            if world.happens(Fault::MessageRefused) {
                world.note(format_args!("send to {queue}: lane {} is refused", message.group));
                failed.push(Failed {
                    id: message.id,
                    code: "InternalFailure".to_owned(),
                    sender_fault: false,
                });
                continue;
            }
            let taken = self
                .queues
                .of(queue)
                .send(&message.group, &message.dedup, message.body);
            if !taken {
                world.count(Fault::Deduplicated);
            }
            world.note(format_args!(
                "send to {queue}: lane {}{}",
                message.group,
                if taken { "" } else { " again" }
            ));
        }
        if world.happens(Fault::KilledAfter)
            && let Some(invocation) = Invocation::current()
        {
            invocation.kill().await;
        }
        if world.happens(Fault::SendReplyLost) {
            return Err(SinkError("the reply was lost".to_owned()));
        }
        Ok(failed)
    }

    async fn put_aside(&self, task: Task) -> Result<(), SinkError> {
        let world = &self.world;
        world.pause(20).await;
        if world.refuses("tasks") || world.happens(Fault::SendFailed) {
            return Err(SinkError("the queue cannot be reached".to_owned()));
        }
        world.count(Fault::PutAside);
        self.workshop.push(task, Duration::ZERO);
        if world.happens(Fault::SendReplyLost) {
            return Err(SinkError("the reply was lost".to_owned()));
        }
        Ok(())
    }
}
