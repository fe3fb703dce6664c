use crate::{CommitId, Link};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The last commit that a reader knows of a stream. It is written `{first}-{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Head {
    /// The version of the commit's first event.
    pub first: u64,
    /// The commit's id.
    pub id: CommitId,
}

impl Head {
    /// Returns whether a commit that names `previous` may follow this one. A commit that names none was stored before there
    /// was a chain, and may follow any.
    #[must_use]
    pub fn is_named_by(&self, previous: Option<Link>) -> bool {
        previous.is_none_or(|previous| previous == self.id.link())
    }
}

/// The error when text is not a [`Head`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a version and a commit id")]
pub struct InvalidHead(String);

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.id)
    }
}

impl FromStr for Head {
    type Err = InvalidHead;
    fn from_str(text: &str) -> Result<Self, InvalidHead> {
        let parsed = text.split_once('-').and_then(|(first, id)| {
            let (first, id) = (first.parse().ok()?, id.parse().ok()?);
            Some(Self { first, id })
        });
        parsed.ok_or_else(|| InvalidHead(text.chars().take(64).collect()))
    }
}

impl From<Head> for String {
    fn from(head: Head) -> String {
        head.to_string()
    }
}

impl TryFrom<String> for Head {
    type Error = InvalidHead;
    fn try_from(text: String) -> Result<Self, InvalidHead> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        let head = Head {
            first: 42,
            id: CommitId::from_bytes([0xff; 16]),
        };
        assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
        for invalid in ["", "42", "x-y", "-1-AQEBAQEBAQEBAQEBAQEBAQ"] {
            assert!(invalid.parse::<Head>().is_err(), "{invalid}");
        }
    }

    #[test]
    fn commit_without_a_chain_may_follow_any() {
        let id = CommitId::random();
        let head = Head { first: 1, id };
        assert!(head.is_named_by(None) && head.is_named_by(Some(id.link())));
        assert!(!head.is_named_by(Some(CommitId::random().link())));
    }
}
