use super::plan::Plan;
use super::sources::{camel, id_field};
use super::template::{SYSTEM, Values};
use super::workspace::Workspace;
use super::{Name, NewError, service, view};
use crate::arguments::{NewService, NewSystem, NewView};
use std::path::{Component, Path, PathBuf};

/// The files that a system takes from Belvedere's own checkout: the versions that are tested together, the lints and the profiles.
const MANIFEST: &str = include_str!("../../../Cargo.toml");
const LOCK: &str = include_str!("../../../Cargo.lock");
const CARGO_CONFIG: &str = include_str!("../../../.cargo/config.toml");
const CLIPPY: &str = include_str!("../../../clippy.toml");
const RUSTFMT: &str = include_str!("../../../rustfmt.toml");
const SAM: &str = include_str!("../../../samconfig.toml");
const OPERATIONS: &str = include_str!("../../../system/src/bin/operations.rs");
const RELAY: &str = include_str!("../../../system/src/bin/relay.rs");
const API_DESCRIPTION: &str = include_str!("../../../system/src/bin/api-description.rs");

/// The name of Belvedere's own system.
const OWN: &str = "belvedere";

/// Belvedere's crates on which a system depends.
const LIBRARY: [&str; 15] = [
    "api-description",
    "commit",
    "embedded",
    "event-store",
    "function",
    "generator",
    "http-api",
    "http-suite",
    "local-dynamodb",
    "operations",
    "projection",
    "relay",
    "testkit",
    "values",
    "view-function",
];

/// The other crates on which the templates depend.
const DEPENDENCIES: [&str; 11] = [
    "axum",
    "jiff",
    "proptest",
    "serde",
    "serde_json",
    "thiserror",
    "tokio",
    "tracing",
    "utoipa",
    "utoipa-axum",
    "uuid",
];

/// Writes a new system, and returns its folder and the paths in it. The system is written to a temporary folder beside it, which is
/// renamed when it is complete.
pub(super) fn write(new: &NewSystem) -> Result<(PathBuf, Vec<String>), NewError> {
    let folder = new.at.clone().unwrap_or_else(|| PathBuf::from(new.name.kebab()));
    if folder.exists() {
        return Err(NewError::Exists(folder.display().to_string()));
    }
    is_free(new)?;
    let failed = |error| NewError::File {
        path: folder.clone(),
        error,
    };
    let parent = match folder.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    if !parent.is_dir() {
        return Err(NewError::NoParent(parent));
    }
    let parent = parent.canonicalize().map_err(failed)?;
    let library = Library::of(new, &parent.join(new.name.kebab()))?;
    let draft = parent.join(format!(".{}.{}", new.name, std::process::id()));
    let written = draw(&draft, new, &library);
    let written = written.and_then(|written| {
        std::fs::rename(&draft, &folder).map_err(failed)?;
        Ok((folder.clone(), written))
    });
    if written.is_err() {
        // The error of the write is returned. If the draft cannot be removed, its name still identifies it.
        let _ = std::fs::remove_dir_all(&draft);
    }
    written
}

/// Refuses the name of a crate in the system. The names of the service and the view are checked when these are planned.
fn is_free(new: &NewSystem) -> Result<(), NewError> {
    let NewSystem { name, service, .. } = new;
    let by = match name.kebab() {
        "contracts" | "system" => "a crate of every system",
        library if LIBRARY.contains(&library) => "a crate of Belvedere",
        _ if name == service => "its service",
        _ if *name == new.view() => "its view",
        _ => return Ok(()),
    };
    Err(NewError::Taken {
        name: name.clone(),
        by: by.to_owned(),
    })
}

