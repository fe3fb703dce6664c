use crate::sink::MAX_MESSAGE_BYTES;
use commit::{Commit, CommitKey, Metadata, Parcel, StreamId};

/// The beginning of a message's body, before its parcels.
pub(crate) const HEAD: &str = "{\"commits\":[";
/// The end of a message's body, after its parcels.
pub(crate) const TAIL: &str = "]}";
/// The number of bytes of a message besides its parcels.
pub(crate) const WRAPPING: usize = HEAD.len() + TAIL.len();

/// A commit on its way into messages. It is written as JSON once, for any number of queues.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// The index of its record in the batch, which determines the lowest failed sequence number.
    pub(crate) record: usize,
    pub(crate) stream: StreamId,
    pub(crate) version: u64,
    /// The key, for a subscriber whose queue refuses the commit.
    pub(crate) key: CommitKey,
    /// The metadata, which names the request in the log.
    pub(crate) metadata: Metadata,
    pub(crate) lane: u32,
    /// `{stream}#{first}..{last}`.
    pub(crate) place: String,
    pub(crate) json: String,
    /// Whether only the key was written, because the commit is too large for a message.
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
            serde_json::to_string(&Parcel::Key(key.clone()))?
        } else {
            whole
        };
        Ok(Self {
            record,
            stream,
            version,
            key,
            metadata,
            lane,
            place,
            json,
            key_only,
        })
    }
}

/// Escapes two characters for SQS. SQS accepts only XML's characters and refuses a message with U+FFFE or U+FFFF, which
/// JSON allows unescaped: an order for a dish of that name would stop its lane. The other forbidden ones are control
/// characters, which JSON always escapes.
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
