//! Heals what relays and queues gave up (G11): the relay puts the commits of a queue that refuses aside as tasks of the
//! worker, and the worker takes dead letters from their queues.
//!
//! Nothing is repeated fast and for ever. A task for a queue that refuses returns with growing pauses, and so does a
//! commit that becomes a dead letter again. Both go on until they succeed, so that nothing has to be moved by hand after a
//! repair, and each attempt counts for the alarm.

use super::error::{ControlError, WorkError};
use super::member::Member;
use super::record::{RunId, State};
use super::task::{BellError, Heal, SweepAfter, Task};
use crate::mutation::{Safeguard, is_removed};
use crate::pause::grown;
use crate::sweep;
use commit::{Message, Parcel, StreamId, lane};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;
use telemetry::Metrics;

/// The pause before the second message to a queue that refuses. It doubles up to [`LONGEST_DELAY`], so that documents are up
/// to date a quarter of an hour after the queue accepts messages again.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// The longest time until a task returns: SQS delays a message by at most 15 minutes. A task with a longer pause comes back
/// in between, which also keeps the alarm on.
const LONGEST_DELAY: Duration = Duration::from_secs(900);
/// The pauses before a commit that has become a dead letter is sent again; the last one is repeated. Each time, its lane
/// waits for all attempts of the message.
const AFTER_DEATHS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(900),
    Duration::from_secs(3_600),
    Duration::from_secs(6 * 3_600),
];

impl Member {
    pub(super) fn listens_to(&self, categories: &[&str]) -> bool {
        let sources = &self.control.subject().sources;
        sources.iter().any(|source| categories.contains(&source.as_str()))
    }

    /// Sends the keys of commits to the subscriber's queue, which heals its documents as it heals any gap. While the queue
    /// refuses them, the task returns. One message per lane.
    pub(super) async fn heal(&self, mut task: Heal) -> Result<(), WorkError> {
        if is_removed(Safeguard::PutAside) {
            return Ok(());
        }
        given_up(task.commits.len() + task.redrive.len(), self.name());
        let now = self.control.now();
        if let Some(left) = left_until(task.due, now) {
            return Ok(self.bell.ring(Task::Heal(task), left.min(LONGEST_DELAY)).await?);
        }
        let sent = self.send_again(&task).await;
        let Err(error) = sent else {
            tracing::info!(
                subscriber = self.name(),
                commits = task.commits.len(),
                dead = task.dead,
                refused = task.refused,
                "commits that were given up are sent again"
            );
            return Ok(());
        };
        let pause = growing(task.refused);
        task.refused += 1;
        task.due = now.checked_add(pause).ok();
        tracing::warn!(
            subscriber = self.name(),
            commits = task.commits.len(),
            refused = task.refused,
            %error,
            "the queue refuses messages; the commits wait"
        );
        Ok(self.bell.ring(Task::Heal(task), pause).await?)
    }

    async fn send_again(&self, task: &Heal) -> Result<(), BellError> {
        let lanes = self.options.control.lanes;
        // Only the last key of a stream is needed. In a BTreeMap, because the order of calls must not be random.
        let mut heads: BTreeMap<&StreamId, _> = BTreeMap::new();
        for key in &task.commits {
            let head = heads.entry(&key.stream).or_insert(key);
            if head.last() < key.last() {
                *head = key;
            }
        }
        let heads = heads.into_values().cloned();
        if task.dead == 0 {
            sweep::ring(&*self.bell, self.name(), lanes, heads.collect()).await?;
        } else {
            // One message per stream: one that always fails does not take others with it.
            for key in heads {
                let lane = lane(key.stream.id(), lanes).to_string();
                let message = Message {
                    dead: task.dead,
                    ..Message::of(vec![Parcel::Key(key)])
                };
                self.bell.send(self.name(), &lane, message).await?;
            }
        }
        for key in &task.redrive {
            let message = Message {
                redrive: vec![key.clone()],
                dead: task.dead,
                ..Message::default()
            };
            let lane = lane(key, lanes).to_string();
            self.bell.send(self.name(), &lane, message).await?;
        }
        Ok(())
    }