/// Writes an empty system, and then a service and a view in the same way as `new service` and `new view`.
fn draw(folder: &Path, new: &NewSystem, library: &Library) -> Result<Vec<String>, NewError> {
    let values = values(new, library);
    let mut plan = Plan::new(folder);
    plan.fill("", SYSTEM, &values)?;
    let own = |text: &str| text.replace(OWN, &new.name.snake());
    let taken_over = [
        (".cargo/config.toml", CARGO_CONFIG.to_owned()),
        ("Cargo.lock", locked()),
        ("clippy.toml", CLIPPY.to_owned()),
        ("openapi.json", "{}\n".to_owned()),
        ("rustfmt.toml", RUSTFMT.to_owned()),
        ("samconfig.toml", SAM.replace(OWN, new.name.kebab())),
        ("system/src/bin/api-description.rs", API_DESCRIPTION.to_owned()),
        ("system/src/bin/operations.rs", own(OPERATIONS)),
        ("system/src/bin/relay.rs", RELAY.to_owned()),
    ];
    for (path, text) in taken_over {
        plan.create(path.to_owned(), text)?;
    }
    let mut written = plan.write()?;

    let workspace = Workspace::open(folder)?;
    let service = NewService {
        name: new.service.clone(),
        category: new.category.clone(),
        reacts_to: Vec::new(),
        prefix: None,
    };
    written.extend(service::plan(&workspace, &service)?.write()?);
    let view = NewView {
        name: new.view(),
        source: vec![new.category.clone()],
    };
    written.extend(view::plan(&workspace, &view)?.write()?);
    written.sort();
    written.dedup();
    Ok(written)
}

fn values(new: &NewSystem, library: &Library) -> Values {
    let id = id_field(&format!("{}Id", new.category.pascal()));
    let dependencies = DEPENDENCIES.iter().filter_map(|name| own_line(name));
    let dependencies: Vec<&str> = dependencies.collect();
    let settings = MANIFEST.find("[workspace.lints").map_or("", |at| &MANIFEST[at..]);
    Values::default()
        .with("name", new.name.kebab())
        .with("crate", new.name.snake())
        .with("Words", new.name.title())
        .with("service", new.service.kebab())
        .with("category", new.category.kebab())
        .with("view", new.view().kebab())
        .with("idField", camel(&id))
        .with("rust_version", own_value("rust-version").unwrap_or_default())
        .with("library", library.dependencies())
        .with("library_readme", library.readme())
        .with("dependencies", dependencies.join("\n"))
        .with("settings", settings)
}

/// The source of Belvedere's crates.
enum Library {
    /// A checkout, relative to the system.
    Path(String),
    /// A repository, and a commit of it.
    Git { url: String, rev: Option<String> },
}

impl Library {
    fn of(new: &NewSystem, system: &Path) -> Result<Self, NewError> {
        if let Some(url) = &new.git {
            return Ok(Self::Git {
                url: url.clone(),
                rev: new.rev.clone(),
            });
        }
        let checkout = new.path.clone().unwrap_or_else(|| PathBuf::from("."));
        let is_library = checkout.join("shared/function/Cargo.toml").is_file();
        let canonical = checkout.canonicalize().ok().filter(|_| is_library);
        let refusal = match new.path {
            Some(_) => NewError::OtherLibrary(checkout),
            None => NewError::NoLibrary,
        };
        let checkout = canonical.ok_or(refusal)?;
        if system.starts_with(&checkout) && !is_excluded(&checkout, system) {
            return Err(NewError::Inside(checkout));
        }
        Ok(Self::Path(relative(system, &checkout)))
    }

