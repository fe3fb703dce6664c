//! `schemas/{category}/{Type}.v{version}.json` describes the data of an event, for readers that are not written in Rust.
//!
//! Generated: `UPDATE_SCHEMAS=1 cargo test -p contracts` writes them again, unless that would break a reader.

use super::{Category, breaks, file};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

const HOW: &str = "run `UPDATE_SCHEMAS=1 cargo test -p contracts` and commit the result";

/// Checks that the committed schemas are those of the code; with `UPDATE_SCHEMAS` in the environment, writes them instead.
///
/// # Panics
/// When a schema differs, or when the change would break a reader of the committed one.
pub fn assert_schemas(contracts: &Path, categories: &[Category]) {
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    for category in categories {
        for (kind, version) in category.types {
            let path = file(contracts, "schemas", category.name, kind, *version);
            let current = schema(category, kind);
            let committed = std::fs::read_to_string(&path).ok();
            let committed: Option<Value> =
                committed.map(|text| serde_json::from_str(&text).expect("a schema is JSON"));
            if committed.as_ref() == Some(&current) {
                continue;
            }
            let broken = committed.map_or(vec![], |committed| breaks(&committed, &current));
            assert!(
                broken.is_empty(),
                "{kind} v{version} would break its readers: {broken:?}. Give it a new version in TYPES and an upcast."
            );
            assert!(update, "{} differs from the code; {HOW}", path.display());
            let text = serde_json::to_string_pretty(&current).expect("JSON") + "\n";
            let written = path
                .parent()
                .map_or(Ok(()), std::fs::create_dir_all)
                .and_then(|()| std::fs::write(&path, text));
            written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
}

/// Returns the schema of an event's data: the content of `d` in its variant, with the types that it refers to.
fn schema(category: &Category, kind: &str) -> Value {
    let variants = category.schema["oneOf"]
        .as_array()
        .expect("an event is one of several");
    let named = |variant: &&Value| {
        let tag = &variant["properties"]["t"];
        tag["enum"] == json!([kind]) || tag["const"] == json!(kind)
    };
    let variant = variants
        .iter()
        .find(named)
        .unwrap_or_else(|| panic!("{kind} has no schema"));
    let mut data = variant["properties"]["d"].clone();
    let mut defs = Map::new();
    let mut wanted = BTreeSet::new();
    localize(&mut data, &mut wanted);
    while let Some(name) = wanted.pop_first() {
        let (_, component) = category
            .components
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name} is referenced but has no schema"));
        let mut component = serde_json::to_value(component).expect("a schema is JSON");
        let mut more = BTreeSet::new();
        localize(&mut component, &mut more);
        defs.insert(name, component);
        wanted.extend(more.into_iter().filter(|name| !defs.contains_key(name)));
    }
    data["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    data["title"] = json!(kind);
    if let Some(description) = variant.get("description") {
        data["description"] = description.clone();
    }
    if !defs.is_empty() {
        data["$defs"] = Value::Object(defs);
    }
    data
}

/// Rewrites references into an OpenAPI document to references into this schema, and records the types that they name.
fn localize(schema: &mut Value, wanted: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/components/schemas/")
            {
                wanted.insert(name.to_owned());
                *reference = format!("#/$defs/{name}");
            }
            fields.values_mut().for_each(|value| localize(value, wanted));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| localize(value, wanted)),
        _ => {}
    }
}
