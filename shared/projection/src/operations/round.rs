//! Rounds of sweeps. A round compares every stream of one event table with the documents of all subscribers of the table, and
//! one scan serves them all.
//!
//! A round takes a week, in seven passes over the table. Each pass reads all keys of the table in parts, one after the other,
//! and compares two kinds of streams: those of one seventh of the documents, so that the round has compared every document at its
//! end; and those with commits since the previous pass, so that a loss is found within about a day. Nothing else reveals which
//! streams changed: a table has no order of time, and an index of it would cost one write unit per commit
//! (`docs/decisions/sweeps.md`).
//!
//! A table that is too large for a daily pass is read once per round.

use commit::{CommitKey, lane};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The options of rounds.
#[derive(Debug, Clone)]
pub struct RoundOptions {
    /// The time of a round, within which every document is compared.
    pub length: Duration,
    /// The number of passes over a table in a round, at least 1.
    pub passes: u32,
    /// The number of parts of a pass, at least 1. A part is a segment of a parallel Scan.
    pub parts: u32,
    /// The number of commits from which on a table has a single pass per round.
    pub large: u64,
    /// The age from which on a commit is compared. Younger ones are in delivery.
    pub settled: Duration,
}

impl Default for RoundOptions {
    fn default() -> Self {
        Self {
            length: Duration::from_secs(7 * 24 * 3_600),
            passes: 7,
            parts: 24,
            large: 100_000_000,
            settled: Duration::from_secs(900),
        }
    }
}

/// The progress of the rounds of one event table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Round {
    /// The number, from 1.
    pub(crate) number: u64,
    pub(crate) started: Timestamp,
    /// When the round was complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<Timestamp>,
    pub(crate) passes: u32,
    /// The number of parts of each pass.
    pub(crate) parts: u32,
    /// The number of finished parts of all passes.
    pub(crate) done: u32,
    /// The position in the current part, as the table returned it; `None` at its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<String>,
    /// The number of commits that were read, in all passes.
    pub(crate) read: u64,
    /// The number of documents by subscriber and category.
    #[serde(default)]
    pub(crate) documents: BTreeMap<String, BTreeMap<String, u64>>,
    /// The subscribers that are left out until the end of the current part.
    #[serde(default)]
    pub(crate) left_out: BTreeSet<String>,
    /// The subscribers that were left out of a part of this round.
    #[serde(default)]
    pub(crate) incomplete: BTreeSet<String>,
    /// The number of failures since the last progress.
    #[serde(default)]
    pub(crate) failures: u32,
    /// The revision, incremented by every write.
    pub(crate) r: u64,
}

/// What a complete round has found of one category of a subscriber.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Swept {
    pub(crate) documents: u64,
    pub(crate) ended: Timestamp,
    /// The revision, incremented by every write.
    pub(crate) r: u64,
}

impl Round {
    /// Returns the round after this one, or the first one.
    pub(crate) fn after(previous: Option<&Self>, options: &RoundOptions, now: Timestamp) -> Self {
        let large = previous.is_some_and(|round| round.read / u64::from(round.passes) >= options.large);
        Self {
            number: previous.map_or(1, |round| round.number + 1),
            started: now,
            ended: None,
            passes: if large { 1 } else { options.passes.max(1) },
            parts: options.parts.max(1),
            done: 0,
            start: None,
            read: 0,
            documents: BTreeMap::new(),
            left_out: BTreeSet::new(),
            incomplete: BTreeSet::new(),
            failures: 0,
            r: previous.map_or(0, |round| round.r),
        }
    }

    /// Returns whether the next round is to begin.
    pub(crate) fn is_over(&self, options: &RoundOptions, now: Timestamp) -> bool {
        self.ended.is_some() && self.age(now) >= options.length
    }

    /// Returns whether the round should have been complete: it is older than its time by more than one pass.
    pub(crate) fn is_overdue(&self, options: &RoundOptions, now: Timestamp) -> bool {
        self.ended.is_none() && self.age(now) > options.length + options.length / options.passes.max(1)
    }

    /// Returns how many parts are to be finished by now, at least one and at most all. A part that took too long makes the next
    /// call continue with it.
    pub(crate) fn due(&self, options: &RoundOptions, now: Timestamp) -> u32 {
        let all = self.all();
        let (age, length) = (self.age(now).as_millis(), options.length.as_millis().max(1));
        let due = age * u128::from(all) / length + 1;
        u32::try_from(due.min(all.into())).unwrap_or(all)
    }