    /// Sends what a dead letter contains again, at once the first time, then with growing pauses. A body that cannot be read
    /// says nothing about what it contained, so the subscriber is swept.
    pub(super) async fn dead_letter(&self, body: &str) -> Result<(), WorkError> {
        let message: Message = match serde_json::from_str(body) {
            Ok(message) => message,
            Err(error) => {
                let fault = commit::fault(&error);
                tracing::error!(subscriber = self.name(), %fault, "a dead letter cannot be read; the subscriber is swept");
                return self
                    .sweep_after(SweepAfter {
                        subscriber: self.name().to_owned(),
                        after: Some(self.control.now()),
                        postponed: 0,
                    })
                    .await;
            }
        };
        let keys = message.commits.into_iter().map(|parcel| match parcel {
            Parcel::Whole(commit) => commit.key(),
            Parcel::Key(key) => key,
        });
        let sources = &self.control.subject().sources;
        let keys = keys.filter(|key| sources.iter().any(|source| source == key.stream.category()));
        let pause = AFTER_DEATHS[(message.dead as usize).min(AFTER_DEATHS.len() - 1)];
        let task = Heal {
            subscriber: self.name().to_owned(),
            commits: keys.collect(),
            redrive: message.redrive,
            dead: message.dead.saturating_add(1),
            refused: 0,
            due: self.control.now().checked_add(pause).ok(),
        };
        tracing::error!(
            subscriber = self.name(),
            streams = ?task.commits.iter().map(|key| key.stream.to_string()).collect::<Vec<_>>(),
            dead = task.dead,
            pause = pause.as_secs(),
            "a message became a dead letter; its commits are sent again"
        );
        self.heal(task).await
    }

    /// Completes a sweep that starts after the task's time. It begins only when the subscriber's queue accepts a message,
    /// because a sweep of a queue that refuses would fail.
    pub(super) async fn sweep_after(&self, mut task: SweepAfter) -> Result<(), WorkError> {
        if is_removed(Safeguard::PutAside) {
            return Ok(());
        }
        given_up(1, self.name());
        let now = self.control.now();
        let after = match task.after {
            Some(after) => after,
            None => now.checked_add(SweepAfter::COVERS).unwrap_or(now),
        };
        task.after = Some(after);
        if let Some(left) = left_until(Some(after), now) {
            return Ok(self
                .bell
                .ring(Task::SweepAfter(task), left.min(LONGEST_DELAY))
                .await?);
        }
        let registry = self.store().registry().await?;
        let last = self.store().run(RunId::sweep(registry.sweeps)).await?;
        if last.is_some_and(|run| run.state == State::Done && run.started >= after) {
            tracing::info!(subscriber = self.name(), "a sweep has healed what was lost");
            return Ok(());
        }
        if let Some(number) = registry.sweeping {
            // Nobody else would continue it if its tasks were lost.
            Box::pin(self.continue_run(RunId::sweep(number), true)).await?;
        } else {
            match self.bell.send(self.name(), "0", Message::default()).await {
                Ok(()) => match self.control.start_sweep(false, None).await {
                    Ok(_) | Err(ControlError::Refused(_)) => {}
                    Err(error) => return Err(error.into()),
                },
                Err(error) => {
                    tracing::warn!(subscriber = self.name(), %error, "the queue refuses messages; the sweep waits");
                }
            }
        }
        let pause = growing(task.postponed);
        task.postponed += 1;
        Ok(self.bell.ring(Task::SweepAfter(task), pause).await?)
    }
}

fn growing(attempts: u32) -> Duration {
    grown(FIRST_PAUSE, 2, attempts, LONGEST_DELAY)
}

fn left_until(due: Option<Timestamp>, now: Timestamp) -> Option<Duration> {
    let left = Duration::try_from(due?.duration_since(now)).ok()?;
    (!left.is_zero()).then_some(left)
}

/// Counts commits, records and messages that were given up and are not known to be healed, in one metric for the whole system.
pub(super) fn given_up(count: usize, subscriber: &str) {
    Metrics::event("GivenUp")
        .property("Subscriber", subscriber)
        .count("GivenUp", count as u64)
        .emit();
}
