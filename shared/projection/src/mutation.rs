//! Safeguards that a test may take out, one at a time and in its own thread, to show that they would be missed.
//!
//! Without the feature `mutations` there is nothing here but a constant.

#![cfg_attr(
    not(feature = "mutations"),
    expect(unreachable_pub, reason = "the module is public with the feature alone")
)]

/// A safeguard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safeguard {
    /// A commit is compared with what the document has.
    Gate,
    /// A gap is filled from the event table.
    Heal,
    /// A table is scanned, and the rows of a generation are deleted, only when nobody is at work by the old registry.
    Fence,
    /// A tally gets the difference to the contribution before.
    TallyDifference,
}

#[cfg(feature = "mutations")]
thread_local! {
    static REMOVED: std::cell::Cell<Option<Safeguard>> = const { std::cell::Cell::new(None) };
}

/// Takes a safeguard out in this thread; none puts it back.
#[cfg(feature = "mutations")]
pub fn remove(safeguard: Option<Safeguard>) {
    REMOVED.set(safeguard);
}

/// Whether a test has taken it out.
#[cfg(feature = "mutations")]
pub(crate) fn is_removed(safeguard: Safeguard) -> bool {
    REMOVED.get() == Some(safeguard)
}

#[cfg(not(feature = "mutations"))]
pub(crate) const fn is_removed(_: Safeguard) -> bool {
    false
}
