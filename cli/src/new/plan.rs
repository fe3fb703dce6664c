use super::NewError;
use super::template::{Template, Values};
use super::workspace::read;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The files to write. They are written after all checks have passed.
#[derive(Debug)]
pub(super) struct Plan {
    root: PathBuf,
    files: BTreeMap<String, String>,
}

impl Plan {
    /// Creates an empty plan for this folder.
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            files: BTreeMap::new(),
        }
    }

    /// Adds a new file, which must not exist.
    pub(super) fn create(&mut self, path: String, text: String) -> Result<(), NewError> {
        if self.root.join(&path).exists() {
            return Err(NewError::Exists(path));
        }
        self.files.insert(path, text);
        Ok(())
    }

    /// Adds the files of a template to this folder.
    pub(super) fn fill(
        &mut self,
        folder: &str,
        templates: &[Template],
        values: &Values,
    ) -> Result<(), NewError> {
        for (path, template) in templates {
            let path = Path::new(folder).join(values.fill(path).trim_end());
            self.create(path.display().to_string(), values.fill(template))?;
        }
        Ok(())
    }

    /// Changes an existing file; `what` describes the place that the edit requires.
    pub(super) fn change(
        &mut self,
        path: &'static str,
        what: &'static str,
        edit: impl FnOnce(&str) -> Option<String>,
    ) -> Result<(), NewError> {
        let text = match self.files.get(path) {
            Some(text) => text.clone(),
            None => read(&self.root.join(path))?,
        };
        let edited = edit(&text).ok_or(NewError::NoPlace { path, what })?;
        self.files.insert(path.to_owned(), edited);
        Ok(())
    }

    /// Returns the text of every file.
    #[cfg(test)]
    pub(super) fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// Writes all files, the Rust files formatted, and returns their paths.
    pub(super) fn write(self) -> Result<Vec<String>, NewError> {
        find_formatter()?;
        // The formatter reads rustfmt.toml, which may be one of the files.
        let (rust, others): (Vec<_>, Vec<_>) = self.files.iter().partition(|(path, _)| path.ends_with(".rs"));
        for (path, text) in others {
            write(&self.root.join(path), text)?;
        }
        for (path, text) in rust {
            write(&self.root.join(path), &formatted(&self.root, text)?)?;
        }
        Ok(self.files.into_keys().collect())
    }
}

fn write(path: &Path, text: &str) -> Result<(), NewError> {
    let written = std::fs::create_dir_all(path.with_file_name("")).and_then(|()| std::fs::write(path, text));
    let written = written.and_then(|()| match text.starts_with("#!") {
        true => make_executable(path),
        false => Ok(()),
    });
    written.map_err(|error| NewError::File {
        path: path.to_owned(),
        error,
    })
}

#[cfg(unix)]
fn make_executable(script: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Checks that rustfmt runs: a toolchain with the profile `minimal` does not have it.
fn find_formatter() -> Result<(), NewError> {
    let version = Command::new("rustfmt").arg("--version").output();
    match version {
        Ok(version) if version.status.success() => Ok(()),
        _ => Err(NewError::NoFormatter),
    }
}

/// Formats a Rust file, because line breaks depend on the length of the names. The formatter gets the text and not the path: with a
/// path it also formats the file's modules, which can be other people's.
fn formatted(root: &Path, text: &str) -> Result<String, NewError> {
    let formatted = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .and_then(|mut child| {
            // Dropping the input ends it. The formatter reads all of it before it prints.
            if let Some(mut input) = child.stdin.take() {
                input.write_all(text.as_bytes())?;
            }
            child.wait_with_output()
        });
    let failed = |reason: String| NewError::Command {
        command: "rustfmt".to_owned(),
        reason,
    };
    let output = formatted.map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|error| failed(error.to_string()))
}

/// Runs a command and waits for its end. Its output goes to standard error.
pub(super) fn run(command: &mut Command) -> Result<(), NewError> {
    let text = format!("{command:?}").replace('"', "");
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(NewError::Command {
            command: text,
            reason: status.to_string(),
        }),
        Err(error) => Err(NewError::Command {
            command: text,
            reason: error.to_string(),
        }),
    }
}
