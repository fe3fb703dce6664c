//! Finds commits that a crash cut off between commit, relay and view, and sends messages for them.

use super::tasks::InProcessBell;
use crate::feed::Feed;
use crate::outstanding::Outstanding;
use function::{System, Wiring, settings};
use indicatif::{ProgressBar, ProgressStyle};
use projection::operations::{Bell, Task};
use projection::sweep::{quick, ring};
use std::sync::Arc;
use std::time::Duration;

/// A sweep that takes less time has no progress display.
const SOON: Duration = Duration::from_secs(1);

/// Sends the task of the schedule that continues the rounds of sweeps.
pub(super) async fn rounds(bell: InProcessBell) {
    while let Ok(()) = bell.ring(Task::SweepRounds {}, Duration::ZERO).await {
        tokio::time::sleep(settings::SWEEPS).await;
    }
}

/// Compares the documents of every subscriber.
#[derive(Clone)]
pub(super) struct Sweeper {
    system: System,
    wiring: Wiring,
    bell: InProcessBell,
}

impl Sweeper {
    pub(super) fn new(system: System, wiring: Wiring, bell: InProcessBell) -> Self {
        Self { system, wiring, bell }
    }

    /// Compares heads and documents of every subscriber, and sends a message for each stream that is behind. The subscriber
    /// heals it from the event table like any gap.
    pub(super) async fn run(&self) -> Result<usize, String> {
        let mut rung = 0;
        for subscriber in self.system.subscribers() {
            let sources = self.wiring.sources(subscriber.sources);
            let swept = quick(
                self.wiring.client(),
                subscriber.name,
                &sources,
                subscriber.sources,
            )
            .await
            .map_err(|error| error.to_string())?;
            rung += swept.behind.len();
            ring(&self.bell, subscriber.name, settings::LANES, swept.behind)
                .await
                .map_err(|error| error.to_string())?;
        }
        Ok(rung)
    }

    /// Runs the sweep at the start, and reports it on standard error when it takes longer than a moment.
    pub(super) async fn run_with_progress(&self) -> Result<(), String> {
        let sweep = self.run();
        tokio::pin!(sweep);
        let rung = match tokio::time::timeout(SOON, &mut sweep).await {
            Ok(rung) => rung?,
            Err(_) => {
                let style = ProgressStyle::with_template("{spinner} {msg} {elapsed}");
                let progress = ProgressBar::new_spinner();
                progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                progress.set_message("looking for commits in flight when the last process ended");
                progress.enable_steady_tick(Duration::from_millis(100));
                let rung = sweep.await;
                progress.finish_and_clear();
                rung?
            }
        };
        if rung > 0 {
            tracing::info!(
                streams = rung,
                "the sweep sent messages for commits in flight when the last process ended"
            );
        }
        Ok(())
    }

    /// Sweeps whenever the feed had to drop records, as soon as it has room again.
    pub(super) async fn after_losses(self, feed: Arc<Feed>, outstanding: Outstanding) {
        loop {
            feed.lost().await;
            outstanding.none().await;
            if let Err(error) = self.run().await {
                tracing::error!(error, "the sweep after a full backlog failed");
            }
        }
    }
}
