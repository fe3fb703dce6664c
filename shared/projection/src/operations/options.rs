use super::control::ControlOptions;
use super::round::RoundOptions;
use crate::options::Options;
use std::time::Duration;

/// The options of a worker.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// The options of [`Control`].
    pub control: ControlOptions,
    /// The options for writes of views.
    pub projection: Options,
    /// The options of rounds of sweeps.
    pub round: RoundOptions,
    /// The maximum time for a page, the read of the run included; after it the page is repeated. It is less than the
    /// fence, so that a page that began before a generation was given up has ended before its rows are deleted.
    pub page: Duration,
    /// The interval at which an active run is checked.
    pub heartbeat: Duration,
    /// The time without a save after which a segment has lost its worker and its task is sent again: longer than a
    /// worker's timeout.
    pub stale: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            control: ControlOptions::default(),
            projection: Options::default(),
            round: RoundOptions::default(),
            page: settings::SUBSCRIBER_TIMEOUT,
            heartbeat: Duration::from_secs(60),
            stale: Duration::from_secs(600),
        }
    }
}
