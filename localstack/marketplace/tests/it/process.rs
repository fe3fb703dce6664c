//! The program in a separate process.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

/// Returns the program's command.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_marketplace"));
    command.env_remove("RUST_LOG");
    command
}

/// A running program. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    pub(crate) ready: String,
}

impl Process {
    /// Starts it on a free port and waits for the line that reports that it is ready.
    pub(crate) fn start(data: &Path) -> Self {
        let mut command = program();
        command.arg("--data").arg(data);
        Self::spawn(command)
    }

    /// Starts it in memory, and writes log lines that pass this filter to this file.
    pub(crate) fn logging_to(file: File, filter: &str) -> Self {
        let mut command = program();
        command.args(["--log", filter]).stderr(file);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        command.args(["--port", "0"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        assert!(ready.contains("ready"), "it printed: {ready:?}");
        Self { child, ready }
    }

    /// Returns the API's address from the line.
    pub(crate) fn url(&self) -> &str {
        let url = self
            .ready
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        url.unwrap_or_else(|| panic!("no address in {:?}", self.ready))
    }

    /// Kills it like `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by its name and waits for the end.
    #[cfg(unix)]
    pub(crate) fn signal(mut self, name: &str) -> ExitStatus {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
