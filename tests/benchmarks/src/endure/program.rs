//! The program in a separate process.

use anyhow::{Context, ensure};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long it may take to be ready, including the sweep of messages that were in flight.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running program. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    pub(crate) url: String,
}

impl Program {
    /// Starts the program on a free port and waits for the line that reports that it is ready.
    pub(crate) async fn start(data: &Path) -> anyhow::Result<Self> {
        let here = std::env::current_exe()?;
        let program = here.with_file_name("marketplace");
        ensure!(
            program.exists(),
            "{} is missing: build it with -p marketplace",
            program.display()
        );
        let mut child = Command::new(program)
            .arg("--data")
            .arg(data)
            .args(["--port", "0"])
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = child.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(output).lines();
        let ready = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let ready = ready.context("it is not ready")??.context("it has ended")?;
        let url = ready.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url
            .with_context(|| format!("no address in {ready:?}"))?
            .to_owned();
        Ok(Self { child, url })
    }

    /// Kills it like `kill -9`.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Returns the resident memory in MB.
    pub(crate) fn memory(&self) -> anyhow::Result<f64> {
        let id = self.child.id().context("it runs")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes: f64 = line
            .and_then(|line| line.split_whitespace().next())
            .context("its resident memory")?
            .parse()?;
        Ok(kilobytes / 1_024.0)
    }
}
