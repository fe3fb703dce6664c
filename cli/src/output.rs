use crate::failure::Failure;
use serde_json::Value;
use std::io::Write;

/// The format of results: text for people, or the API's reply as JSON for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// Prints the reply, or the text about it.
    pub(crate) fn show(self, answer: &Value, text: impl FnOnce() -> String) -> Result<(), Failure> {
        if self.json {
            print(&format!("{answer:#}"))
        } else {
            print(&text())
        }
    }
}

/// Prints to standard output. Does not panic when the reader has closed the pipe (`| head`).
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Prints a line on standard error, beside the result.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
