use crate::emf;
use serde_json::Value;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Logs as JSON lines on standard output, metrics in the embedded metric format. The first line of a Lambda main.
///
/// The level is `AWS_LAMBDA_LOG_LEVEL`, else `RUST_LOG`, else `info`. Standard output and not standard error: Lambda stores
/// both, but the embedded metric format and a function's JSON log format are defined for the first.
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

/// `timestamp`, `level` and `message` at the top are what Lambda's JSON log format reads. The span says which request or effect
/// a line belongs to, whoever writes it.
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

/// Logs for people on standard error; metrics are dropped. `filter` as in `RUST_LOG`, for example `info,orders=debug`; one
/// that cannot be read counts as `info`. A second call changes nothing, so tests may call it freely.
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

/// A panic is one JSON line with its place. Its text is left out: it may quote the data that caused it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic");
    }));
}

/// What was logged on this thread since [`capture_lines`], until it is dropped.
#[derive(Debug)]
pub struct Lines {
    text: Buffer,
    _until: DefaultGuard,
}

/// Captures what this thread logs as Lambda would: a test under `#[tokio::test]` runs all of its tasks on one thread.
/// `filter` as in `RUST_LOG`.
#[must_use]
pub fn capture_lines(filter: &str) -> Lines {
    // While there is only one subscriber, tracing asks the thread that meets a line first whether anybody wants it. That may
    // be another test's, without a subscriber; then nobody would ever get the line.
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
    /// The lines with this message so far, in order.
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
    fn a_line_says_which_request_it_belongs_to_whoever_writes_it() {
        let lines = capture_lines("info");
        tracing::info_span!("request", correlationId = "shop-7").in_scope(|| tracing::error!("it broke"));
        assert_eq!(lines.saying("it broke")[0]["span"]["correlationId"], "shop-7");
    }

    #[test]
    fn below_the_level_nothing_is_logged() {
        let lines = capture_lines("info");
        tracing::debug!("a detail");
        assert_eq!(lines.saying("a detail"), Vec::<Value>::new());
    }
}
