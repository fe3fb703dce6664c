use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use uuid::Uuid;

/// The id of a caller: what is stored as the actor of a commit and written to logs.
///
/// It is derived, so that neither shows a subject, a name or an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallerId(String);

impl CallerId {
    /// Returns the id of whoever these parts identify, for example an issuer and the subject of its token: `usr_` and a UUIDv8
    /// that is derived from them, 36 characters.
    #[must_use]
    pub fn derive(parts: &[&str]) -> Self {
        Self(format!("usr_{}", derived("caller", parts).simple()))
    }

    /// Returns the id of a caller that is no person: a program by its name, for example `local`.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody whose credentials were checked. It travels with a request from where that was done to the function that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    id: CallerId,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    roles: BTreeSet<String>,
    /// What the caller holds: ids by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    holds: BTreeMap<String, BTreeSet<String>>,
    /// Whether every operation is allowed, for everything.
    #[serde(default, skip_serializing_if = "is_false")]
    unrestricted: bool,
    /// When the credentials expire; `None` if they were checked for this request alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Caller {
    /// Creates a caller without roles, who may use what anybody may use.
    #[must_use]
    pub fn new(id: CallerId) -> Self {
        Self {
            id,
            roles: BTreeSet::new(),
            holds: BTreeMap::new(),
            unrestricted: false,
            expires: None,
        }
    }

    /// Creates a caller who may use every operation for everything. For a system that only its owner can reach, and behind
    /// another check that decides who may call what.
    #[must_use]
    pub fn unrestricted(id: CallerId) -> Self {
        Self {
            unrestricted: true,
            ..Self::new(id)
        }
    }

    /// Adds a role.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.roles.insert(role.into());
        self
    }

    /// Adds something that the caller holds: its kind, for example `restaurant`, and its id.
    #[must_use]
    pub fn holding(mut self, kind: impl Into<String>, id: impl Into<String>) -> Self {
        self.holds.entry(kind.into()).or_default().insert(id.into());
        self
    }

    /// Sets when the credentials expire.
    #[must_use]
    pub fn expiring(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }

    /// Returns the caller's id.
    #[must_use]
    pub fn id(&self) -> &CallerId {
        &self.id
    }

    /// Returns whether the caller has this role.
    #[must_use]
    pub fn is(&self, role: &str) -> bool {
        self.roles.contains(role)
    }

    /// Returns the ids that the caller holds of this kind, sorted.
    pub fn held(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.holds.get(kind).into_iter().flatten().map(String::as_str)
    }

    /// Returns whether every operation is allowed, for everything.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        self.unrestricted
    }

    /// Returns whether the credentials have expired at this time.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Returns the id of the caller's own thing of this kind, as a UUIDv8: derived from the caller's id, so that whoever
    /// registers has one that can be compared without a lookup.
    #[must_use]
    pub fn own(&self, kind: &str) -> Uuid {
        derived("own", &[kind, self.id.as_str()])
    }
}

/// Derives a UUIDv8 from parts. The length in front keeps ("ab", "c") and ("a", "bc") apart.
fn derived(domain: &str, parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in [&domain].into_iter().chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    Uuid::new_v8(short)
}
