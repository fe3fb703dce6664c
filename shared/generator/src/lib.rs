//! Generates the committed files from a system's description: the template, the events for `cargo lambda invoke`, and the
//! descriptions of the API and of the published events.
//!
//! This module knows no part by its name.
//!
//! ```
//! use function::{Part, System, Wiring};
//! use utoipa_axum::router::OpenApiRouter;
//!
//! fn router(_: &Wiring) -> OpenApiRouter {
//!     OpenApiRouter::new()
//! }
//!
//! let shop = System::new("Shop", "Baskets of a shop.").with(Part::service("baskets", &["basket"]).commands(router));
//! assert!(generator::openapi(&shop)?.contains("Baskets of a shop."));
//! # Ok::<(), generator::GenerateError>(())
//! ```

mod access;
mod catalogue;
mod documents;
mod events;
mod examples;
mod template;

pub use catalogue::CatalogueError;
pub use events::EventsError;
pub use template::ExtraError;

use function::{System, UnwiredError};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use utoipa::openapi::OpenApi;

/// The places of a system's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The checkout, which contains all generated files.
    pub root: PathBuf,
    /// The folder with `schemas/` and `golden/`: the published events, with an example of each.
    pub contracts: PathBuf,
    /// The configuration of the events for `cargo lambda invoke`.
    pub events: PathBuf,
}

impl Places {
    /// Returns the usual places in a checkout: `shared/contracts` and `system/events.json`.
    #[must_use]
    pub fn in_checkout(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self {
            contracts: root.join("shared/contracts"),
            events: root.join("system/events.json"),
            root,
        }
    }
}

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in the checkout.
    pub path: String,
    /// Its contents.
    pub text: String,
}

/// A file cannot be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A part reads a category that no part owns.
    #[error(transparent)]
    Unwired(#[from] UnwiredError),
    /// The additions to the template are invalid.
    #[error(transparent)]
    Extra(#[from] ExtraError),
    /// The published events cannot be described.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The events for `cargo lambda invoke` cannot be generated.
    #[error(transparent)]
    Events(#[from] EventsError),
    /// A route has no `operationId`, from which its resources are named.
    #[error("{0} has no operationId")]
    Unnamed(String),
    /// A value is not valid JSON.
    #[error("{what}: {error}")]
    Json {
        /// The invalid value.
        what: String,
        /// The parser's error.
        error: serde_json::Error,
    },
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        error: std::io::Error,
    },
}

/// Returns all generated files.
///
/// # Errors
/// When a source cannot be read or is incomplete.
pub fn files(system: &System, places: &Places) -> Result<Vec<File>, GenerateError> {
    let added = places.root.join("template.extra.yaml");
    let added = added.is_file().then(|| read(&added)).transpose()?;
    let mut files = vec![
        File {
            path: "template.yaml".to_owned(),
            text: template::template(system, added.as_deref())?,
        },
        File {
            path: template::ALARMS.to_owned(),
            text: template::alarms(system),
        },
        File {
            path: "openapi.json".to_owned(),
            text: openapi(system)?,
        },
        access::file(system)?,
    ];
    files.extend(catalogue::files(system, &places.contracts)?);
    files.extend(events::files(system, places)?);
    files.extend(documents::files(system, places)?);
    Ok(files)
}

/// Writes all files, and removes the events of functions that no longer exist.
///
/// # Errors
/// The errors of [`files`], and when a file cannot be written.
pub fn write(system: &System, places: &Places) -> Result<(), GenerateError> {
    let files = files(system, places)?;
    for path in left_over(places, &files)? {
        let path = places.root.join(path);
        std::fs::remove_file(&path).map_err(|error| GenerateError::File { path, error })?;
    }
    for file in files {
        let path = places.root.join(&file.path);
        // A new system has none of the folders yet.
        let folder = path.parent().unwrap_or(&places.root);
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, file.text));
        written.map_err(|error| GenerateError::File { path, error })?;
    }
    Ok(())
}

