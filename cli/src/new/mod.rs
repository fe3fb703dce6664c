//! Creates a view or a service in a workspace, or a new workspace. It reads the existing parts from files and sends no request.

mod edit;
mod name;
mod plan;
mod service;
mod sources;
mod system;
mod template;
mod view;
mod workspace;

pub(crate) use name::Name;

use crate::arguments::{New, NewPart};
use crate::failure::Failure;
use crate::output::{note, print};
use plan::run;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use workspace::Workspace;

/// Why `new` failed. Only [`NewError::File`] and [`NewError::Command`] can leave written files behind.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewError {
    /// The folder is not the root of a workspace.
    #[error("this folder has no {0}: run the command in the root of a checkout with a system")]
    NoWorkspace(&'static str),
    /// The name is in use.
    #[error("{name} is the name of {by}: choose another name")]
    Taken { name: Name, by: String },
    /// Another function's answers have the schema.
    #[error(
        "the API already has the schema {schema}, which the answers of {name} would have: choose another name"
    )]
    Schema { name: Name, schema: String },
    /// Another kind of id has the prefix.
    #[error("{by} has the prefix {prefix}: give another one with --prefix")]
    Prefix { prefix: String, by: String },
    /// A category is listed more than once.
    #[error("{0} is listed twice: name each category once")]
    Twice(Name),
    /// The source of Belvedere's crates is unknown.
    #[error("give a checkout of Belvedere with --path, or its repository with --git")]
    NoLibrary,
    /// The source of Belvedere's crates is something else.
    #[error("{} is not a checkout of Belvedere: it has no shared/function/Cargo.toml", .0.display())]
    OtherLibrary(PathBuf),
    /// The new workspace would be inside another one.
    #[error("the system would be inside {}: give a folder outside of it with --at, or one that the workspace excludes", .0.display())]
    Inside(PathBuf),
    /// The generated code uses the name for something else.
    #[error("the generated code uses {0} for something else: choose another name")]
    Reserved(Name),
    /// The category does not exist.
    #[error("there is no category {name}; the categories are: {}", list(known))]
    UnknownCategory { name: Name, known: BTreeSet<String> },
    /// A part of the category's description is missing.
    #[error("the description of the category {name} is incomplete: {what}")]
    Undescribed { name: Name, what: &'static str },
    /// The sources have different ids, and a document belongs to one id.
    #[error(
        "the streams of {first} and {other} have different ids ({first_id} and {other_id}), and a document belongs to one id: create two views"
    )]
    OtherIds {
        first: Name,
        first_id: String,
        other: Name,
        other_id: String,
    },
    /// The file or folder exists.
    #[error("{0} already exists: choose another name or folder, or remove it")]
    Exists(String),
    /// A file has no place for a new line.
    #[error("{path} has no {what}, which marks the place for a new line")]
    NoPlace { path: &'static str, what: &'static str },
    /// The folder of the new system would be in a folder that does not exist.
    #[error("the folder {} does not exist: create it, or give another folder with --at", .0.display())]
    NoParent(PathBuf),
    /// The program that formats the new files does not run.
    #[error("rustfmt does not run: install it with `rustup component add rustfmt`")]
    NoFormatter,
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
    /// A command failed.
    #[error(
        "`{command}` failed ({reason}); the written files remain. Run it again after the cause is removed."
    )]
    Command { command: String, reason: String },
}

fn list(names: &BTreeSet<String>) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.join(", ")
}

/// Creates the part or system of the command line.
pub(crate) fn new(new: New) -> Result<(), Failure> {
    let (root, written, next) = match new.part {
        NewPart::View(view) => {
            let here = Workspace::open(Path::new("."))?;
            (
                PathBuf::from("."),
                view::plan(&here, &view)?.write()?,
                view::next(&view),
            )
        }
        NewPart::Service(service) => {
            let here = Workspace::open(Path::new("."))?;
            (
                PathBuf::from("."),
                service::plan(&here, &service)?.write()?,
                service::next(&service),
            )
        }
        NewPart::System(system) => {
            let (folder, written) = system::write(&system)?;
            let next = system::next(&system, &folder);
            (folder, written, next)
        }
    };
    print(&written.join("\n"))?;
    if !new.no_generate {
        print(&generate(&root)?.join("\n"))?;
    }
    print(&format!("\n{next}"))
}

/// The generated files, and the lock file, which lists every crate.
const FOLLOWS: [&str; 8] = [
    "Cargo.lock",
    "asyncapi.json",
    "docs/events.md",
    "localstack/events",
    "openapi.json",
    "system/documents",
    "template.alarms.yaml",
    "template.yaml",
];

/// Generates the files that depend on the system's description, and returns those that changed.
fn generate(root: &Path) -> Result<Vec<String>, NewError> {
    note("cargo run -- generate (the first compilation takes some minutes)");
    let before = contents(root);
    run(Command::new("cargo")
        .args(["run", "--quiet", "--", "generate"])
        .current_dir(root))?;
    let after = contents(root).into_iter();
    Ok(after
        .filter(|(path, text)| before.get(path) != Some(text))
        .map(|(path, _)| path)
        .collect())
}

fn contents(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let folders = FOLLOWS.iter().flat_map(|path| {
        let entries = std::fs::read_dir(root.join(path)).into_iter().flatten().flatten();
        let inside = entries.map(move |entry| format!("{path}/{}", entry.file_name().display()));
        inside.chain([(*path).to_owned()])
    });
    folders
        .filter_map(|path| Some((path.clone(), std::fs::read(root.join(path)).ok()?)))
        .collect()
}
