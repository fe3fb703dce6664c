use crate::batch::Delivery;
use commit::{Commit, StreamId};

/// The work on one document.
#[derive(Clone, Copy)]
pub(crate) enum Job<'a> {
    /// Apply these delivered commits.
    Deliver(&'a [Delivery]),
    /// Lift the document's quarantine and heal every source.
    Recover,
    /// Answer the deadlines that have passed.
    Overdue,
    /// Apply these commits of one stream, which a rebuild read. A new document gets its other sources at once, so that
    /// it is written once.
    Scanned(&'a [Commit]),
    /// Heal this stream, because a sweep or a verification found the document behind it. A new document gets its other
    /// sources at once.
    Heal(&'a StreamId),
}
