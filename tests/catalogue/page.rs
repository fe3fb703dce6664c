//! `docs/events.md`.

use crate::{Category, Event, role};
use serde_json::Value;
use std::fmt::Write as _;

pub(crate) fn page(categories: &[Category]) -> String {
    let mut page = String::from(
        "# Published events\n\n\
        Made from `shared/contracts` and the topology; `UPDATE_CATALOGUE=1 cargo test -p belvedere-tests --test catalogue` writes it\n\
        anew. `asyncapi.json` says the same for programs, and `shared/contracts/schemas` has a JSON Schema per version.\n\n\
        A subscriber gets every event of the kinds of streams that it names, and passes over types and fields that it does not\n\
        know. What would break a reader gets a new version, and old versions are read for ever.\n",
    );
    for category in categories {
        write!(
            page,
            "\n## {}\n\nStreams `{}#…` in `{}`, written by **{}**. Listening: {}.\n",
            category.name,
            category.name,
            category.table,
            category.service,
            category
                .subscribers
                .iter()
                .map(|subscriber| format!("`{}` ({})", subscriber.name, role(subscriber)))
                .collect::<Vec<_>>()
                .join(", ")
        )
        .unwrap();
        for event in &category.events {
            page.push_str(&section(event));
        }
    }
    page
}

fn section(event: &Event) -> String {
    let mut section = format!("\n### {} v{}\n\n", event.kind, event.version);
    if let Some(description) = event.schema["description"].as_str() {
        writeln!(section, "{}\n", line(description)).unwrap();
    }
    let required: Vec<&str> = event.schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let properties = event.schema["properties"].as_object();
    if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
        section.push_str("| field | type | |\n| --- | --- | --- |\n");
        for (name, schema) in properties {
            let optional = if required.contains(&name.as_str()) {
                ""
            } else {
                "optional. "
            };
            let description = schema["description"].as_str().map(line).unwrap_or_default();
            writeln!(
                section,
                "| `{name}` | {} | {optional}{description} |",
                kind(schema)
            )
            .unwrap();
        }
        section.push('\n');
    }
    write!(
        section,
        "```json\n{}\n```\n",
        serde_json::to_string(&event.example["d"]).unwrap()
    )
    .unwrap();
    section
}

/// A schema in a word.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(either) = schema["oneOf"].as_array().or(schema["allOf"].as_array()) {
        let named = either.iter().find(|schema| schema["type"] != "null");
        return named.map(kind).unwrap_or_default();
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", self::kind(&schema["items"])),
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .unwrap_or_default()
            .to_owned(),
        _ => String::new(),
    }
}

/// As one line of a table.
fn line(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}
