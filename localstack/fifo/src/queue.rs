//! The queue and its rules.

use crate::message::{DeadLetter, Delivery, Depth, Envelope, Outcome, Received};
use crate::recent::Recent;
use settings::{MAX_RECEIVE_COUNT, QUEUE_BATCH};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The number of dead letters that are kept; older ones are only counted.
const DEAD_LETTERS_KEPT: usize = 1_000;

/// One FIFO queue with its dead-letter queue.
#[derive(Debug)]
pub struct Fifo {
    /// How long a message is hidden after it was received.
    visibility: Duration,
    /// Only groups that have messages. They are lanes, so there are few of them.
    groups: BTreeMap<Arc<str>, Group>,
    /// The last group that was received. The next one has the next turn.
    last: Option<Arc<str>>,
    recent: Recent,
    dead: VecDeque<DeadLetter>,
    dead_total: u64,
}

/// The messages of a group, in order. Those that were received before are at its front, and none was received more often than
/// the one before it.
#[derive(Debug, Default)]
struct Group(VecDeque<Queued>);

#[derive(Debug)]
struct Queued {
    id: String,
    body: String,
    sent: Instant,
    receive_count: u32,
    /// The time until which it is hidden, once it was received.
    shown: Instant,
    /// A consumer has not settled it yet.
    in_flight: bool,
}

impl Group {
    fn received(&self) -> impl Iterator<Item = &Queued> {
        self.0.iter().take_while(|message| message.receive_count > 0)
    }

    /// Returns until when no message of the group may be received, or `None` if one may be now.
    fn locked(&self, now: Instant) -> Option<Instant> {
        let hidden = self.received().map(|message| message.shown);
        hidden.filter(|shown| *shown > now).max()
    }
}

impl Fifo {
    /// Creates an empty queue that hides a message for this time after it was received.
    #[must_use]
    pub fn new(visibility: Duration) -> Self {
        Self {
            visibility,
            groups: BTreeMap::new(),
            last: None,
            recent: Recent::default(),
            dead: VecDeque::new(),
            dead_total: 0,
        }
    }

    /// Accepts a message. Returns `false` when its deduplication id was seen in this group within the window.
    pub fn send(&mut self, message: Envelope, now: Instant) -> bool {
        let Envelope {
            id,
            group,
            dedup,
            body,
        } = message;
        let new = self.recent.insert(&group, &dedup, now);
        if new {
            self.push(id, group, body, now);
        }
        new
    }

    fn push(&mut self, id: String, group: String, body: String, now: Instant) {
        self.groups.entry(group.into()).or_default().0.push_back(Queued {
            id,
            body,
            sent: now,
            receive_count: 0,
            shown: now,
            in_flight: false,
        });
    }

    /// Returns the next batch of at most `most` messages, and never more than [`QUEUE_BATCH`]: complete fronts of groups
    /// without a hidden message. Groups take turns, in the order of their names.
    pub fn receive(&mut self, now: Instant, most: usize) -> Received {
        let most = most.min(QUEUE_BATCH);
        let mut received = Received::default();
        for name in self.turns() {
            let room = most - received.batch.len();
            if room == 0 {
                break;
            }
            let Some(group) = self.groups.get_mut(&name) else {
                continue;
            };
            if group.locked(now).is_some() {
                continue;
            }
            while let Some(message) = group
                .0
                .pop_front_if(|message| message.receive_count >= MAX_RECEIVE_COUNT)
            {
                received.dead.push(DeadLetter {
                    id: message.id,
                    group: name.to_string(),
                    body: message.body,
                });
            }
            for message in group.0.iter_mut().take(room) {
                received.overdue += usize::from(message.in_flight);
                message.receive_count += 1;
                message.shown = now + self.visibility;
                message.in_flight = true;
                received.batch.push(Delivery {
                    id: message.id.clone(),
                    group: name.clone(),
                    body: message.body.clone(),
                    receive_count: message.receive_count,
                });
            }
        }
        if let Some(delivery) = received.batch.last() {
            self.last = Some(delivery.group.clone());
        }
        self.drop_empty_groups();
        self.bury(&received.dead);
        received
    }

    /// Returns the names of the groups in the order of their turns.
    fn turns(&self) -> Vec<Arc<str>> {
        let names = self.groups.keys().cloned();
        let (mut turns, later): (Vec<_>, Vec<_>) = names.partition(|name| self.last.as_ref() < Some(name));
        turns.extend(later);
        turns
    }

    /// Gives the next turn to the group at this position in the order of names.
    pub fn start_with(&mut self, place: usize) {
        let before = place.checked_sub(1);
        self.last = before.and_then(|before| self.groups.keys().nth(before).cloned());
    }

    /// Returns the number of groups with messages.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    fn drop_empty_groups(&mut self) {
        self.groups.retain(|_, group| !group.0.is_empty());
    }

    fn bury(&mut self, dead: &[DeadLetter]) {
        self.dead_total += dead.len() as u64;
        self.dead.extend(dead.iter().cloned());
        while self.dead.len() > DEAD_LETTERS_KEPT {
            self.dead.pop_front();
        }
    }

    /// Settles each message of a batch as its consumer decides, and returns how many left the queue. A message whose visibility
    /// timeout has ended remains, because another consumer may have it.
    pub fn settle(
        &mut self,
        batch: &[Delivery],
        now: Instant,
        outcome: impl Fn(&Delivery) -> Outcome,
    ) -> usize {
        let mut deleted = 0;
        for delivery in batch {
            let Some(Group(messages)) = self.groups.get_mut(&delivery.group) else {
                continue;
            };
            let Some(place) = messages.iter().position(|message| {
                message.id == delivery.id && message.receive_count == delivery.receive_count
            }) else {
                continue;
            };
            let message = &mut messages[place];
            message.in_flight = false;
            if message.shown <= now {
                continue;
            }
            match outcome(delivery) {
                Outcome::Deleted => {
                    messages.remove(place);
                    deleted += 1;
                }
                Outcome::ShownAfter(pause) => message.shown = now + pause,
                Outcome::Untouched => {}
            }
        }
        self.drop_empty_groups();
        deleted
    }

    /// Returns when the next group with a hidden message may be received again.
    #[must_use]
    pub fn next_shown(&self, now: Instant) -> Option<Instant> {
        self.groups.values().filter_map(|group| group.locked(now)).min()
    }

    /// Removes the dead letters, for the function that consumes the dead-letter queue.
    pub fn take_dead(&mut self) -> Vec<DeadLetter> {
        std::mem::take(&mut self.dead).into()
    }

    /// Returns the number of messages.
    #[must_use]
    pub fn depth(&self) -> Depth {
        let groups = self.groups.values();
        let received = groups.clone().flat_map(Group::received);
        let fronts = groups.clone().filter_map(|group| group.0.front());
        Depth {
            messages: groups.map(|group| group.0.len()).sum(),
            in_flight: received.filter(|message| message.in_flight).count(),
            oldest: fronts.map(|message| message.sent).min(),
        }
    }

    /// Returns how many messages were ever given up.
    #[must_use]
    pub fn dead_total(&self) -> u64 {
        self.dead_total
    }

    /// Returns the last dead letters, except those that were moved back.
    pub fn dead_letters(&self) -> impl Iterator<Item = &DeadLetter> {
        self.dead.iter()
    }
}
