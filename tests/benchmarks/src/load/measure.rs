//! The numbers of a run.

use std::time::Duration;

/// The result of a run of orders.
pub(crate) struct Orders {
    pub(crate) per_second: f64,
    pub(crate) writes_per_second: f64,
    pub(crate) calls_per_second: f64,
    /// Sorted.
    lags: Vec<Duration>,
}

impl Orders {
    pub(crate) fn new(
        completed: usize,
        (writes, calls): (u64, u64),
        elapsed: Duration,
        mut lags: Vec<Duration>,
    ) -> Self {
        lags.sort_unstable();
        let seconds = elapsed.as_secs_f64();
        Self {
            per_second: completed as f64 / seconds,
            writes_per_second: writes as f64 / seconds,
            calls_per_second: calls as f64 / seconds,
            lags,
        }
    }

    /// Returns the lag that this percentage of the commits did not exceed.
    pub(crate) fn lag(&self, percent: usize) -> Duration {
        let rank = (self.lags.len() * percent).div_ceil(100).max(1);
        self.lags.get(rank - 1).copied().unwrap_or_default()
    }
}

pub(crate) fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}