/// Compares the checkout with [`files`]: returns a line for each file that differs, with its first line that differs.
///
/// # Errors
/// The errors of [`files`].
pub fn check(system: &System, places: &Places) -> Result<Vec<String>, GenerateError> {
    let files = files(system, places)?;
    let left_over = left_over(places, &files)?.into_iter();
    let mut differences: Vec<_> = left_over
        .map(|path| format!("{path} is no longer generated"))
        .collect();
    for file in files {
        let path = places.root.join(&file.path);
        if !path.is_file() {
            differences.push(format!("{} is missing", file.path));
        } else if let Some(difference) = difference(&read(&path)?, &file.text) {
            differences.push(format!("{}{difference}", file.path));
        }
    }
    differences.extend(documents::check(system, places)?);
    Ok(differences)
}

/// Returns the events in the checkout that no function receives any more.
fn left_over(places: &Places, files: &[File]) -> Result<Vec<String>, GenerateError> {
    let folder = places.root.join(events::FOLDER);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found: Vec<_> = file_names(&folder)?
        .into_iter()
        .map(|name| format!("{}/{name}", events::FOLDER))
        .filter(|path| files.iter().all(|file| file.path != *path))
        .collect();
    found.sort();
    Ok(found)
}

fn difference(committed: &str, generated: &str) -> Option<String> {
    if committed == generated {
        return None;
    }
    let (mut left, mut right) = (committed.lines(), generated.lines());
    let mut number = 0;
    loop {
        number += 1;
        let (committed, generated) = (left.next(), right.next());
        if committed != generated || committed.is_none() {
            let mut said = format!(" differs from line {number} on:\n");
            let _ = writeln!(said, "  committed  {}", committed.unwrap_or("(the end)"));
            let _ = write!(said, "  expected   {}", generated.unwrap_or("(the end)"));
            return Some(said);
        }
    }
}

/// Returns the API's description in the committed and served form: formatted, with sorted keys, so that two runs print the same
/// bytes.
///
/// # Errors
/// When a part reads a category that no part owns.
pub fn openapi(system: &System) -> Result<String, GenerateError> {
    let mut document = value("openapi.json", &system.openapi()?)?;
    examples::fill_in(&mut document, system);
    pretty("openapi.json", &document)
}

fn value(what: &str, value: &impl serde::Serialize) -> Result<Value, GenerateError> {
    serde_json::to_value(value).map_err(|error| GenerateError::Json {
        what: what.to_owned(),
        error,
    })
}

fn pretty(what: &str, value: &impl serde::Serialize) -> Result<String, GenerateError> {
    let text = serde_json::to_value(value).and_then(|value| serde_json::to_string_pretty(&value));
    match text {
        Ok(text) => Ok(text + "\n"),
        Err(error) => Err(GenerateError::Json {
            what: what.to_owned(),
            error,
        }),
    }
}

/// Returns the operations of a description: path, method, and description.
fn operations(description: &OpenApi) -> Result<Vec<(String, String, Value)>, GenerateError> {
    let description = value("the description of a function", description)?;
    let paths = description["paths"].as_object().into_iter().flatten();
    Ok(paths
        .flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations
                .filter(|(method, _)| METHODS.contains(&method.as_str()))
                .map(move |(method, operation)| (path.clone(), method.to_uppercase(), operation.clone()))
        })
        .collect())
}

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn read(path: &Path) -> Result<String, GenerateError> {
    std::fs::read_to_string(path).map_err(|error| GenerateError::File {
        path: path.to_owned(),
        error,
    })
}

fn read_json(path: &Path) -> Result<Value, GenerateError> {
    serde_json::from_str(&read(path)?).map_err(|error| GenerateError::Json {
        what: path.display().to_string(),
        error,
    })
}

/// Returns the names of the files in a folder, sorted.
fn file_names(folder: &Path) -> Result<Vec<String>, GenerateError> {
    let failed = |error| GenerateError::File {
        path: folder.to_owned(),
        error,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        names.push(entry.map_err(failed)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_different_line_is_reported() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(
            difference("a\nb\n", "a\nc\n").unwrap(),
            " differs from line 2 on:\n  committed  b\n  expected   c"
        );
        assert_eq!(
            difference("a\n", "a\nc\n").unwrap(),
            " differs from line 2 on:\n  committed  (the end)\n  expected   c"
        );
    }
}
