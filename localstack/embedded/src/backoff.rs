//! The delay before the next attempt.

use std::time::Duration;

/// Doubles from 50 ms up to 5 s: short for a transient cause, and rare for a permanent one.
pub(crate) fn delay(attempt: u32) -> Duration {
    Duration::from_millis(50)
        .saturating_mul(1 << attempt.saturating_sub(1).min(7))
        .min(Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delay_doubles_up_to_five_seconds() {
        assert_eq!(delay(1), Duration::from_millis(50));
        assert_eq!(delay(2), Duration::from_millis(100));
        assert_eq!(delay(u32::MAX), Duration::from_secs(5));
    }
}
