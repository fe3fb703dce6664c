//! The recent lags: times from the command to the end of the subscriber's work.

use jiff::Timestamp;
use operations::Lag;
use serde::Deserialize;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// The window of the percentiles.
const WINDOW: Duration = Duration::from_secs(300);
/// The most lags that are kept.
const REMEMBERED: usize = 4_096;

/// The measured part of a message: only the commit times are parsed.
#[derive(Deserialize)]
struct Times {
    commits: Vec<Time>,
}

#[derive(Deserialize)]
struct Time {
    /// Epoch milliseconds.
    t: i64,
}

/// The recent lags, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Lags(VecDeque<(Instant, i64)>);

impl Lags {
    /// Records the lags of a processed message's commits.
    pub(crate) fn note(&mut self, body: &str, time: Timestamp, now: Instant) {
        let Ok(times) = serde_json::from_str::<Times>(body) else {
            return;
        };
        for Time { t } in times.commits {
            if self.0.len() >= REMEMBERED {
                self.0.pop_front();
            }
            self.0.push_back((now, (time.as_millisecond() - t).max(0)));
        }
    }

    /// Returns the percentiles, or `None` when no commit was processed in the window.
    pub(crate) fn lately(&self, now: Instant) -> Option<Lag> {
        let lately = |(at, _): &&(Instant, i64)| now.saturating_duration_since(*at) <= WINDOW;
        let mut lags: Vec<i64> = self.0.iter().filter(lately).map(|(_, lag)| *lag).collect();
        lags.sort_unstable();
        let percentile = |of_100: usize| {
            let rank = (lags.len() * of_100).div_ceil(100).saturating_sub(1);
            #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
            lags.get(rank).map(|lag| *lag as f64)
        };
        Some(Lag {
            p50_milliseconds: percentile(50)?,
            p99_milliseconds: percentile(99)?,
            window_seconds: WINDOW.as_secs(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use commit::{CommitKey, Message, Parcel};

    fn time(millisecond: i64) -> Timestamp {
        Timestamp::from_millisecond(millisecond).unwrap()
    }

    fn message(committed: i64) -> String {
        let key = CommitKey {
            stream: "order#ord_1".parse().unwrap(),
            first: 1,
            count: 1,
            time: time(committed),
            id: None,
        };
        serde_json::to_string(&Message::of(vec![Parcel::Key(key)])).unwrap()
    }

    #[test]
    fn percentiles_count_commits_and_not_messages() {
        let (mut lags, now) = (Lags::default(), Instant::now());
        for lag in 1..=100 {
            lags.note(&message(1_000_000), time(1_000_000 + lag), now);
        }
        let lag = lags.lately(now).unwrap();
        assert_eq!((lag.p50_milliseconds, lag.p99_milliseconds), (50.0, 99.0));
    }

    #[test]
    fn lags_outside_the_window_are_ignored() {
        let (mut lags, now) = (Lags::default(), Instant::now());
        lags.note(&message(1_000_000), time(1_000_001), now);
        assert_eq!(lags.lately(now + WINDOW + Duration::from_secs(1)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let (mut lags, now) = (Lags::default(), Instant::now());
        for _ in 0..REMEMBERED + 10 {
            lags.note(&message(1), time(2), now);
        }
        assert_eq!(lags.0.len(), REMEMBERED);
    }
}
