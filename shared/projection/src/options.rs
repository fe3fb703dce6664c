use jiff::Timestamp;
use std::time::Duration;

/// The limits of an engine's work on a batch.
#[derive(Debug, Clone)]
pub struct Options {
    /// The number of documents of a batch that are handled concurrently.
    pub concurrency: usize,
    /// How long a write that DynamoDB cancels, because it overlaps with a transaction or is throttled, is tried again with
    /// jitter, from when its document was read. A third of the function's timeout.
    pub conflicts: Duration,
    /// The number of attempts to write a document that others write too, and to read what DynamoDB left unprocessed in
    /// a batch read.
    pub attempts: u32,
    /// The number of attempts of an effect within one delivery of its message. Without them, a temporary failure would
    /// block its whole lane until the message becomes visible again, which takes minutes. Four attempts take about a
    /// third of a second.
    pub effect_tries: u32,
    /// The clock for the next try of what failed, for deadlines, and for the commits of effects. It must be [`Timestamp::now`] outside of tests.
    pub clock: fn() -> Timestamp,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 32,
            conflicts: settings::SUBSCRIBER_TIMEOUT / 3,
            attempts: 8,
            effect_tries: 4,
            clock: Timestamp::now,
        }
    }
}