    fn all(&self) -> u32 {
        self.passes * self.parts
    }

    fn age(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.started)).unwrap_or_default()
    }

    /// Returns the current part of the current pass.
    pub(crate) fn part(&self) -> u32 {
        self.done % self.parts
    }

    /// Returns the current pass, from 0.
    fn pass(&self) -> u32 {
        self.done / self.parts
    }

    /// Returns whether this pass compares the stream of a commit, and whether the document is one of those that it counts.
    /// Returns `None` for a commit that is left to another pass, or is still in delivery.
    pub(crate) fn compares(&self, key: &CommitKey, options: &RoundOptions, now: Timestamp) -> Option<bool> {
        let age = now.duration_since(key.time);
        let signed = |time: Duration| SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
        if age < signed(options.settled) {
            return None;
        }
        if lane(key.stream.id(), self.passes) == self.pass() {
            return Some(true);
        }
        // A quarter longer than the time between two passes, because a part may be late.
        let recent = options.length / self.passes * 5 / 4 + options.settled;
        (age < signed(recent)).then_some(false)
    }

    /// Leaves a subscriber out until the end of the current part.
    pub(crate) fn leave_out(&mut self, subscriber: &str) {
        self.left_out.insert(subscriber.to_owned());
        self.incomplete.insert(subscriber.to_owned());
    }

    /// Records a page and the position of the next one.
    pub(crate) fn advance(&mut self, next: Option<String>, now: Timestamp) {
        self.failures = 0;
        self.start = next;
        if self.start.is_some() {
            return;
        }
        self.done += 1;
        self.left_out.clear();
        if self.done >= self.all() {
            self.ended = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * HOUR).unwrap()
    }

    fn round() -> Round {
        Round::after(None, &RoundOptions::default(), at(0))
    }

    fn key(stream: &str, age: i64, now: Timestamp) -> CommitKey {
        CommitKey {
            stream: stream.parse().unwrap(),
            first: 1,
            count: 1,
            id: None,
            time: now - SignedDuration::from_secs(age),
        }
    }

    #[test]
    fn f9_parts_are_spread_over_the_week() {
        let (round, options) = (round(), RoundOptions::default());
        for hour in 0..168 {
            assert_eq!(i64::from(round.due(&options, at(hour))), hour + 1);
        }
        let due = [168, 1_000].map(|hour| round.due(&options, at(hour)));
        assert_eq!(due, [168, 168]);
    }

    #[test]
    fn f9_every_document_is_compared_once_and_recent_commits_in_the_next_pass() {
        let (mut round, options, now) = (round(), RoundOptions::default(), at(0));
        let streams: Vec<String> = (0..50).map(|id| format!("order#{id}")).collect();
        let mut counted = vec![0; streams.len()];
        for _ in 0..7 {
            for (stream, counted) in streams.iter().zip(&mut counted) {
                let old = round.compares(&key(stream, 30 * 24 * HOUR, now), &options, now);
                *counted += u32::from(old == Some(true));
                assert!(
                    round
                        .compares(&key(stream, 24 * HOUR, now), &options, now)
                        .is_some()
                );
                assert_eq!(round.compares(&key(stream, 60, now), &options, now), None);
            }
            (0..24).for_each(|_| round.advance(None, now));
        }
        assert_eq!(counted, vec![1; streams.len()]);
        assert_eq!(round.ended, Some(now));
    }

    #[test]
    fn f9_round_is_overdue_a_day_after_its_time_unless_it_is_complete() {
        let (mut round, options) = (round(), RoundOptions::default());
        assert!(!round.is_overdue(&options, at(8 * 24)));
        assert!(round.is_overdue(&options, at(8 * 24 + 1)));
        (0..168).for_each(|_| round.advance(None, at(168)));
        assert!(!round.is_overdue(&options, at(9 * 24)));
        assert!(round.is_over(&options, at(168)) && !round.is_over(&options, at(167)));
    }

    #[test]
    fn f9_large_table_is_read_once_per_round() {
        let options = RoundOptions::default();
        let mut large = round();
        large.read = 7 * options.large;
        let next = Round::after(Some(&large), &options, at(168));
        assert_eq!((next.number, next.passes, next.parts), (2, 1, 24));
        assert_eq!(next.due(&options, at(168 + 6)), 1);
        assert_eq!(next.due(&options, at(168 + 7)), 2);
    }
}
