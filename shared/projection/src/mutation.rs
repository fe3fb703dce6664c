//! Safeguards that a test may remove, one at a time and in its own thread, to show that other tests detect it.
//!
//! Without the feature `mutations` this module contains only a constant.

#![cfg_attr(
    not(feature = "mutations"),
    expect(unreachable_pub, reason = "the module is public with the feature alone")
)]

/// A safeguard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safeguard {
    /// The comparison of a commit with the document's versions.
    Gate,
    /// The heal of a gap from the event table.
    Heal,
    /// The wait until nobody uses the old registry, before a table is scanned or the rows of a generation are deleted.
    Fence,
    /// The comparison of a commit, and of the event table, with the last commit of a document.
    Chain,
    /// The mark of a source that failed for a technical reason.
    Parked,
    /// The mark of a source that met an event of newer code.
    Newer,
    /// The tally's difference to the contribution before.
    TallyDifference,
    /// The sum of what the documents of one transaction add to a counter.
    CombinedTallies,
    /// The sum of a counter's shards in a read.
    TallyShards,
    /// The read of the commits that were added to a stream after a deep sweep had read it, if the document has them.
    ReadAgain,
    /// The comparison of rounds of sweeps.
    Rounds,
    /// The worker's healing of what relays and queues gave up.
    PutAside,
    /// The messages for deadlines that have passed.
    Deadlines,
}

#[cfg(feature = "mutations")]
thread_local! {
    static REMOVED: std::cell::Cell<Option<Safeguard>> = const { std::cell::Cell::new(None) };
}

/// Removes a safeguard in this thread; `None` restores it.
#[cfg(feature = "mutations")]
pub fn remove(safeguard: Option<Safeguard>) {
    REMOVED.set(safeguard);
}

/// Returns whether a test has removed it.
#[cfg(feature = "mutations")]
pub(crate) fn is_removed(safeguard: Safeguard) -> bool {
    REMOVED.get() == Some(safeguard)
}

#[cfg(not(feature = "mutations"))]
pub(crate) const fn is_removed(_: Safeguard) -> bool {
    false
}