    fn dependencies(&self) -> String {
        let lines = LIBRARY.iter().filter_map(|name| {
            let (_, rest) = own_line(name)?.split_once("path = \"")?;
            let (path, _) = rest.split_once('"')?;
            Some(match self {
                Self::Path(checkout) => format!("{name} = {{ path = \"{checkout}/{path}\" }}"),
                Self::Git { url, rev: Some(rev) } => {
                    format!("{name} = {{ git = \"{url}\", rev = \"{rev}\" }}")
                }
                Self::Git { url, rev: None } => format!("{name} = {{ git = \"{url}\" }}"),
            })
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn readme(&self) -> String {
        match self {
            Self::Path(checkout) => format!("{checkout}/README.md"),
            Self::Git { url, .. } => url.clone(),
        }
    }
}

/// Returns whether a checkout's workspace excludes the folder of a system, as `exclude = ["examples"]` excludes everything in
/// `examples`.
fn is_excluded(checkout: &Path, system: &Path) -> bool {
    let manifest = std::fs::read_to_string(checkout.join("Cargo.toml")).unwrap_or_default();
    let list = manifest.lines().find(|line| line.starts_with("exclude = ["));
    let mut folders = list
        .into_iter()
        .flat_map(|list| list.split('"').skip(1).step_by(2));
    folders.any(|folder| system.starts_with(checkout.join(folder)))
}

/// Returns the relative path from one folder to another. Both are absolute.
fn relative(from: &Path, to: &Path) -> String {
    let (from, to): (Vec<Component>, Vec<Component>) =
        (from.components().collect(), to.components().collect());
    let common = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let up = from[common..].iter().map(|_| "..".to_owned());
    let down = to[common..]
        .iter()
        .map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Returns the line of Belvedere's own manifest that names a dependency.
fn own_line(name: &str) -> Option<&'static str> {
    let is_of = |line: &&str| line.split_once(" =").is_some_and(|(key, _)| key == name);
    MANIFEST.lines().find(is_of)
}

fn own_value(key: &str) -> Option<&'static str> {
    own_line(key)?.split('"').nth(1)
}

/// Returns Belvedere's lock file without the crates of its workspace. Cargo adds the system's crates and keeps the versions of all
/// others.
fn locked() -> String {
    let mut packages = LOCK.split("[[package]]\n");
    let head = packages.next().unwrap_or_default();
    let foreign = packages.filter(|package| package.contains("\nsource = "));
    foreign.fold(head.to_owned(), |lock, package| lock + "[[package]]\n" + package)
}

impl NewSystem {
    fn view(&self) -> Name {
        self.view.clone().unwrap_or_else(|| self.category.with("history"))
    }
}

pub(super) fn next(new: &NewSystem, folder: &Path) -> String {
    format!(
        "Next, in {}:\n  cargo test --workspace\n  cargo run, then the curl commands of README.md\n  \
         functions/{} and functions/{}    are examples: change them as you need (docs/a-system-of-your-own.md of Belvedere)",
        folder.display(),
        new.service,
        new.view()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_path_goes_up_and_then_down() {
        let way = relative(Path::new("/teams/ada/shop"), Path::new("/teams/src/belvedere"));
        assert_eq!(way, "../../src/belvedere");
    }

    #[test]
    fn every_dependency_of_a_system_is_in_the_manifest() {
        let library = Library::Path("../belvedere".to_owned());
        assert_eq!(library.dependencies().lines().count(), LIBRARY.len());
        assert!(DEPENDENCIES.iter().all(|name| own_line(name).is_some()));
        assert!(own_value("rust-version").is_some());
    }

    #[test]
    fn lock_file_has_only_foreign_crates() {
        let locked = locked();
        assert!(locked.contains("name = \"tokio\"") && !locked.contains("name = \"orders\""));
    }

    fn shop(folder: &Path) -> NewSystem {
        NewSystem {
            name: "shop".parse().unwrap(),
            at: Some(folder.join("shop")),
            path: Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")),
            git: None,
            rev: None,
            service: "baskets".parse().unwrap(),
            category: "basket".parse().unwrap(),
            view: None,
        }
    }

    #[test]
    fn system_has_a_service_and_a_view_and_nothing_of_the_marketplace() {
        let folder = tempfile::tempdir().unwrap();
        let (shop, written) = write(&shop(folder.path())).unwrap();
        let parts = std::fs::read_to_string(shop.join("system/src/lib.rs")).unwrap();
        assert!(
            parts.contains("baskets::part()") && parts.contains("basket_history::part()"),
            "{parts}"
        );
        for path in written {
            let text = std::fs::read_to_string(shop.join(&path)).unwrap();
            assert!(!text.contains("__"), "{path} has a placeholder");
            assert!(
                !text.contains("marketplace") && !text.contains("restaurant"),
                "{path}"
            );
        }
    }

    #[test]
    fn refused_system_leaves_no_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut same = shop(folder.path());
        same.view = Some(same.service.clone());
        assert!(write(&same).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn system_in_an_excluded_folder_is_accepted() {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .canonicalize()
            .unwrap();
        assert!(is_excluded(&checkout, &checkout.join("examples/shop")));
        assert!(!is_excluded(&checkout, &checkout.join("cli/shop")));
    }

    #[test]
    fn library_that_is_no_checkout_of_belvedere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut elsewhere = shop(folder.path());
        elsewhere.path = Some(folder.path().to_owned());
        let refused = write(&elsewhere).unwrap_err();
        assert!(
            matches!(&refused, NewError::OtherLibrary(path) if path == folder.path()),
            "{refused}"
        );
    }

    #[test]
    fn system_in_a_folder_that_does_not_exist_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = write(&shop(&folder.path().join("missing"))).unwrap_err();
        assert!(matches!(refused, NewError::NoParent(_)), "{refused}");
    }

    #[test]
    fn system_inside_belvedere_is_refused() {
        let inside = shop(Path::new(env!("CARGO_MANIFEST_DIR")));
        assert!(matches!(write(&inside), Err(NewError::Inside(_))));
    }
}
