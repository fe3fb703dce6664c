use super::NewError;
use super::name::Name;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files that describe a workspace.
pub(super) const MANIFEST: &str = "Cargo.toml";
pub(super) const LOCK: &str = "Cargo.lock";
pub(super) const SYSTEM: &str = "system/src/lib.rs";
pub(super) const SYSTEM_MANIFEST: &str = "system/Cargo.toml";
pub(super) const EVENTS: &str = "system/events.json";
pub(super) const CONTRACTS_LIB: &str = "shared/contracts/src/lib.rs";
pub(super) const CONTRACTS_TESTS: &str = "shared/contracts/src/tests/mod.rs";
const GOLDEN: &str = "shared/contracts/golden";

/// A checkout that contains a system.
#[derive(Debug)]
pub(super) struct Workspace {
    root: PathBuf,
}

/// A category of streams, as described by the crate `contracts` and `system/events.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Category {
    pub(super) name: Name,
    /// The enum of its events.
    pub(super) events: String,
    /// The enum's variants with the versions of their schemas, in the order of declaration.
    pub(super) types: Vec<(String, u32)>,
    /// The type of its streams' ids.
    pub(super) id: String,
}

impl Workspace {
    /// Opens the checkout whose root is this folder.
    pub(super) fn open(root: &Path) -> Result<Self, NewError> {
        let files = [
            MANIFEST,
            LOCK,
            SYSTEM,
            SYSTEM_MANIFEST,
            EVENTS,
            CONTRACTS_LIB,
            CONTRACTS_TESTS,
        ];
        match files.iter().find(|file| !root.join(file).is_file()) {
            Some(file) => Err(NewError::NoWorkspace(file)),
            None => Ok(Self {
                root: root.to_owned(),
            }),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn read(&self, file: &str) -> Result<String, NewError> {
        read(&self.root.join(file))
    }

    /// Refuses the name of a crate, a function or a path of the API.
    pub(super) fn is_free(&self, name: &Name) -> Result<(), NewError> {
        let taken = |by: String| NewError::Taken {
            name: name.clone(),
            by,
        };
        let folder = format!("functions/{name}");
        if self.root.join(&folder).exists() {
            return Err(taken(format!("the folder {folder}")));
        }
        let package = format!("name = \"{name}\"");
        if self.read(LOCK)?.lines().any(|line| line == package) {
            return Err(taken("a crate".to_owned()));
        }
        let dependency = [format!("{name} ="), format!("{name}.")];
        let manifest = self.read(MANIFEST)?;
        if manifest
            .lines()
            .any(|line| dependency.iter().any(|key| line.starts_with(key)))
        {
            return Err(taken("a dependency of the workspace".to_owned()));
        }
        for function in ["", "-projector", "-query", "-reactor"] {
            let event = format!("localstack/events/{name}{function}.json");
            if self.root.join(event).exists() {
                return Err(taken(format!("the function {name}{function}")));
            }
        }
        let openapi = self.root.join("openapi.json");
        if openapi.is_file() {
            let path = format!("/{name}");
            let openapi = json(&openapi)?;
            let mut paths = openapi["paths"].as_object().into_iter().flatten();
            if let Some((taken_path, _)) = paths.find(|(other, _)| first_segment(other) == path) {
                return Err(taken(format!("the path {taken_path} of the API")));
            }
        }
        Ok(())
    }

    /// Returns whether the API has a schema with this name.
    pub(super) fn describes(&self, schema: &str) -> Result<bool, NewError> {
        let openapi = self.root.join("openapi.json");
        Ok(openapi.is_file() && json(&openapi)?["components"]["schemas"][schema].is_object())
    }

    /// Returns whether `contracts` has this module.
    pub(super) fn has_module(&self, module: &str) -> bool {
        let folder = self.root.join(CONTRACTS_LIB).with_file_name(module);
        folder.exists() || folder.with_extension("rs").exists()
    }

    /// Returns the names of all categories with golden files.
    pub(super) fn categories(&self) -> Result<BTreeSet<String>, NewError> {
        let mut names = BTreeSet::new();
        let golden = self.root.join(GOLDEN);
        if !golden.exists() {
            return Ok(names);
        }
        for folder in entries(&golden)? {
            names.extend(folder.file_name().map(|name| name.to_string_lossy().into_owned()));
        }
        Ok(names)
    }

    /// Reads the descriptions of the categories that a part consumes.
    pub(super) fn sources(&self, names: &[Name]) -> Result<Vec<Category>, NewError> {
        let is_twice = |(at, name): &(usize, &Name)| names[..*at].contains(name);
        if let Some((_, name)) = names.iter().enumerate().find(is_twice) {
            return Err(NewError::Twice(name.clone()));
        }
        names.iter().map(|name| self.category(name)).collect()
    }

    /// Reads the description of a category.
    pub(super) fn category(&self, name: &Name) -> Result<Category, NewError> {
        let known = self.categories()?;
        if !known.contains(name.kebab()) {
            return Err(NewError::UnknownCategory {
                name: name.clone(),
                known,
            });
        }
        let undescribed = |what| NewError::Undescribed {
            name: name.clone(),
            what,
        };
        let constant = format!("CATEGORY: &str = \"{name}\";");
        let sources = self.contracts()?;
        let module = sources.iter().find(|text| text.contains(&constant));
        let module =
            module.ok_or_else(|| undescribed("no module of shared/contracts/src declares its CATEGORY"))?;
        let (events, types) = events(module)
            .ok_or_else(|| undescribed("its module has no `impl Event for …` with a list of TYPES"))?;
        let prefix = self.prefix(name)?;
        let ids = ids(&sources);
        let id = prefix.and_then(|prefix| ids.get(&prefix).cloned());
        let id = id.ok_or_else(|| {
            undescribed("system/events.json gives no id of one of its streams, or contracts has no `id!` with that prefix")
        })?;
        Ok(Category {
            name: name.clone(),
            events,
            types,
            id,
        })
    }

    /// Returns the id types by their prefixes.
    pub(super) fn prefixes(&self) -> Result<BTreeMap<String, String>, NewError> {
        Ok(ids(&self.contracts()?))
    }

    /// Returns the prefix of the ids of a category's streams.
    fn prefix(&self, category: &Name) -> Result<Option<String>, NewError> {
        let events = json(&self.root.join(EVENTS))?;
        let stream = events["streams"][category.kebab()].as_str();
        Ok(stream
            .and_then(|id| id.rsplit_once('_'))
            .map(|(prefix, _)| format!("{prefix}_")))
    }

    /// Reads the modules of `contracts`.
    fn contracts(&self) -> Result<Vec<String>, NewError> {
        let files = entries(&self.root.join(CONTRACTS_LIB).with_file_name(""))?;
        files
            .iter()
            .filter(|file| file.extension().is_some_and(|end| end == "rs"))
            .map(|file| read(file))
            .collect()
    }
}

fn first_segment(path: &str) -> &str {
    let end = path.char_indices().skip(1).find(|(_, letter)| *letter == '/');
    end.map_or(path, |(end, _)| &path[..end])
}

pub(super) fn read(path: &Path) -> Result<String, NewError> {
    std::fs::read_to_string(path).map_err(|error| NewError::File {
        path: path.to_owned(),
        error,
    })
}

fn json(path: &Path) -> Result<Value, NewError> {
    let text = read(path)?;
    serde_json::from_str(&text).map_err(|error| NewError::File {
        path: path.to_owned(),
        error: error.into(),
    })
}

/// Returns the sorted paths in a folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, NewError> {
    let failed = |error| NewError::File {
        path: folder.to_owned(),
        error,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Returns the enum that a module implements `Event` for, and its TYPES.
fn events(module: &str) -> Option<(String, Vec<(String, u32)>)> {
    let (_, rest) = module.split_once("impl Event for ")?;
    let (events, rest) = rest.split_once(" {")?;
    let (_, types) = rest.split_once("TYPES")?;
    let (types, _) = types.split_once(';')?;
    let types = types.split("(\"").skip(1).map(|text| {
        let (kind, rest) = text.split_once("\", ")?;
        let (version, _) = rest.split_once(')')?;
        Some((kind.to_owned(), version.parse().ok()?))
    });
    let types: Vec<_> = types.collect::<Option<_>>()?;
    (!types.is_empty()).then(|| (events.to_owned(), types))
}

/// Returns the types that `id! { … }` declares, by their prefixes.
fn ids(modules: &[String]) -> BTreeMap<String, String> {
    let bodies = modules.iter().flat_map(|module| module.split("id! {").skip(1));
    let declared = bodies.filter_map(|body| {
        let lines = body.lines().map(str::trim);
        let declaration = lines
            .into_iter()
            .find(|line| !line.is_empty() && !line.starts_with("//"))?;
        let (name, prefix) = declaration.split_once(", \"")?;
        Some((prefix.trim_end_matches(['"', ',']).to_owned(), name.to_owned()))
    });
    declared.collect()
}

/// Opens this checkout.
#[cfg(test)]
pub(super) fn here() -> Workspace {
    Workspace::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[test]
    fn every_category_of_the_marketplace_can_be_read() {
        let here = here();
        for category in here.categories().unwrap() {
            let category = here.category(&name(&category)).unwrap();
            assert!(
                category.events.ends_with("Event") && category.id.ends_with("Id"),
                "{category:?}"
            );
            for (kind, version) in category.types {
                let golden = format!("{GOLDEN}/{}/{kind}.v{version}.json", category.name);
                assert!(here.root.join(&golden).is_file(), "{golden}");
            }
        }
    }

    #[test]
    fn error_for_an_unknown_category_lists_the_known_ones() {
        let error = here().category(&name("spaceship")).unwrap_err().to_string();
        assert!(
            error.contains("spaceship") && error.contains("order, payment"),
            "{error}"
        );
    }

    #[test]
    fn names_of_crates_functions_and_paths_are_refused() {
        let here = here();
        for taken in [
            "orders",
            "couriers",
            "serde",
            "tokio",
            "system",
            "cli",
            "order-menus",
            "tickets",
        ] {
            assert!(
                matches!(here.is_free(&name(taken)), Err(NewError::Taken { .. })),
                "{taken}"
            );
        }
        here.is_free(&name("favourite-dishes")).unwrap();
    }

    #[test]
    fn folder_without_a_workspace_is_refused() {
        let error = Workspace::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap_err();
        assert!(matches!(error, NewError::NoWorkspace(_)));
    }
}
