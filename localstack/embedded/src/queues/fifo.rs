//! One FIFO queue as a state machine: no clock, no task, no lock of its own.

use super::recent::Recent;
use crate::backoff;
use function::settings::{MAX_RECEIVE_COUNT, QUEUE_BATCH};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use tokio::time::Instant;

/// Dead letters that are kept to be looked at; older ones are only counted.
const DEAD_LETTERS_KEPT: usize = 1_000;

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) id: String,
    pub(crate) group: String,
    pub(crate) dedup: String,
    pub(crate) body: String,
}

/// A message that was given up on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message's id.
    pub id: String,
    /// Its message group: the lane.
    pub group: String,
    /// Its body.
    pub body: String,
}

/// A message handed out, with what SQS tells about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) group: Arc<str>,
    pub(crate) body: String,
    pub(crate) receive_count: u32,
}

#[derive(Debug)]
struct Queued {
    id: String,
    body: String,
    sent: Instant,
    received: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing to do, or queued among the ready ones.
    Open,
    /// That many messages at its front are with the handler; until they are settled the group is locked.
    InFlight(usize),
    /// The last delivery failed.
    Waiting(Instant),
}

#[derive(Debug)]
struct Group {
    messages: VecDeque<Queued>,
    phase: Phase,
}

/// What became of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Messages that left the queue, the dead ones included.
    pub(crate) left: usize,
    /// Those given up on.
    pub(crate) dead: Vec<DeadLetter>,
}

/// The queue. Groups are lanes, so there are few of them and they are never removed.
#[derive(Debug, Default)]
pub(crate) struct Fifo {
    groups: HashMap<Arc<str>, Group>,
    ready: VecDeque<Arc<str>>,
    recent: Recent,
    dead: VecDeque<DeadLetter>,
    dead_total: u64,
}

impl Fifo {
    /// Takes a message in; false when its deduplication id was seen in this group within the window.
    pub(crate) fn send(&mut self, message: Envelope, now: Instant) -> bool {
        let Envelope {
            id,
            group,
            dedup,
            body,
        } = message;
        if !self.recent.insert(&group, &dedup, now) {
            return false;
        }
        let name: Arc<str> = group.into();
        let group = self.groups.entry(name.clone()).or_insert_with(|| Group {
            messages: VecDeque::new(),
            phase: Phase::Open,
        });
        group.messages.push_back(Queued {
            id,
            body,
            sent: now,
            received: 0,
        });
        if group.phase == Phase::Open && group.messages.len() == 1 {
            self.ready.push_back(name);
        }
        true
    }

    /// The next batch: whole fronts of the groups that have waited longest. Empty when nothing may be handed out now.
    pub(crate) fn receive(&mut self, now: Instant) -> Vec<Delivery> {
        self.wake_groups(now);
        let mut batch = Vec::new();
        while batch.len() < QUEUE_BATCH
            && let Some(name) = self.ready.pop_front()
        {
            let Some(group) = self.groups.get_mut(&name) else {
                continue;
            };
            let taken = group.messages.len().min(QUEUE_BATCH - batch.len());
            group.phase = Phase::InFlight(taken);
            batch.extend(group.messages.iter_mut().take(taken).map(|message| {
                message.received += 1;
                Delivery {
                    id: message.id.clone(),
                    group: name.clone(),
                    body: message.body.clone(),
                    receive_count: message.received,
                }
            }));
        }
        batch
    }

    fn wake_groups(&mut self, now: Instant) {
        for (name, group) in &mut self.groups {
            if matches!(group.phase, Phase::Waiting(until) if until <= now) {
                group.phase = Phase::Open;
                self.ready.push_back(name.clone());
            }
        }
    }

