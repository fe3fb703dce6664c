use std::fmt::Display;
use std::time::{Duration, Instant};

/// The pause between two attempts. Views are milliseconds behind locally and seconds on an emulator.
const PAUSE: Duration = Duration::from_millis(25);

/// Repeats `ask` until it returns `Ok`, and fails the test with the last error after the deadline.
///
/// The effects of an event are eventually consistent, with no upper bound on the time. The suite waits for them only with this
/// function.
///
/// # Panics
/// When `ask` has not returned `Ok` within the [`deadline`].
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

/// Returns how long a condition may take to become true: `BELVEDERE_DEADLINE_SECONDS`, 120 by default.
#[must_use]
pub fn deadline() -> Duration {
    let seconds = std::env::var("BELVEDERE_DEADLINE_SECONDS").ok();
    Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(120))
}
