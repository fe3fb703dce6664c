use crate::failure::Failure;
use serde_json::Value;
use std::io::Write;

/// What is printed: for people, or the API's answer for machines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// The answer, or the text about it.
    pub(crate) fn show(self, answer: &Value, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json {
            print(&format!("{answer:#}"))
        } else {
            print(&text())
        }
    }
}

/// To standard output, without a panic when nobody reads it any more (`| head`).
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// A line on standard error, beside the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
