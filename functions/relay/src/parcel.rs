use crate::sink::MAX_MESSAGE_BYTES;
use commit::{Commit, Metadata, Parcel, StreamId};

/// What a message's body has before its parcels.
pub(crate) const HEAD: &str = "{\"commits\":[";
/// What it has after them.
pub(crate) const TAIL: &str = "]}";
/// What a message needs besides its parcels.
pub(crate) const WRAPPING: usize = HEAD.len() + TAIL.len();

/// A commit on its way into messages: written as JSON once, however many queues want it.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// The index of its record in the batch: what decides the lowest sequence number that failed.
    pub(crate) record: usize,
    pub(crate) stream: StreamId,
    pub(crate) version: u64,
    /// For the log: which request it belongs to.
    pub(crate) metadata: Metadata,
    pub(crate) lane: u32,
    /// `{stream}#{first}..{last}`.
    pub(crate) place: String,
    pub(crate) json: String,
    /// Only the key was written: the commit is too large for a message.
    pub(crate) key_only: bool,
}

impl Written {
    pub(crate) fn new(record: usize, commit: Commit, lanes: u32) -> Result<Self, serde_json::Error> {
        let place = format!("{}#{}..{}", commit.stream, commit.first, commit.last());
        let (stream, version, metadata) = (commit.stream.clone(), commit.last(), commit.metadata.clone());
        let lane = commit::lane(stream.id(), lanes);
        let key = commit.key();
        let whole = text_for_sqs(&serde_json::to_string(&Parcel::Whole(commit))?);
        let key_only = whole.len() + WRAPPING > MAX_MESSAGE_BYTES;
        let json = if key_only {
            serde_json::to_string(&Parcel::Key(key))?
        } else {
            whole
        };
        Ok(Self {
            record,
            stream,
            version,
            metadata,
            lane,
            place,
            json,
            key_only,
        })
    }
}

/// SQS takes XML's characters only and refuses a message with U+FFFE or U+FFFF, which JSON allows unescaped: an order for a
/// dish of that name would stop its lane. Other forbidden characters are control characters, which JSON always escapes.
fn text_for_sqs(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    proptest! {
        #[test]
        fn any_text_survives_in_characters_that_sqs_takes(text: String, tail in "[\u{0}-\u{1f}\u{7f}\u{fffe}\u{ffff}\\\\\"]*") {
            let value = json!({ "name": format!("{text}{tail}") });
            let escaped = text_for_sqs(&value.to_string());
            let forbidden = |c: char| (c < ' ' && !"\t\n\r".contains(c)) || c == '\u{fffe}' || c == '\u{ffff}';
            prop_assert!(!escaped.contains(forbidden));
            prop_assert_eq!(serde_json::from_str::<Value>(&escaped).unwrap(), value);
        }
    }
}