    /// When a group whose delivery failed may be handed out again.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        let waiting = self.groups.values().filter_map(|group| match group.phase {
            Phase::Waiting(until) => Some(until),
            Phase::Open | Phase::InFlight(_) => None,
        });
        waiting.min()
    }

    /// Removes what succeeded and puts what failed back at the front of its group, in order, for a later attempt. What
    /// was received too often goes to the dead letters, and the rest of its group goes on: as SQS does it.
    pub(crate) fn settle(&mut self, batch: &[Delivery], failed: &HashSet<String>, now: Instant) -> Settled {
        let mut settled = Settled::default();
        let names: HashSet<&Arc<str>> = batch.iter().map(|delivery| &delivery.group).collect();
        for name in names {
            let Some(group) = self.groups.get_mut(name) else {
                continue;
            };
            let Phase::InFlight(taken) = group.phase else {
                continue;
            };
            let delivered: Vec<_> = group.messages.drain(..taken).collect();
            let mut again = Vec::new();
            for message in delivered {
                if !failed.contains(&message.id) {
                    settled.left += 1;
                } else if message.received >= MAX_RECEIVE_COUNT {
                    settled.left += 1;
                    settled.dead.push(DeadLetter {
                        id: message.id,
                        group: name.to_string(),
                        body: message.body,
                    });
                } else {
                    again.push(message);
                }
            }
            group.phase = match again.first() {
                Some(first) => Phase::Waiting(now + backoff::delay(first.received)),
                None => Phase::Open,
            };
            for message in again.into_iter().rev() {
                group.messages.push_front(message);
            }
            if group.phase == Phase::Open && !group.messages.is_empty() {
                self.ready.push_back(name.clone());
            }
        }
        self.bury(&settled.dead);
        settled
    }

    fn bury(&mut self, dead: &[DeadLetter]) {
        self.dead_total += dead.len() as u64;
        self.dead.extend(dead.iter().cloned());
        while self.dead.len() > DEAD_LETTERS_KEPT {
            self.dead.pop_front();
        }
    }

    /// How many messages are in it, how many of them are with the handler, and when the oldest of all was sent.
    pub(crate) fn depth(&self) -> (usize, usize, Option<Instant>) {
        let groups = self.groups.values();
        let messages = groups.clone().map(|group| group.messages.len()).sum();
        let in_flight = groups.clone().map(|group| match group.phase {
            Phase::InFlight(taken) => taken,
            Phase::Open | Phase::Waiting(_) => 0,
        });
        let fronts = groups.filter_map(|group| group.messages.front());
        (
            messages,
            in_flight.sum(),
            fronts.map(|message| message.sent).min(),
        )
    }

    /// How many messages were ever given up on.
    pub(crate) fn dead_total(&self) -> u64 {
        self.dead_total
    }

    /// The last of those given up on.
    pub(crate) fn dead_letters(&self) -> Vec<DeadLetter> {
        self.dead.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queues::recent::DEDUPLICATION_WINDOW;
    use std::time::Duration;

    fn message(id: &str, group: &str) -> Envelope {
        Envelope {
            id: id.into(),
            group: group.into(),
            dedup: id.into(),
            body: format!("body of {id}"),
        }
    }

    fn queue(messages: &[(&str, &str)], now: Instant) -> Fifo {
        let mut fifo = Fifo::default();
        for (id, group) in messages {
            assert!(fifo.send(message(id, group), now));
        }
        fifo
    }

    fn ids(batch: &[Delivery]) -> Vec<&str> {
        batch.iter().map(|delivery| delivery.id.as_str()).collect()
    }

    fn failing(ids: &[&str]) -> HashSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn its_depth_is_what_waits_and_what_is_in_flight_and_since_when() {
        let mut fifo = Fifo::default();
        let now = Instant::now();
        assert_eq!(fifo.depth(), (0, 0, None));
        fifo.send(message("1", "a"), now);
        let batch = fifo.receive(now);
        fifo.send(message("2", "b"), now + Duration::from_secs(1));
        assert_eq!(fifo.depth(), (2, 1, Some(now)));
        fifo.settle(&batch, &HashSet::new(), now);
        assert_eq!(fifo.depth(), (1, 0, Some(now + Duration::from_secs(1))));
    }

    #[test]
    fn a_group_is_handed_out_in_order() {
        let now = Instant::now();
        let mut fifo = queue(&[("1", "a"), ("2", "a"), ("3", "a")], now);
        assert_eq!(ids(&fifo.receive(now)), ["1", "2", "3"]);
    }

    #[test]
    fn a_group_in_flight_is_locked_and_others_are_not() {
        let now = Instant::now();
        let mut fifo = queue(&[("1", "a")], now);
        let first = fifo.receive(now);
        fifo.send(message("2", "a"), now);
        fifo.send(message("3", "b"), now);
        assert_eq!(ids(&fifo.receive(now)), ["3"]);
        fifo.settle(&first, &HashSet::new(), now);
        assert_eq!(ids(&fifo.receive(now)), ["2"]);
    }

    #[test]
    fn a_batch_has_at_most_ten_messages() {
        let now = Instant::now();
        let names: Vec<String> = (0..25).map(|n| n.to_string()).collect();
        let mut fifo = queue(
            &names.iter().map(|id| (id.as_str(), "a")).collect::<Vec<_>>(),
            now,
        );
        let mut sizes = vec![];
        loop {
            let batch = fifo.receive(now);
            if batch.is_empty() {
                break;
            }
            sizes.push(batch.len());
            fifo.settle(&batch, &HashSet::new(), now);
        }
        assert_eq!(sizes, [10, 10, 5]);
    }

    #[test]
    fn what_failed_comes_again_first_and_in_order_after_a_pause() {
        let now = Instant::now();
        let mut fifo = queue(&[("1", "a"), ("2", "a"), ("3", "a")], now);
        let batch = fifo.receive(now);
        fifo.send(message("4", "a"), now);
        fifo.settle(&batch, &failing(&["2", "3"]), now);
        assert_eq!(fifo.receive(now), []);
        let later = fifo.next_wake().unwrap();
        let again = fifo.receive(later);
        assert_eq!(ids(&again), ["2", "3", "4"]);
        assert_eq!(
            again
                .iter()
                .map(|delivery| delivery.receive_count)
                .collect::<Vec<_>>(),
            [2, 2, 1]
        );
    }

    #[test]
    fn the_fifth_failure_is_a_dead_letter_and_the_group_goes_on() {
        let mut now = Instant::now();
        let mut fifo = queue(&[("poison", "a")], now);
        for attempt in 1..=MAX_RECEIVE_COUNT {
            let batch = fifo.receive(now);
            assert_eq!(batch[0].receive_count, attempt);
            fifo.settle(&batch, &failing(&["poison"]), now);
            now = fifo.next_wake().unwrap_or(now);
        }
        fifo.send(message("next", "a"), now);
        assert_eq!(fifo.dead_total(), 1);
        assert_eq!(fifo.dead_letters()[0].body, "body of poison");
        assert_eq!(ids(&fifo.receive(now)), ["next"]);
    }

    #[test]
    fn a_deduplication_id_counts_within_its_group_for_five_minutes() {
        let now = Instant::now();
        let mut fifo = queue(&[("1", "a")], now);
        assert!(!fifo.send(
            message("1", "a"),
            now + DEDUPLICATION_WINDOW - Duration::from_secs(1)
        ));
        assert!(fifo.send(message("1", "b"), now));
        assert!(fifo.send(message("1", "a"), now + DEDUPLICATION_WINDOW));
    }
}
