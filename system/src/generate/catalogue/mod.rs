//! The catalogue of published events: `asyncapi.json` for programs and `docs/events.md` for people.
//!
//! Both are made from schemas and golden events, and from who listens.

mod asyncapi;
mod page;

use super::{File, GenerateError, file_names, pretty, read_json};
use function::{Kind, Subscriber, System};
use serde_json::Value;
use std::path::Path;

/// A published event cannot be described.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The name of a schema does not end with a version.
    #[error("{0} is not named EVENT.vVERSION.json")]
    Name(String),
    /// A schema does not describe an object.
    #[error("the schema of {0} is no object")]
    Schema(String),
    /// One name for two definitions.
    #[error("two events mean different things by {0}")]
    Ambiguous(String),
}

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
struct Category<'a> {
    name: &'static str,
    /// Who writes them.
    service: &'static str,
    /// The table that they are in.
    table: String,
    subscribers: Vec<&'a Subscriber>,
    events: Vec<Event>,
}

/// The document and the page.
pub(super) fn files(system: &System, contracts: &Path) -> Result<Vec<File>, GenerateError> {
    let categories = categories(system, contracts)?;
    Ok(vec![
        File {
            path: "asyncapi.json".to_owned(),
            text: pretty("asyncapi.json", &asyncapi::document(system.title, &categories)?)?,
        },
        File {
            path: "docs/events.md".to_owned(),
            text: page::page(&categories),
        },
    ])
}

/// What the services publish, in the order of the parts.
fn categories<'a>(system: &'a System, contracts: &Path) -> Result<Vec<Category<'a>>, GenerateError> {
    let mut found = Vec::new();
    for table in system.event_tables() {
        for name in table.categories {
            let subscribers = system.subscribers();
            found.push(Category {
                name,
                service: table.service,
                table: table.name.clone(),
                subscribers: subscribers.filter(|s| s.sources.contains(name)).collect(),
                events: events(contracts, name)?,
            });
        }
    }
    Ok(found)
}

fn events(contracts: &Path, category: &str) -> Result<Vec<Event>, GenerateError> {
    let (schemas, golden) = (
        contracts.join("schemas").join(category),
        contracts.join("golden").join(category),
    );
    let files = file_names(&schemas)?.into_iter();
    files
        .map(|file| {
            let name = file.strip_suffix(".json").and_then(|name| name.rsplit_once(".v"));
            let named = name.and_then(|(kind, version)| Some((kind, version.parse().ok()?)));
            let (kind, version) = named.ok_or_else(|| CatalogueError::Name(file.clone()))?;
            Ok(Event {
                kind: kind.to_owned(),
                version,
                schema: read_json(&schemas.join(&file))?,
                example: read_json(&golden.join(&file))?,
            })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of_the_marketplace(check: impl Fn(&Category<'_>)) {
        let contracts = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/contracts"));
        let system = crate::belvedere();
        let categories = categories(&system, contracts).unwrap();
        assert!(!categories.is_empty());
        categories.iter().for_each(check);
    }

    #[test]
    fn every_category_has_events_and_somebody_who_listens() {
        of_the_marketplace(|category| {
            assert!(!category.events.is_empty(), "{}", category.name);
            assert!(!category.subscribers.is_empty(), "{}", category.name);
        });
    }

    #[test]
    fn every_schema_describes_its_example() {
        of_the_marketplace(|category| {
            for event in &category.events {
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
        });
    }
}
