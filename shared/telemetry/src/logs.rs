use crate::emf;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

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
    // `timestamp`, `level` and `message` at the top are what Lambda's JSON log format reads. The span says which request or
    // effect a line belongs to, whoever writes it.
    let set = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(level)
        .with_writer(std::io::stdout)
        .try_init();
    if set.is_ok() {
        log_panics();
    }
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
