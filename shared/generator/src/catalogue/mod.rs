//! The catalogue of published events: `asyncapi.json` for programs and `docs/events.md` for people.
//!
//! Both are generated from schemas, golden events and the subscribers' descriptions.

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
    #[error("the schema of {0} is not an object")]
    Schema(String),
    /// A category without a single event.
    #[error("the category {category} of {service} has no event in {schemas}")]
    Empty {
        /// The category.
        category: String,
        /// The part that owns it.
        service: &'static str,
        /// The expected path of its schemas.
        schemas: String,
    },
    /// An example does not fit its schema.
    #[error("the golden file of {kind} v{version} and its schema differ in the field {field}")]
    Example {
        /// The event's type.
        kind: String,
        /// Its version.
        version: u32,
        /// A field that only one of them has.
        field: String,
    },
    /// Two definitions have the same name.
    #[error("two events have different definitions of {0}")]
    Ambiguous(String),
}

/// One version of a published event.
struct Event {
    kind: String,
    version: u32,
    /// The schema of its data.
    schema: Value,
    /// The event as stored.
    example: Value,
}

impl Event {
    /// Returns a field of the example that the schema does not describe, or one that the schema requires and the example lacks.
    fn mismatch(&self) -> Option<String> {
        let described = &self.schema["properties"];
        let example = &self.example["d"];
        let fields = example.as_object().into_iter().flat_map(|fields| fields.keys());
        let unknown = fields.filter(|field| described.get(field).is_none());
        let required = self.schema["required"].as_array().into_iter().flatten();
        let required = required.filter_map(|field| field.as_str());
        let missing = required.filter(|field| example.get(field).is_none());
        unknown
            .map(String::as_str)
            .chain(missing)
            .next()
            .map(str::to_owned)
    }
}

/// The events of one kind of stream.
struct Category<'a> {
    name: &'static str,
    /// The service that writes them.
    service: &'static str,
    /// Their event table.
    table: String,
    subscribers: Vec<&'a Subscriber>,
    events: Vec<Event>,
}

/// Returns the document and the page.
pub(super) fn files(system: &System, contracts: &Path) -> Result<Vec<File>, GenerateError> {
    let categories = categories(system, contracts)?;
    Ok(vec![
        File {
            path: "asyncapi.json".to_owned(),
            text: pretty("asyncapi.json", &asyncapi::document(system, &categories)?)?,
        },
        File {
            path: "docs/events.md".to_owned(),
            text: page::page(&categories),
        },
    ])
}

/// Returns what the services publish, in the order of the parts.
fn categories<'a>(system: &'a System, contracts: &Path) -> Result<Vec<Category<'a>>, GenerateError> {
    let mut found = Vec::new();
    for table in system.event_tables() {
        for name in table.categories {
            let subscribers = system.subscribers();
            let events = events(contracts, name)?;
            if events.is_empty() {
                return Err(GenerateError::from(CatalogueError::Empty {
                    category: (*name).to_owned(),
                    service: table.service,
                    schemas: contracts.join("schemas").join(name).display().to_string(),
                }));
            }
            found.push(Category {
                name,
                service: table.service,
                table: table.name.clone(),
                subscribers: subscribers.filter(|s| s.sources.contains(name)).collect(),
                events,
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
            let event = Event {
                kind: kind.to_owned(),
                version,
                schema: read_json(&schemas.join(&file))?,
                example: read_json(&golden.join(&file))?,
            };
            match event.mismatch() {
                None => Ok(event),
                Some(field) => Err(GenerateError::from(CatalogueError::Example {
                    kind: event.kind,
                    version,
                    field,
                })),
            }
        })
        .collect()
}

/// Describes a subscriber's role in words.
fn role(subscriber: &Subscriber) -> &'static str {
    match subscriber.kind {
        Kind::View => "view",
        Kind::Reactor => "reactor",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(example: Value) -> Event {
        Event {
            kind: "BasketOpened".to_owned(),
            version: 1,
            schema: json!({ "properties": { "owner": {}, "note": {} }, "required": ["owner"] }),
            example: json!({ "t": "BasketOpened", "v": 1, "d": example }),
        }
    }

    #[test]
    fn example_with_required_fields_matches() {
        assert_eq!(event(json!({ "owner": "Ada" })).mismatch(), None);
    }

    #[test]
    fn unknown_and_missing_fields_are_named() {
        assert_eq!(
            event(json!({ "owner": "Ada", "color": "red" })).mismatch(),
            Some("color".to_owned())
        );
        assert_eq!(event(json!({ "note": "x" })).mismatch(), Some("owner".to_owned()));
    }
}
