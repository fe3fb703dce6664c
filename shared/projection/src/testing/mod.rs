//! For the tests of views and reactors.

use crate::view::View;
use commit::Commit;

/// The document after these commits, in this order.
///
/// # Panics
/// When an event cannot be applied.
#[track_caller]
pub fn fold<V: View>(commits: &[Commit]) -> V::Document {
    unimplemented!()
}

/// Asserts that every interleaving of the sources' streams, each commit delivered twice, gives the same document.
///
/// # Panics
/// When two interleavings differ.
#[track_caller]
pub fn assert_commutes<V: View>(commits: &[Commit]) {
    unimplemented!()
}
