use serde_json::Value;
use tokio::process::Command;

/// What the program printed, and its exit code.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program against this address, without the environment variables that it would read.
pub(crate) async fn belvedere(url: &str, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_belvedere"));
    for variable in [
        "BELVEDERE_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        command.env_remove(variable);
    }
    command.args(arguments).args(["--url", url, "--timeout", "60"]);
    let output = command.output().await.unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Run {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("not JSON ({error}): {self:#?}"))
    }

    /// Returns the columns of the row that begins with `first`.
    #[track_caller]
    pub(crate) fn row(&self, first: &str) -> Vec<&str> {
        let rows = self
            .out
            .lines()
            .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()));
        let mut rows = rows.map(Iterator::collect::<Vec<_>>);
        rows.find(|row| row.first() == Some(&first))
            .unwrap_or_else(|| panic!("no row {first}: {self:#?}"))
    }
}
