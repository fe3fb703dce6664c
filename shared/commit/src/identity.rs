use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The error when text is not a valid identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not 16 bytes in base64url")]
pub struct InvalidIdentity(String);

fn digest(parts: &[&[u8]]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        // The length in front keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// Returns the 16 bytes.
            #[must_use]
            pub fn bytes(&self) -> [u8; 16] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = InvalidIdentity;
            fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
                let invalid = || InvalidIdentity(text.chars().take(64).collect());
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
                Ok(Self(bytes.try_into().map_err(|_| invalid())?))
            }
        }

        impl From<$name> for String {
            fn from(identity: $name) -> String {
                identity.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidIdentity;
            fn try_from(text: String) -> Result<Self, InvalidIdentity> {
                text.parse()
            }
        }
    };
}

identity! {
    /// The unique id of a commit: a UUIDv7, written as 22 characters of base64url.
    CommitId
}

identity! {
    /// The identity of a command, by which a repeated command is recognized (G4). It is derived, so a client's key is
    /// never stored.
    CommandId
}

identity! {
    /// A hash of a command's body, which tells a retry from another command under the same key (G4).
    Fingerprint
}

impl CommitId {
    /// Generates a new id.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::now_v7().into_bytes())
    }

    /// Returns the id with these bytes; for tests and examples.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// The end of a commit's id, with which the next commit of the stream names it: the chain (G16). Written as the last 10 of
/// the id's 22 characters.
///
/// Its 56 bits are the end of a UUIDv7, of which 32 are random and the others count the ids of one millisecond. (The
/// beginning of a UUIDv7 is its time, the same for all ids of one process in one millisecond.) Two histories of a stream
/// whose commits at one place have the same link cannot be told apart there; the chance is less than 1 in 4 billion for
/// each stream that is put back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Link([u8; LINK]);

const LINK: usize = 7;

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({self})")
    }
}

impl FromStr for Link {
    type Err = InvalidLink;
    fn from_str(text: &str) -> Result<Self, InvalidLink> {
        let invalid = || InvalidLink(text.chars().take(64).collect());
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        Ok(Self(bytes.try_into().map_err(|_| invalid())?))
    }
}

impl From<Link> for String {
    fn from(link: Link) -> String {
        link.to_string()
    }
}

impl TryFrom<String> for Link {
    type Error = InvalidLink;
    fn try_from(text: String) -> Result<Self, InvalidLink> {
        text.parse()
    }
}

/// The error when text is not a [`Link`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not 7 bytes in base64url")]
pub struct InvalidLink(String);

impl CommitId {
    /// Returns the end of the id, with which the next commit names this one.
    #[must_use]
    pub fn link(&self) -> Link {
        let mut link = [0; LINK];
        link.copy_from_slice(&self.0[16 - LINK..]);
        Link(link)
    }

    /// Returns whether this id was generated after the other, as far as the clocks of their writers agree. Returns `false`
    /// when one of them is not a UUIDv7.
    #[must_use]
    pub fn is_later_than(&self, other: &Self) -> bool {
        let is_v7 = |id: &Self| id.0[6] >> 4 == 7;
        is_v7(self) && is_v7(other) && self.0 > other.0
    }
}

impl CommandId {
    /// Generates an id for a command that is never repeated.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::now_v7().into_bytes())
    }

    /// Derives an id from these parts: scope and key for a client's command; reactor, source commit and index for an
    /// effect. The same parts give the same id.
    #[must_use]
    pub fn derive(parts: &[&str]) -> Self {
        let parts: Vec<&[u8]> = parts.iter().map(|p| p.as_bytes()).collect();
        Self(digest(&parts))
    }
}

impl Fingerprint {
    /// Hashes these parts, in this order, to 128 bits of SHA-256.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        Self(digest(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        let id = CommitId::random();
        assert_eq!(id.to_string().len(), 22);
        assert_eq!(id.to_string().parse::<CommitId>().unwrap(), id);
    }

    #[test]
    fn derived_ids_repeat_and_keep_parts_apart() {
        assert_eq!(CommandId::derive(&["ab", "c"]), CommandId::derive(&["ab", "c"]));
        assert_ne!(CommandId::derive(&["ab", "c"]), CommandId::derive(&["a", "bc"]));
    }

    #[test]
    fn link_is_the_end_of_the_id() {
        let id = CommitId::random();
        assert_eq!(id.link().to_string(), id.to_string()[12..]);
        assert_eq!(id.link().to_string().parse::<Link>().unwrap(), id.link());
        assert!("short".parse::<Link>().is_err());
    }

    #[test]
    fn ids_of_one_millisecond_have_different_links_and_are_ordered() {
        let ids: Vec<CommitId> = (0..1_000).map(|_| CommitId::random()).collect();
        let links: std::collections::HashSet<Link> = ids.iter().map(CommitId::link).collect();
        assert_eq!(links.len(), ids.len());
        assert!(ids.windows(2).all(|two| two[1].is_later_than(&two[0])));
        assert!(!CommitId::from_bytes([9; 16]).is_later_than(&ids[0]));
    }

    #[test]
    fn invalid_text_is_refused() {
        for text in [
            "",
            "short",
            "!!!!!!!!!!!!!!!!!!!!!!",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(text.parse::<CommandId>().is_err(), "{text}");
        }
    }
}
