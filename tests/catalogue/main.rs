//! The catalogue of published events: `asyncapi.json` for programs and `docs/events.md` for people.
//!
//! Both are made from what is committed already: the schemas and the golden events of `shared/contracts`, and the parts.
//! `UPDATE_CATALOGUE=1 cargo test -p belvedere-tests --test catalogue` writes them anew; without it they are compared.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod asyncapi;
mod page;

use function::{Kind, Subscriber, System};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::LazyLock;

const HOW: &str =
    "run `UPDATE_CATALOGUE=1 cargo test -p belvedere-tests --test catalogue` and commit the result";

/// One version of a published event.
struct Event {
    kind: String,
    version: u32,
    /// Of its data.
    schema: Value,
    /// As it is stored.
    example: Value,
}

/// The events of one kind of stream.
struct Category {
    name: &'static str,
    /// Who writes them.
    service: &'static str,
    /// The table that they are in.
    table: String,
    subscribers: Vec<&'static Subscriber>,
    events: Vec<Event>,
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn json(path: &PathBuf) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// What the services publish, in the order of the parts.
fn categories() -> Vec<Category> {
    let mut found = Vec::new();
    static SYSTEM: LazyLock<System> = LazyLock::new(system::belvedere);
    for table in SYSTEM.event_tables() {
        for name in table.categories {
            let subscribers = SYSTEM.subscribers();
            found.push(Category {
                name,
                service: table.service,
                table: table.name.clone(),
                subscribers: subscribers.filter(|s| s.sources.contains(name)).collect(),
                events: events(name),
            });
        }
    }
    found
}

fn events(category: &str) -> Vec<Event> {
    let contracts = root().join("shared/contracts");
    let mut files: Vec<String> = std::fs::read_dir(contracts.join("schemas").join(category))
        .unwrap_or_else(|e| panic!("{category} has no schemas: {e}"))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let name = file.strip_suffix(".json").expect("schemas are JSON files");
            let (kind, version) = name.rsplit_once(".v").expect("the file's name says the version");
            Event {
                kind: kind.to_owned(),
                version: version.parse().unwrap(),
                schema: json(&contracts.join("schemas").join(category).join(file)),
                example: json(&contracts.join("golden").join(category).join(file)),
            }
        })
        .collect()
}

/// What a subscriber does with events, in words.
fn role(subscriber: &Subscriber) -> &'static str {
    match subscriber.kind {
        Kind::View => "view",
        Kind::Reactor => "reactor",
    }
}

fn compare(file: &str, made: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE_CATALOGUE").is_some() {
        std::fs::write(&path, made).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let line = made
        .lines()
        .zip(committed.lines())
        .position(|(made, committed)| made != committed);
    assert!(
        committed == made,
        "{file} is not what the contracts say (first difference in line {}); {HOW}",
        line.map_or(made.lines().count(), |line| line + 1)
    );
}

#[test]
fn the_committed_asyncapi_document_describes_what_is_published() {
    let made = serde_json::to_string_pretty(&asyncapi::document(&categories())).unwrap() + "\n";
    compare("asyncapi.json", &made);
}

#[test]
fn the_committed_page_lists_what_is_published() {
    compare("docs/events.md", &page::page(&categories()));
}

#[test]
fn every_category_has_events_and_somebody_who_listens() {
    for category in categories() {
        assert!(!category.events.is_empty(), "{}", category.name);
        assert!(!category.subscribers.is_empty(), "{}", category.name);
    }
}

#[test]
fn every_schema_describes_its_example() {
    for category in categories() {
        for event in category.events {
            let allowed = event.schema["properties"]
                .as_object()
                .cloned()
                .unwrap_or_default();
            let data = event.example["d"].as_object().unwrap();
            for field in data.keys() {
                assert!(
                    allowed.contains_key(field),
                    "{}: {field} is not described",
                    event.kind
                );
            }
            for field in event.schema["required"].as_array().into_iter().flatten() {
                let field = field.as_str().unwrap();
                assert!(
                    data.contains_key(field),
                    "{}: the example lacks {field}",
                    event.kind
                );
            }
        }
    }
}
