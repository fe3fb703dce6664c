//! Progress on standard error: a bar on a terminal, a line from time to time elsewhere.

use crate::output::note;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// The time between two lines without a terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    told: Option<(String, Instant)>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} [{bar:30}] {msg}");
            let bar = ProgressBar::new(1);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { bar, told: None }
    }

    /// Shows `done` of `of`; `step` is the current step, `text` the message.
    pub(crate) fn at(&mut self, done: u64, of: u64, step: &str, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_length(of.max(1));
            bar.set_position(done);
            bar.set_message(text.to_owned());
            return;
        }
        let again = match &self.told {
            Some((told, since)) => told != step || since.elapsed() >= BETWEEN_LINES,
            None => true,
        };
        if again {
            self.told = Some((step.to_owned(), Instant::now()));
            note(text);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
