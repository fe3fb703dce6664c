//! The AsyncAPI document: a channel per kind of stream, a message per version of an event.

use super::{CatalogueError, Category, Event, role};
use function::System;
use serde_json::{Map, Value, json};

pub(super) fn document(system: &System, categories: &[Category<'_>]) -> Result<Value, CatalogueError> {
    let mut schemas = Map::new();
    schemas.insert("Commit".to_owned(), commit());
    let mut messages = Map::new();
    let mut channels = Map::new();
    let mut operations = Map::new();
    for category in categories {
        let mut named = Map::new();
        for event in &category.events {
            let name = format!("{}.v{}", event.kind, event.version);
            let key = format!("{}.{name}", category.name);
            named.insert(name, json!({ "$ref": format!("#/components/messages/{key}") }));
            messages.insert(key, message(event, &mut schemas)?);
        }
        channels.insert(
            category.name.to_owned(),
            json!({
                "address": category.table,
                "title": format!("Streams {}#…", category.name),
                "description": format!(
                    "The events of every {} stream, stored in the table {} and relayed to a FIFO queue per subscriber. \
                    Messages of a queue carry whole commits; the order within one stream is their version.",
                    category.name, category.table
                ),
                "messages": named,
            }),
        );
        let channel = json!({ "$ref": format!("#/channels/{}", category.name) });
        operations.insert(
            format!("{}.{}", category.service, category.name),
            json!({ "action": "send", "channel": channel, "title": format!("The service {} publishes", category.service) }),
        );
        for subscriber in &category.subscribers {
            operations.insert(
                format!("{}.{}", subscriber.name, category.name),
                json!({
                    "action": "receive",
                    "channel": channel,
                    "title": format!("The {} {} subscribes", role(subscriber), subscriber.name),
                }),
            );
        }
    }
    Ok(json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": format!("{}'s events", system.title),
            "version": system.version,
            "description": "The events that the services publish, and their subscribers. Readers ignore fields and types that they do not \
                know: new ones may be added at any time. A change that would break a reader gets a new version.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages, "schemas": schemas },
    }))
}

fn message(event: &Event, schemas: &mut Map<String, Value>) -> Result<Value, CatalogueError> {
    let mut data = event.schema.clone();
    let Some(fields) = data.as_object_mut() else {
        return Err(CatalogueError::Schema(event.kind.clone()));
    };
    fields.remove("$schema");
    for (name, mut definition) in fields
        .remove("$defs")
        .and_then(|defs| defs.as_object().cloned())
        .unwrap_or_default()
    {
        hoist(&mut definition);
        let known = schemas.entry(name.clone()).or_insert_with(|| definition.clone());
        if *known != definition {
            return Err(CatalogueError::Ambiguous(name));
        }
    }
    hoist(&mut data);
    Ok(json!({
        "name": event.kind,
        "title": format!("{}, version {}", event.kind, event.version),
        "summary": event.schema["description"],
        "payload": {
            "type": "object",
            "description": "One element of a commit's `e`.",
            "required": ["t", "v", "d"],
            "properties": {
                "t": { "const": event.kind },
                "v": { "const": event.version },
                "d": data,
            },
        },
        "examples": [{ "name": event.kind, "payload": event.example }],
    }))
}

/// Moves the definitions of one schema to the document's components.
fn hoist(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/$defs/")
            {
                *reference = format!("#/components/schemas/{name}");
            }
            fields.values_mut().for_each(hoist);
        }
        Value::Array(values) => values.iter_mut().for_each(hoist),
        _ => {}
    }
}

/// Returns the schema of a commit. A queue's message is `{"commits": […]}`. A commit that is too large for a message comes
/// without `e`.
fn commit() -> Value {
    json!({
        "type": "object",
        "description": "All events of one command. A message of a queue is {\"commits\": […]}.",
        "required": ["pk", "sk", "n", "i", "c", "t"],
        "properties": {
            "pk": { "type": "string", "description": "The stream, for example order#ord_…" },
            "sk": { "type": "integer", "minimum": 1, "description": "The version of the first event." },
            "n": { "type": "integer", "minimum": 1, "description": "The number of events." },
            "i": { "type": "string", "description": "The commit's id." },
            "c": { "type": "string", "description": "The command's id." },
            "t": { "type": "integer", "description": "The commit time, in milliseconds since 1970." },
            "m": { "type": "object", "description": "Actor (a), the caller on whose behalf a reactor acted (b), correlation (co), causation (ca) and W3C trace parent (tp)." },
            "e": { "type": "array", "description": "The events. Absent where the commit is too large for a message: read it from the table." },
        },
    })
}
