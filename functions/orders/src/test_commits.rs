//! Commits for the tests of the view and the reactor.

use commit::{Commit, Event};

pub(crate) fn commit(stream: &str, first: u64, event: &impl Event) -> Commit {
    let time = "2026-11-23T18:00:00Z".parse().unwrap();
    testkit::commit(stream, first, time, std::slice::from_ref(event))
}
