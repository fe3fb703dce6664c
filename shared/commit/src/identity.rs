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
