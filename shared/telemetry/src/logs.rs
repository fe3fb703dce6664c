use crate::emf;
use serde_json::Value;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging as JSON lines on standard output, and metrics in the embedded metric format. Call it first in the
/// `main` of a Lambda function.
///
/// The level is `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG`, else `info`. Logs go to standard output and not to standard
/// error: Lambda stores both, but the embedded metric format and a function's JSON log format are defined for standard
/// output only.
pub fn init_lambda() {
    emf::install();
    let level = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .and_then(|text| EnvFilter::try_new(text).ok())
        .unwrap_or_else(|| EnvFilter::new("info"));
    if json_lines(level, std::io::stdout).try_init().is_ok() {
        log_panics();
    }
}

/// Creates a subscriber that writes JSON lines. Lambda's JSON log format reads `timestamp`, `level` and `message` at
/// the top. The span names the request or effect that a line belongs to, whatever code writes it.
fn json_lines<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(writer)
        .finish()
}

/// Starts human-readable logging on standard error; metrics are dropped. `filter` has the format of `RUST_LOG`, for
/// example `info,orders=debug`; an invalid filter is treated as `info`. A second call has no effect, so tests may call
/// it freely.
pub fn init_local(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .compact()
        .try_init();
}

/// Logs a panic as one JSON line with its location. The message is left out, because it may quote the data that caused
/// the panic.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
}

/// The lines logged on this thread since [`capture_lines`], until this value is dropped.
#[derive(Debug)]
pub struct Lines {
    text: Buffer,
    _until: DefaultGuard,
}

/// Captures what this thread logs, in the format that Lambda gets. A test under `#[tokio::test]` runs all of its tasks
/// on one thread. `filter` has the format of `RUST_LOG`.
#[must_use]
pub fn capture_lines(filter: &str) -> Lines {
    // While there is only one subscriber, tracing decides once whether a line is enabled, on the thread that reaches it
    // first. That thread may belong to a test without a subscriber; the line would then be disabled for all threads.
    static ANOTHER: OnceLock<Dispatch> = OnceLock::new();
    ANOTHER.get_or_init(|| Dispatch::new(NoSubscriber::default()));
    let text = Buffer::default();
    let lines = json_lines(EnvFilter::new(filter), text.clone());
    Lines {
        text,
        _until: tracing::subscriber::set_default(lines),
    }
}

impl Lines {
    /// Returns the lines with this message so far, in order.
    #[must_use]
    pub fn saying(&self, message: &str) -> Vec<Value> {
        let text = self.text.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = text.split(|byte| *byte == b'\n');
        lines
            .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
            .filter(|line| line["message"] == message)
            .collect()
    }
}

#[derive(Debug, Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Buffer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_json_with_its_level_and_its_fields_at_the_top() {
        let lines = capture_lines("info");
        tracing::warn!(table = "orders", "it is slow");
        let line = &lines.saying("it is slow")[0];
        assert_eq!(
            (&line["level"], &line["table"]),
            (&"WARN".into(), &"orders".into())
        );
        assert!(line["timestamp"].is_string());
    }

    #[test]
    fn line_contains_the_correlation_id_of_its_span() {
        let lines = capture_lines("info");
        tracing::info_span!("request", correlationId = "shop-7").in_scope(|| tracing::error!("it broke"));
        assert_eq!(lines.saying("it broke")[0]["span"]["correlationId"], "shop-7");
    }

    #[test]
    fn lines_below_the_level_are_not_logged() {
        let lines = capture_lines("info");
        tracing::debug!("a detail");
        assert_eq!(lines.saying("a detail"), Vec::<Value>::new());
    }
}
