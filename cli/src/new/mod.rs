//! Begins a view or a service in a workspace, or a workspace. Nothing is asked of the API: what there is already is read from files.

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

/// Why nothing new was begun. Nothing is changed, unless it says so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewError {
    /// This is no root of a workspace.
    #[error("{0} is not in this folder: run this in the root of a checkout that has a system in it")]
    NoWorkspace(&'static str),
    /// Somebody has the name.
    #[error("{name} is the name of {by}: take another one")]
    Taken { name: Name, by: String },
    /// Two kinds of ids would begin alike.
    #[error("{by} begins with {prefix} already: name another prefix with --prefix")]
    Prefix { prefix: String, by: String },
    /// The crates of a system have to come from somewhere.
    #[error("name a checkout of Belvedere with --path, or its repository with --git")]
    NoLibrary,
    /// A workspace in a workspace.
    #[error("the system would be inside {}: name a folder outside with --at, or one that the workspace excludes", .0.display())]
    Inside(PathBuf),
    /// The generated code uses the name for something else.
    #[error("{0} is what the code calls something else: take another name")]
    Reserved(Name),
    /// There are no such events.
    #[error("there is no category {name}. There are: {}", list(known))]
    UnknownCategory { name: Name, known: BTreeSet<String> },
    /// Something about the category is not where it should be.
    #[error("the category {name} is not understood: {what}")]
    Undescribed { name: Name, what: &'static str },
    /// A document belongs to one id.
    #[error(
        "the streams of {first} and {other} have other ids ({first_id} and {other_id}), and a document belongs to one id: take two views"
    )]
    OtherIds {
        first: Name,
        first_id: String,
        other: Name,
        other_id: String,
    },
    /// A file is there already.
    #[error("{0} exists")]
    Exists(String),
    /// A file has not the place where a line belongs.
    #[error("{path} has no {what}, where a line has to be added")]
    NoPlace { path: &'static str, what: &'static str },
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File { path: PathBuf, error: std::io::Error },
    /// A command failed.
    #[error("`{command}` failed ({reason}); what was written stays. Run it again when it can succeed.")]
    Command { command: String, reason: String },
}

fn list(names: &BTreeSet<String>) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.join(", ")
}

/// Begins what the command line says, in the current folder.
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

/// The generated files, and the lock file, which has every crate in it.
const FOLLOWS: [&str; 6] = [
    "Cargo.lock",
    "asyncapi.json",
    "docs/events.md",
    "localstack/events",
    "openapi.json",
    "template.yaml",
];

/// Writes what follows from the system's description, and returns the files that changed.
fn generate(root: &Path) -> Result<Vec<String>, NewError> {
    note("cargo run -- generate (the first time it compiles for some minutes)");
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
