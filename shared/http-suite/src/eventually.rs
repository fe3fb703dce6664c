use std::fmt::Display;
use std::time::{Duration, Instant};

/// Between two looks. Views are milliseconds behind on one machine and seconds on an emulator.
const PAUSE: Duration = Duration::from_millis(25);

/// Asks again until it is `Ok`, and fails the test with the last refusal when the deadline passes.
///
/// What comes from an event is never there by a certain time; it is there eventually. This is the only way in which the
/// suite waits.
///
/// # Panics
/// When it was not `Ok` within the [`deadline`].
pub async fn eventually<T, E: Display>(what: &str, mut ask: impl AsyncFnMut() -> Result<T, E>) -> T {
    let deadline = deadline();
    let start = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(reason) => assert!(
                start.elapsed() < deadline,
                "{what} did not come true within {deadline:?}: {reason}"
            ),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// How long a condition may take to come true: `BELVEDERE_DEADLINE_SECONDS`, 120 when not set.
#[must_use]
pub fn deadline() -> Duration {
    let seconds = std::env::var("BELVEDERE_DEADLINE_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(120))
}
