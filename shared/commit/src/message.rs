use crate::{Commit, CommitId, StreamId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The place of a commit in its stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitKey {
    /// The stream.
    #[serde(rename = "pk")]
    pub stream: StreamId,
    /// The version of the commit's first event.
    #[serde(rename = "sk")]
    pub first: u64,
    /// The number of its events.
    #[serde(rename = "n")]
    pub count: u64,
    /// The commit time, in epoch milliseconds.
    #[serde(rename = "t", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub time: Timestamp,
    /// The commit's id. `None` in messages sent before keys had one.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CommitId>,
}

impl CommitKey {
    /// Returns the version of the commit's last event.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.first + self.count.saturating_sub(1)
    }
}

/// The part of a message for one commit. A message is a hint that usually carries the commit; the event table is
/// authoritative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parcel {
    /// The commit itself.
    Whole(Commit),
    /// Only the commit's key, because the commit is too large for a message or because a sweep sent the message. The
    /// reader fetches the commit.
    Key(CommitKey),
}

impl Parcel {
    /// Returns the stream of the commit.
    #[must_use]
    pub fn stream(&self) -> &StreamId {
        match self {
            Self::Whole(commit) => &commit.stream,
            Self::Key(key) => &key.stream,
        }
    }

    /// Returns the commit's id, if it is known.
    #[must_use]
    pub fn id(&self) -> Option<CommitId> {
        match self {
            Self::Whole(commit) => Some(commit.id),
            Self::Key(key) => key.id,
        }
    }

    /// Returns the version of the commit's last event.
    #[must_use]
    pub fn last(&self) -> u64 {
        match self {
            Self::Whole(commit) => commit.last(),
            Self::Key(key) => key.last(),
        }
    }
}

/// The body of a queue message: commits of one lane, in the order in which the event table's stream delivered them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The commits.
    pub commits: Vec<Parcel>,
    /// Ids of documents whose quarantine is to be lifted, because its cause was fixed. An operator's redrive takes the
    /// same queue as the commits, so that it waits behind what is in progress for the document, and so that a reactor's
    /// effects run in the reactor's own function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redrive: Vec<String>,
    /// Ids of documents with a deadline that has passed. Nothing is lost with such a message: the worker sends it again each
    /// minute until the deadline is answered or met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<String>,
    /// How often these commits have become dead letters, so that a message that always fails is repeated with longer
    /// and longer pauses.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub dead: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Message {
    /// Creates a message of commits without redrives.
    #[must_use]
    pub fn of(commits: Vec<Parcel>) -> Self {
        Self {
            commits,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommandId, CommitId, EventData, Metadata};
    use serde_json::json;

    fn commit() -> Commit {
        Commit {
            stream: "order#ord_1".parse().unwrap(),
            first: 4,
            count: 2,
            id: CommitId::from_bytes([1; 16]),
            command_id: CommandId::derive(&["a"]),
            previous: None,
            time: Timestamp::from_millisecond(1_700_000_000_123).unwrap(),
            metadata: Metadata {
                actor: Some("con_1".into()),
                ..Metadata::default()
            },
            events: vec![
                EventData {
                    kind: "A".into(),
                    schema: 1,
                    data: json!({ "x": 1 }),
                },
                EventData {
                    kind: "B".into(),
                    schema: 2,
                    data: json!({}),
                },
            ],
        }
    }

    #[test]
    fn whole_commits_and_keys_round_trip() {
        let message = Message::of(vec![Parcel::Whole(commit()), Parcel::Key(commit().key())]);
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&text).unwrap(), message);
    }

    #[test]
    fn message_that_was_never_a_dead_letter_is_written_as_before() {
        let message = Message::of(vec![Parcel::Key(commit().key())]);
        assert!(!serde_json::to_string(&message).unwrap().contains("dead"));
        assert!(!serde_json::to_string(&message).unwrap().contains("overdue"));
        let again = Message { dead: 2, ..message };
        let text = serde_json::to_string(&again).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&text).unwrap(), again);
    }

    #[test]
    fn key_and_commit_have_the_same_last_version() {
        assert_eq!((commit().last(), commit().key().last()), (5, 5));
    }
}
