//! Puts aside what would hold up a stream: the commits of one queue that refuses while others accept, and items that are not
//! commits. The worker of operations heals them later.

use crate::deliver::{Delivery, Patience};
use crate::parcel::Written;
use crate::{Destination, MessageSink, SinkError};
use commit::CommitKey;
use projection::operations::{Heal, NotACommit, SweepAfter, Task};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long a message is sent again before its commits are put aside. Throttling is over by then.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the stream waits when every queue refuses. Then nothing is held up by one of them, and the stream keeps the
/// records in order and without cost. After this time a message that no queue can accept is put aside, too.
const ALL_REFUSE: Duration = Duration::from_secs(600);
/// The number of commits that are put aside by key while a queue refuses. If it refuses for longer, the subscriber is swept
/// when its queue is back: the cost of one sweep instead of a task for every hundred commits, each repeated every quarter of
/// an hour.
const BY_KEY: u64 = 1_000;
/// A sweep covers commits up to [`SweepAfter::COVERS`] after its task was sent, less the time until this relay is stopped.
const COVERED: Duration = SweepAfter::COVERS.saturating_sub(function::settings::RELAY_TIMEOUT);

/// The queues that refused their last messages, by URL. An instance of the function forgets them when it ends; the next one
/// waits for [`PATIENCE`] once more.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<String, Refusal>>);

#[derive(Debug, Clone, Copy)]
struct Refusal {
    since: Instant,
    /// The number of commits that were put aside.
    aside: u64,
    /// Until when a sweep finds what is put aside.
    covered: Option<Instant>,
}

impl Refusals {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Refusal>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how long a queue is asked in an invocation that ends at `deadline`. A queue that refused before is asked once,
    /// so that it does not slow the others down. A quarter of the time is left to put commits aside.
    pub(crate) fn patience(&self, queue_url: &str, deadline: Instant) -> Patience {
        let now = Instant::now();
        let left = deadline.saturating_duration_since(now);
        Patience {
            until: now + (left * 3 / 4).min(PATIENCE),
            repeats: !self.all().contains_key(queue_url),
        }
    }

    /// Notes the outcomes. Returns the queues whose commits may be put aside now.
    fn note(&self, destinations: &[Destination], deliveries: &[Delivery]) -> Vec<bool> {
        let now = Instant::now();
        let mut all = self.all();
        for (destination, delivery) in destinations.iter().zip(deliveries) {
            if delivery.unsent > 0 {
                let first = Refusal {
                    since: now,
                    aside: 0,
                    covered: None,
                };
                all.entry(destination.queue_url.clone()).or_insert(first);
            } else if delivery.sent > 0 {
                all.remove(&destination.queue_url);
            }
        }
        let one_accepts = destinations.iter().any(|to| !all.contains_key(&to.queue_url));
        let may = destinations.iter().map(|to| {
            let refusal = all.get(&to.queue_url);
            refusal.is_some_and(|refusal| one_accepts || now - refusal.since >= ALL_REFUSE)
        });
        may.collect()
    }

    /// Puts the unsent commits of these deliveries aside if that lets the stream go on.
    pub(crate) async fn put_aside<S: MessageSink>(
        &self,
        sink: &S,
        destinations: &[Destination],
        commits: &[Written],
        deliveries: &mut [Delivery],
        deadline: Instant,
    ) {
        let may = self.note(destinations, deliveries);
        for ((destination, delivery), may) in destinations.iter().zip(deliveries).zip(may) {
            if delivery.left.is_empty() || !may {
                continue;
            }
            let unsent = commits
                .iter()
                .filter(|commit| delivery.left.contains(&commit.record));
            let keys: Vec<CommitKey> = unsent.map(|commit| commit.key.clone()).collect();
            let count = keys.len() as u64;
            match timeout_at(deadline, self.one(sink, destination, keys)).await {
                Ok(Ok(())) => {
                    delivery.left.clear();
                    delivery.aside = count;
                    tracing::warn!(
                        subscriber = destination.subscriber,
                        queue_url = destination.queue_url,
                        commits = count,
                        "a queue refuses messages; their commits are put aside, and the other queues go on"
                    );
                }
                Ok(Err(error)) => {
                    tracing::warn!(subscriber = destination.subscriber, %error, "commits cannot be put aside");
                }
                Err(_) => tracing::warn!(
                    subscriber = destination.subscriber,
                    "commits were not put aside before the deadline"
                ),
            }
        }
    }

    async fn one<S: MessageSink>(
        &self,
        sink: &S,
        destination: &Destination,
        keys: Vec<CommitKey>,
    ) -> Result<(), SinkError> {
        let subscriber = &destination.subscriber;
        let before = self.all().get(&destination.queue_url).copied();
        let (aside, covered) = before.map_or((0, None), |refusal| (refusal.aside, refusal.covered));
        let count = keys.len() as u64;
        let mut until = covered;
        if aside < BY_KEY {
            for keys in keys.chunks(Heal::MOST_KEYS) {
                let task = Heal {
                    subscriber: subscriber.clone(),
                    commits: keys.to_vec(),
                    ..Heal::default()
                };
                sink.put_aside(Task::Heal(task)).await?;
            }
        } else if covered.is_none_or(|until| until <= Instant::now()) {
            until = Some(Instant::now() + COVERED);
            let task = SweepAfter {
                subscriber: subscriber.clone(),
                after: None,
                postponed: 0,
            };
            sink.put_aside(Task::SweepAfter(task)).await?;
        }
        if let Some(refusal) = self.all().get_mut(&destination.queue_url) {
            refusal.aside += count;
            refusal.covered = until;
        }
        Ok(())
    }
}

/// Puts an item aside that is not a commit. Returns whether the worker has it.
pub(crate) async fn put_item_aside<S: MessageSink>(sink: &S, item: NotACommit, deadline: Instant) -> bool {
    match timeout_at(deadline, sink.put_aside(Task::NotACommit(item))).await {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            tracing::warn!(%error, "an item that is not a commit cannot be put aside; the stream repeats it");
            false
        }
        Err(_) => false,
    }
}
