//! Generates what follows from a system's description and is committed: the template, the events for `cargo lambda invoke`, and
//! the descriptions of the API and of the published events.
//!
//! Nothing in here knows a part by its name.
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

mod catalogue;
mod events;
mod template;

pub use catalogue::CatalogueError;
pub use events::EventsError;
pub use template::ExtraError;

use function::{System, UnwiredError};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use utoipa::openapi::OpenApi;

/// Where a system's own files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The checkout. All generated files are in it.
    pub root: PathBuf,
    /// The folder with `schemas/` and `golden/`: what the services publish, with an example of each event.
    pub contracts: PathBuf,
    /// What the events for `cargo lambda invoke` are about.
    pub events: PathBuf,
}

impl Places {
    /// The usual ones in a checkout: `shared/contracts` and `system/events.json`.
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
    /// What it has to say.
    pub text: String,
}

/// Something cannot be generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A part reads what no part owns.
    #[error(transparent)]
    Unwired(#[from] UnwiredError),
    /// What is added to the template does not fit.
    #[error(transparent)]
    Extra(#[from] ExtraError),
    /// The published events cannot be described.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The events for `cargo lambda invoke` cannot be made.
    #[error(transparent)]
    Events(#[from] EventsError),
    /// A route has no `operationId`, which names its resources.
    #[error("{0} has no operationId")]
    Unnamed(String),
    /// Something is no JSON.
    #[error("{what}: {error}")]
    Json {
        /// What.
        what: String,
        /// Why not.
        error: serde_json::Error,
    },
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: std::io::Error,
    },
}

/// All generated files.
///
/// # Errors
/// When a source cannot be read, or does not say what is needed.
pub fn files(system: &System, places: &Places) -> Result<Vec<File>, GenerateError> {
    let added = places.root.join("template.extra.yaml");
    let added = added.is_file().then(|| read(&added)).transpose()?;
    let mut files = vec![
        File {
            path: "template.yaml".to_owned(),
            text: template::template(system, added.as_deref())?,
        },
        File {
            path: "openapi.json".to_owned(),
            text: openapi(system)?,
        },
    ];
    files.extend(catalogue::files(system, &places.contracts)?);
    files.extend(events::files(system, places)?);
    Ok(files)
}

/// Writes all of them, and removes the events of functions that are gone.
///
/// # Errors
/// As [`files`], and when a file cannot be written.
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

/// What in the checkout is not what [`files`] says: a line for each file, with the first line that differs.
///
/// # Errors
/// As [`files`].
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
    Ok(differences)
}

/// Events in the checkout that no function receives any more.
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
            let _ = writeln!(said, "  is         {}", committed.unwrap_or("(the end)"));
            let _ = write!(said, "  has to be  {}", generated.unwrap_or("(the end)"));
            return Some(said);
        }
    }
}

/// The API's description as it is committed and served: pretty, its keys sorted, so that two runs print the same bytes.
///
/// # Errors
/// When a part reads what no part owns.
pub fn openapi(system: &System) -> Result<String, GenerateError> {
    pretty("openapi.json", &system.openapi()?)
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

/// The operations of a description: path, method, and what is said of it.
fn operations(description: &OpenApi) -> Result<Vec<(String, String, Value)>, GenerateError> {
    let description = serde_json::to_value(description).map_err(|error| GenerateError::Json {
        what: "the description of a function".to_owned(),
        error,
    })?;
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

/// The names of the files in a folder, sorted.
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
    fn the_first_line_that_differs_is_named() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(
            difference("a\nb\n", "a\nc\n").unwrap(),
            " differs from line 2 on:\n  is         b\n  has to be  c"
        );
        assert_eq!(
            difference("a\n", "a\nc\n").unwrap(),
            " differs from line 2 on:\n  is         (the end)\n  has to be  c"
        );
    }
}
