use crate::Metrics;

/// Emits that the history of `count` streams, documents or commits is no longer the one that was known (G16): a table was put
/// back to an earlier time, or somebody changed stored commits. `place` is the table or the subscriber that noticed it.
///
/// One metric without a dimension, for one alarm. Nothing is emitted for a count of 0.
pub fn history_changed(place: &str, count: u64) {
    if count > 0 {
        Metrics::event("HistoryChanged")
            .count("HistoriesChanged", count)
            .property("place", place)
            .emit();
    }
}
