use crate::Caller;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// The access rule of an operation: who may use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// `None` for anybody, with or without credentials.
    grants: Option<&'static [Grant]>,
}

/// A role that may use an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: &'static str,
    /// The kind of what the caller must hold: the operation is then for things of that kind that the caller holds, and for
    /// what belongs to them. `None` for everything.
    pub own: Option<&'static str>,
}

impl Grant {
    /// Allows a role to use the operation for everything.
    #[must_use]
    pub const fn all(role: &'static str) -> Self {
        Self { role, own: None }
    }

    /// Allows a role to use the operation for what belongs to a thing of this kind that the caller holds.
    #[must_use]
    pub const fn own(role: &'static str, kind: &'static str) -> Self {
        Self {
            role,
            own: Some(kind),
        }
    }
}

impl Access {
    /// Anybody may use the operation, without credentials.
    pub const ANYBODY: Self = Self { grants: None };

    /// Only these roles may use the operation.
    #[must_use]
    pub const fn to(grants: &'static [Grant]) -> Self {
        Self { grants: Some(grants) }
    }

    /// Returns the roles that may use the operation, or `None` if anybody may.
    #[must_use]
    pub fn grants(&self) -> Option<&'static [Grant]> {
        self.grants
    }

    /// Returns for what this caller may use the operation.
    ///
    /// # Errors
    /// [`Refused::NotAllowed`] when no role of the caller may use it.
    pub fn granted_to(&self, caller: &Caller) -> Result<Granted, Refused> {
        let Some(grants) = self.grants else {
            return Ok(Granted::All);
        };
        if caller.is_unrestricted() {
            return Ok(Granted::All);
        }
        let mut own: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        for grant in grants.iter().filter(|grant| caller.is(grant.role)) {
            match grant.own {
                None => return Ok(Granted::All),
                Some(kind) => own
                    .entry(kind)
                    .or_default()
                    .extend(caller.held(kind).map(str::to_owned)),
            }
        }
        if own.is_empty() {
            return Err(Refused::NotAllowed);
        }
        Ok(Granted::Own(own))
    }

    /// Returns for what the operation may be used by this caller at this time, or by somebody without credentials.
    ///
    /// # Errors
    /// See [`Refused`].
    pub fn check(&self, caller: Option<&Caller>, now: Timestamp) -> Result<Granted, Refused> {
        match caller {
            _ if self.grants.is_none() => Ok(Granted::All),
            Some(caller) if caller.has_expired(now) => Err(Refused::Expired),
            Some(caller) => self.granted_to(caller),
            None => Err(Refused::NoCredentials),
        }
    }
}

/// For what a caller may use an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granted {
    /// For everything.
    All,
    /// For what belongs to these things only: ids by kind.
    Own(BTreeMap<&'static str, BTreeSet<String>>),
}

impl Granted {
    /// Returns whether the operation may be used for what belongs to the thing with this kind and id.
    #[must_use]
    pub fn covers(&self, kind: &str, id: impl Display) -> bool {
        match self {
            Self::All => true,
            Self::Own(own) => own.get(kind).is_some_and(|ids| ids.contains(&id.to_string())),
        }
    }

    /// Returns the id of the only thing of this kind for which the operation may be used, or `None` if there are none or
    /// several, or it may be used for everything.
    #[must_use]
    pub fn only(&self, kind: &str) -> Option<&str> {
        let Self::Own(own) = self else { return None };
        let mut ids = own.get(kind)?.iter();
        ids.next().filter(|_| ids.next().is_none()).map(String::as_str)
    }
}

/// Why a caller may not use an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The request has no credentials.
    NoCredentials,
    /// The credentials have expired.
    Expired,
    /// No role of the caller may use the operation.
    NotAllowed,
}
