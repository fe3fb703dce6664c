use commit::{CommandId, Commit, CommitId, Event, EventData, Metadata};
use http_api::ConsistencyToken;
use jiff::{SignedDuration, Timestamp};

/// A commit of these events. Its ids follow from its place, so that every run has the same.
///
/// # Panics
/// When the stream is none, or an event cannot be written.
#[track_caller]
#[must_use]
pub fn commit(stream: &str, first: u64, time: Timestamp, events: &[impl Event]) -> Commit {
    let events = events.iter().map(|event| event.encode().expect("an event"));
    commit_of(stream, first, time, events.collect())
}

/// As [`commit`], of events as they are stored, which nobody may be able to read.
///
/// # Panics
/// When the stream is none.
#[track_caller]
#[must_use]
pub fn commit_of(stream: &str, first: u64, time: Timestamp, events: Vec<EventData>) -> Commit {
    let place = first.to_string();
    Commit {
        stream: stream.parse().expect("a stream"),
        first,
        count: events.len() as u64,
        id: CommitId::from_bytes(CommandId::derive(&[stream, &place]).bytes()),
        command_id: CommandId::derive(&["command", stream, &place]),
        time,
        metadata: Metadata::default(),
        events,
    }
}

/// A stream from its beginning: one commit for each of these events, a second apart.
///
/// # Panics
/// As [`commit`].
#[track_caller]
#[must_use]
pub fn commits(stream: &str, begins: Timestamp, events: &[impl Event]) -> Vec<Commit> {
    let mut time = begins;
    let mut commits = Vec::new();
    for (first, event) in (1..).zip(events) {
        commits.push(commit(stream, first, time, std::slice::from_ref(event)));
        time += SignedDuration::from_secs(1);
    }
    commits
}

/// The token that the command of this commit answered.
#[must_use]
pub fn token_of(commit: &Commit) -> String {
    ConsistencyToken {
        stream: commit.stream.clone(),
        version: commit.last(),
    }
    .to_string()
}
