//! The deduplication ids of the last five minutes.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// SQS keeps a deduplication id for five minutes.
pub(crate) const DEDUPLICATION_WINDOW: Duration = Duration::from_secs(300);
/// The most ids that are kept, about 10 MB. Beyond it the oldest is dropped early: a duplicate may then be delivered, which
/// every subscriber drops by its version.
const REMEMBERED: usize = 50_000;

#[derive(Debug, Default)]
pub(crate) struct Recent {
    seen: HashSet<Arc<str>>,
    order: VecDeque<(Instant, Arc<str>)>,
}

impl Recent {
    /// Adds the id of a group. Returns `false` when it is present already.
    pub(crate) fn insert(&mut self, group: &str, dedup: &str, now: Instant) -> bool {
        self.forget(now);
        let key: Arc<str> = format!("{group}\0{dedup}").into();
        if !self.seen.insert(key.clone()) {
            return false;
        }
        self.order.push_back((now, key));
        true
    }

    fn forget(&mut self, now: Instant) {
        while let Some((since, key)) = self.order.front()
            && (now.saturating_duration_since(*since) >= DEDUPLICATION_WINDOW
                || self.order.len() >= REMEMBERED)
        {
            self.seen.remove(key);
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let mut recent = Recent::default();
        let now = Instant::now();
        for n in 0..REMEMBERED + 100 {
            assert!(recent.insert("group", &n.to_string(), now));
        }
        assert_eq!(recent.seen.len(), REMEMBERED);
        assert_eq!(recent.order.len(), REMEMBERED);
    }
}
