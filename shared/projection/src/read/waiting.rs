use super::{ReadError, ReadYourWrites};
use std::time::Duration;
use tokio::time::Instant;

/// Each pause is half as long again as the one before: a wait of 3 seconds costs 12 reads, and a read learns of a projection
/// that took a time at most half of that time later.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const GROWTH: f64 = 1.5;

/// A read's wait for the projection.
pub(super) struct Waiting {
    /// `None` when the read does not wait.
    deadline: Option<Instant>,
    pause: Duration,
    checked: bool,
}

impl Waiting {
    pub(super) fn new(read: &ReadYourWrites) -> Self {
        Self {
            deadline: read.wait.map(|wait| Instant::now() + wait),
            pause: FIRST_PAUSE,
            checked: false,
        }
    }

    /// Waits a little, and returns whether to look again: `false` after the deadline. `check` is awaited once, before the
    /// first pause: it refuses to wait for what will never come.
    pub(super) async fn again(
        &mut self,
        check: impl Future<Output = Result<(), ReadError>>,
    ) -> Result<bool, ReadError> {
        let now = Instant::now();
        let left = self
            .deadline
            .map(|deadline| deadline.saturating_duration_since(now));
        let Some(left) = left.filter(|left| !left.is_zero()) else {
            return Ok(false);
        };
        if !std::mem::replace(&mut self.checked, true) {
            check.await?;
        }
        tokio::time::sleep(self.pause.min(left)).await;
        self.pause = self.pause.mul_f64(GROWTH);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a1_a_wait_costs_a_bounded_number_of_reads() {
        let started = Instant::now();
        let mut waiting = Waiting::new(&ReadYourWrites {
            positions: Vec::new(),
            wait: Some(settings::MAX_WAIT),
        });
        let mut reads = 1;
        while waiting.again(async { Ok(()) }).await.unwrap() {
            reads += 1;
        }
        assert_eq!(reads, 12);
        let waited = started.elapsed();
        assert!(
            waited >= settings::MAX_WAIT && waited < settings::MAX_WAIT + FIRST_PAUSE,
            "{waited:?}"
        );
    }
}
