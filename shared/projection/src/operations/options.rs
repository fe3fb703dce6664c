use super::control::ControlOptions;
use crate::options::Options;
use std::time::Duration;

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// As for [`Control`].
    pub control: ControlOptions,
    /// How views are written.
    pub projection: Options,
    /// The longest that a page may take, its look at the run included; then it comes again. Less than the fence: a page that
    /// was begun before a generation was given up has ended before its rows are deleted.
    pub page: Duration,
    /// How often an active run is looked after.
    pub heartbeat: Duration,
    /// A segment that was not saved for this long has lost its worker, and is rung for again: longer than a worker's
    /// timeout.
    pub stale: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            control: ControlOptions::default(),
            projection: Options::default(),
            page: settings::SUBSCRIBER_TIMEOUT,
            heartbeat: Duration::from_secs(60),
            stale: Duration::from_secs(600),
        }
    }
}
