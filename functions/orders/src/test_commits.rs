//! Commits for the tests of the view and the reactor.

use commit::{Commit, Event};
use jiff::{SignedDuration, Timestamp};

pub(crate) fn commit(stream: &str, first: u64, event: &impl Event) -> Commit {
    commit_at(0, stream, first, event)
}

/// Returns a commit of this minute.
pub(crate) fn commit_at(minute: i64, stream: &str, first: u64, event: &impl Event) -> Commit {
    testkit::commit(stream, first, at(minute), std::slice::from_ref(event))
}

pub(crate) fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T18:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minute)
}
