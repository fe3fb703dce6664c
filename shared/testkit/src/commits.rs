use commit::{CommandId, Commit, CommitId, Event, EventData, Metadata};
use http_api::ConsistencyToken;
use jiff::{SignedDuration, Timestamp};

/// Creates a commit of these events. Its ids are derived from its place, so that every run has the same.
///
/// # Panics
/// When the stream id is invalid, or an event cannot be encoded.
#[track_caller]
#[must_use]
pub fn commit(stream: &str, first: u64, time: Timestamp, events: &[impl Event]) -> Commit {
    let events = events
        .iter()
        .map(|event| event.encode().expect("the event can be encoded"));
    commit_of(stream, first, time, events.collect())
}

/// Creates a commit as [`commit`] does, of events as they are stored. They may be impossible to decode.
///
/// # Panics
/// When the stream id is invalid.
#[track_caller]
#[must_use]
pub fn commit_of(stream: &str, first: u64, time: Timestamp, events: Vec<EventData>) -> Commit {
    let place = first.to_string();
    Commit {
        stream: stream.parse().expect("the stream id is valid"),
        first,
        count: events.len() as u64,
        id: CommitId::from_bytes(CommandId::derive(&[stream, &place]).bytes()),
        command_id: CommandId::derive(&["command", stream, &place]),
        previous: None,
        time,
        metadata: Metadata::default(),
        events,
    }
}

/// Creates a stream from version 1: one commit for each of these events, one second apart.
///
/// # Panics
/// See [`commit`].
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

/// Returns the consistency token of this commit.
#[must_use]
pub fn token_of(commit: &Commit) -> String {
    ConsistencyToken {
        stream: commit.stream.clone(),
        version: commit.last(),
    }
    .to_string()
}
