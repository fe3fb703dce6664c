//! How much work is under way, so that one can wait until there is none.

use std::sync::Arc;
use tokio::sync::watch;

/// A count of stream records and queue messages that are not done yet. Whoever hands work on adds the new before it
/// finishes the old, so zero means that nothing will follow by itself.
#[derive(Debug, Clone)]
pub(crate) struct Outstanding(Arc<watch::Sender<usize>>);

impl Default for Outstanding {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Outstanding {
    pub(crate) fn add(&self, count: usize) {
        self.0.send_modify(|outstanding| *outstanding += count);
    }

    pub(crate) fn done(&self, count: usize) {
        self.0
            .send_modify(|outstanding| *outstanding = outstanding.saturating_sub(count));
    }

    pub(crate) fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Returns when nothing is under way.
    pub(crate) async fn none(&self) {
        // It fails only when the sender is gone, and this is the sender.
        let _ = self.0.subscribe().wait_for(|outstanding| *outstanding == 0).await;
    }
}
