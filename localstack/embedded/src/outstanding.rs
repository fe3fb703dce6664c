//! The amount of work in progress, so that callers can wait until there is none.

use std::sync::Arc;
use tokio::sync::watch;

/// A count of unfinished stream records and queue messages. Code that passes work on adds the new work before it finishes the
/// old, so zero means that nothing follows.
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

    /// Waits until no work is in progress.
    pub(crate) async fn none(&self) {
        // This fails only when the sender is dropped, and this is the sender.
        let _ = self.0.subscribe().wait_for(|outstanding| *outstanding == 0).await;
    }
}
