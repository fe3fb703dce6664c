use std::time::Duration;

/// Returns the delay before the attempt after `failures` failed ones: exponential from 50 ms to 2 s, with full jitter, so
/// that relays that were throttled together do not retry together.
pub(crate) fn rest(failures: u32) -> Duration {
    let most = 50_u64
        .saturating_mul(1 << failures.saturating_sub(1).min(10))
        .min(2_000);
    Duration::from_millis(fastrand::u64(1..=most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_bounded() {
        for failures in [0, 1, 2, 10, u32::MAX] {
            let rest = rest(failures);
            assert!((1..=2_000).contains(&rest.as_millis()), "{rest:?}");
        }
    }
}
