//! FIFO queues as SQS has them, and the relay's way into them.

use crate::faults::Fault;
use crate::lambda::Invocation;
use crate::world::World;
use aws_lambda_events::event::sqs::SqsMessage;
use relay::{Failed, MessageSink, OutgoingMessage, SinkError};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// SQS keeps a deduplication id for five minutes, in milliseconds.
const DEDUPLICATION: u64 = 300_000;

/// All queues, by subscriber.
pub(crate) struct Queues(BTreeMap<String, Queue>);

/// One FIFO queue with its dead-letter queue.
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    changed: Notify,
    /// How long a message is hidden after it was received, in milliseconds.
    visibility: u64,
}

#[derive(Default)]
struct Inner {
    groups: BTreeMap<String, VecDeque<Queued>>,
    recent: HashMap<(String, String), u64>,
    dead: Vec<(String, Queued)>,
    number: u64,
}

struct Queued {
    id: String,
    body: String,
    receives: u32,
    /// Hidden until then.
    hidden: u64,
    /// Its consumer's invocation is under way.
    in_work: bool,
}

/// A message as it was received; what deletes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) id: String,
    group: String,
    receives: u32,
}

impl Queues {
    pub(crate) fn new(names: impl IntoIterator<Item = String>, visibility: u64) -> Self {
        let queue = || Queue {
            inner: Mutex::default(),
            changed: Notify::new(),
            visibility,
        };
        Self(names.into_iter().map(|name| (name, queue())).collect())
    }

    pub(crate) fn of(&self, name: &str) -> &Queue {
        &self.0[name]
    }

    /// Lets the consumers look again.
    pub(crate) fn wake(&self) {
        self.0.values().for_each(|queue| queue.changed.notify_waiters());
    }

    /// Messages that wait or are in work.
    pub(crate) fn outstanding(&self) -> usize {
        let groups = |queue: &Queue| queue.inner().groups.values().map(VecDeque::len).sum::<usize>();
        self.0.values().map(groups).sum()
    }
}

impl Queue {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn changed(&self) -> tokio::sync::futures::Notified<'_> {
        self.changed.notified()
    }

    /// Takes a message in; false when it was seen lately.
    pub(crate) fn send(&self, now: u64, group: &str, dedup: &str, body: String) -> bool {
        let mut inner = self.inner();
        let seen = (group.to_owned(), dedup.to_owned());
        if inner.recent.get(&seen).is_some_and(|at| at + DEDUPLICATION > now) {
            return false;
        }
        inner.recent.insert(seen, now);
        inner.push(group, body);
        self.changed.notify_waiters();
        true
    }

    /// Up to so many messages from the fronts of groups that nobody works on.
    pub(crate) fn receive(&self, world: &World, most: usize) -> Vec<(Receipt, SqsMessage)> {
        let now = world.now();
        let mut guard = self.inner();
        let inner = &mut *guard;
        let mut received = Vec::new();
        let (mut dead, mut again) = (0, 0);
        let names: Vec<String> = inner.groups.keys().cloned().collect();
        let first = world.draw(|random| random.usize(..names.len().max(1)));
        for name in names.iter().cycle().skip(first).take(names.len()) {
            let Some(group) = inner.groups.get_mut(name) else {
                continue;
            };
            if group.iter().any(|message| message.hidden > now) {
                continue;
            }
            let mut place = 0;
            while place < group.len() && received.len() < most {
                if group[place].receives >= settings::MAX_RECEIVE_COUNT {
                    dead += 1;
                    inner
                        .dead
                        .extend(group.remove(place).map(|message| (name.clone(), message)));
                    continue;
                }
                let message = &mut group[place];
                message.receives += 1;
                message.hidden = now + self.visibility;
                again += u64::from(message.in_work);
                message.in_work = true;
                received.push((
                    Receipt {
                        id: message.id.clone(),
                        group: name.clone(),
                        receives: message.receives,
                    },
                    sqs_message(name, message),
                ));
                place += 1;
            }
        }
        inner.groups.retain(|_, group| !group.is_empty());
        drop(guard);
        (0..dead).for_each(|_| world.count(Fault::DeadLetter));
        (0..again).for_each(|_| world.count(Fault::VisibilityExpired));
        received
    }

    /// Deletes what was handled, unless it was given to somebody else since. What is not deleted comes again.
    pub(crate) fn settle(&self, now: u64, receipts: &[Receipt], deleted: impl Fn(&Receipt) -> bool) {
        let mut inner = self.inner();
        for receipt in receipts {
            let Some(group) = inner.groups.get_mut(&receipt.group) else {
                continue;
            };
            let current =
                |message: &&mut Queued| message.id == receipt.id && message.receives == receipt.receives;
            let Some(message) = group.iter_mut().find(current) else {
                continue;
            };
            message.in_work = false;
            if deleted(receipt) && message.hidden > now {
                group.retain(|message| message.id != receipt.id);
            }
        }
        inner.groups.retain(|_, group| !group.is_empty());
        drop(inner);
        self.changed.notify_waiters();
    }

    /// When a hidden message is shown again.
    pub(crate) fn next_shown(&self, now: u64) -> Option<u64> {
        let inner = self.inner();
        let messages = inner.groups.values().flatten();
        messages
            .map(|message| message.hidden)
            .filter(|at| *at > now)
            .min()
    }

    /// Moves the dead letters back; how many.
    pub(crate) fn redrive(&self) -> usize {
        let mut inner = self.inner();
        let dead = std::mem::take(&mut inner.dead);
        let count = dead.len();
        for (group, message) in dead {
            inner.push(&group, message.body);
        }
        drop(inner);
        self.changed.notify_waiters();
        count
    }

    /// The bodies of the dead letters.
    pub(crate) fn dead(&self) -> Vec<String> {
        let inner = self.inner();
        inner
            .dead
            .iter()
            .map(|(_, message)| message.body.clone())
            .collect()
    }
}

impl Inner {
    fn push(&mut self, group: &str, body: String) {
        self.number += 1;
        let queued = Queued {
            id: format!("m{}", self.number),
            body,
            receives: 0,
            hidden: 0,
            in_work: false,
        };
        self.groups.entry(group.to_owned()).or_default().push_back(queued);
    }
}

fn sqs_message(group: &str, queued: &Queued) -> SqsMessage {
    let mut message = SqsMessage::default();
    message.message_id = Some(queued.id.clone());
    message.body = Some(queued.body.clone());
    message.attributes = [
        ("MessageGroupId".to_owned(), group.to_owned()),
        ("ApproximateReceiveCount".to_owned(), queued.receives.to_string()),
    ]
    .into();
    message
}

/// What the relay sends through.
pub(crate) struct QueueSink {
    pub(crate) world: Arc<World>,
    pub(crate) queues: Arc<Queues>,
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
        if world.happens(Fault::SendFailed) {
            world.note(format_args!("send to {queue} fails"));
            return Err(SinkError("the queue is not to be reached".to_owned()));
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
                .send(world.now(), &message.group, &message.dedup, message.body);
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
            return Err(SinkError("the answer was lost".to_owned()));
        }
        Ok(failed)
    }
}
