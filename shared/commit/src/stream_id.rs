use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The name of a stream: `{category}#{id}`, for example `order#ord_0193…`. It is the partition key of the event table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct StreamId {
    category: String,
    id: String,
}

/// The error when text is not a stream id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a stream id: it takes a category of 1–32 lower-case letters or hyphens, `#`, and an id of 1–128 letters, digits, `_` or `-`"
)]
pub struct InvalidStreamId(String);

/// The category of marks: items in an event table that remember a command without events. They are not commits, belong to no
/// aggregate, expire, and reach no subscriber. No service may own this category.
pub const MARKS: &str = "mark";

impl StreamId {
    /// Returns whether it is the place of a mark ([`MARKS`]) and not the stream of an aggregate.
    #[must_use]
    pub fn is_mark(&self) -> bool {
        self.category == MARKS
    }

    /// Returns the stream of one aggregate.
    ///
    /// # Errors
    /// [`InvalidStreamId`] when the characters or the length of the category or the id are not allowed.
    pub fn new(category: &str, id: &str) -> Result<Self, InvalidStreamId> {
        let category_fits = (1..=32).contains(&category.len())
            && category.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let id_fits = (1..=128).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if category_fits && id_fits {
            Ok(Self {
                category: category.to_owned(),
                id: id.to_owned(),
            })
        } else {
            Err(InvalidStreamId(
                format!("{category}#{id}").chars().take(200).collect(),
            ))
        }
    }

    /// Returns the kind of the aggregate, for example `order`.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// Returns the aggregate's id, for example `ord_0193…`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.category, self.id)
    }
}

impl FromStr for StreamId {
    type Err = InvalidStreamId;
    fn from_str(text: &str) -> Result<Self, InvalidStreamId> {
        let invalid = || InvalidStreamId(text.chars().take(200).collect());
        let (category, id) = text.split_once('#').ok_or_else(invalid)?;
        Self::new(category, id)
    }
}

impl From<StreamId> for String {
    fn from(id: StreamId) -> String {
        id.to_string()
    }
}

impl TryFrom<String> for StreamId {
    type Error = InvalidStreamId;
    fn try_from(text: String) -> Result<Self, InvalidStreamId> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        let id = StreamId::new("order", "ord_1").unwrap();
        assert_eq!(id.to_string(), "order#ord_1");
        assert_eq!("order#ord_1".parse::<StreamId>().unwrap(), id);
    }

    #[test]
    fn invalid_text_is_refused() {
        let long = "x".repeat(129);
        for text in [
            "",
            "order",
            "#",
            "order#",
            "#ord_1",
            "order#a#b",
            "order#../x",
            "Order#x",
            "order#é",
            &long,
        ] {
            assert!(text.parse::<StreamId>().is_err(), "{text}");
        }
    }
}
