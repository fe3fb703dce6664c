use crate::{Commit, StreamId};
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
    /// The commit time, epoch milliseconds.
    #[serde(rename = "t", with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub time: Timestamp,
}

impl CommitKey {
    /// The version of the commit's last event.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.first + self.count.saturating_sub(1)
    }
}

/// What a message carries of one commit. The message is a doorbell with a parcel; the event table is the truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Parcel {
    /// The commit itself.
    Whole(Commit),
    /// Only its key: it was too large for a message, or a sweep rings for it. The reader fetches it.
    Key(CommitKey),
}

impl Parcel {
    /// The stream it belongs to.
    #[must_use]
    pub fn stream(&self) -> &StreamId {
        match self {
            Self::Whole(commit) => &commit.stream,
            Self::Key(key) => &key.stream,
        }
    }

    /// The version of the commit's last event.
    #[must_use]
    pub fn last(&self) -> u64 {
        match self {
            Self::Whole(commit) => commit.last(),
            Self::Key(key) => key.last(),
        }
    }
}

/// The body of a queue message: commits of one lane, in the order in which the stream gave them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The commits.
    pub commits: Vec<Parcel>,
    /// Ids of documents whose quarantine is to be lifted, because what they could not take was fixed. An operator's
    /// redrive goes the way of the commits, so that it waits behind what is in work for the document, and so that a
    /// reactor's effects run in the reactor's own function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redrive: Vec<String>,
}

impl Message {
    /// Of commits alone.
    #[must_use]
    pub fn of(commits: Vec<Parcel>) -> Self {
        Self {
            commits,
            redrive: Vec::new(),
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
    fn a_key_knows_its_last_version() {
        assert_eq!((commit().last(), commit().key().last()), (5, 5));
    }
}
