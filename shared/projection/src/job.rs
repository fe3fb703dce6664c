use crate::batch::Delivery;
use commit::{Commit, StreamId};

/// What is to be done with one document.
#[derive(Clone, Copy)]
pub(crate) enum Job<'a> {
    /// These commits were delivered for it.
    Deliver(&'a [Delivery]),
    /// Lift its quarantine and heal every source.
    Recover,
    /// A rebuild read these commits of one stream. A document that is new gets its other sources at once, so that it is
    /// written once.
    Scanned(&'a [Commit]),
    /// A sweep or a verification found it behind this stream. A document that is new gets its other sources at once.
    Heal(&'a StreamId),
}
