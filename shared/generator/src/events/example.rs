//! Values built from a description's examples.

use serde_json::{Map, Value, json};

/// The limit for nested objects.
const DEPTH: u32 = 16;

/// Returns a parameter's value, as text.
pub(super) fn of_parameter(parameter: &Value, components: &Value) -> String {
    let value = match &parameter["example"] {
        Value::Null => of_schema(&parameter["schema"], components),
        example => example.clone(),
    };
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns a value that matches a schema's examples, enumerations and bounds.
pub(super) fn of_schema(schema: &Value, components: &Value) -> Value {
    made(schema, components, DEPTH)
}

fn made(schema: &Value, components: &Value, depth: u32) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    let given = ["/example", "/examples/0", "/default", "/const", "/enum/0"];
    if let Some(given) = given.iter().find_map(|place| schema.pointer(place)) {
        return given.clone();
    }
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/components");
        let target = components.pointer(name).unwrap_or(&Value::Null);
        return made(target, components, depth - 1);
    }
    let alternatives = ["oneOf", "anyOf", "allOf"].iter();
    let mut alternatives = alternatives.filter_map(|key| schema[*key].as_array()).flatten();
    if let Some(one) = alternatives.find(|schema| schema["type"] != "null") {
        return made(one, components, depth - 1);
    }
    match kind(schema) {
        "object" => required(schema, components, depth),
        "array" => json!([made(&schema["items"], components, depth - 1)]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        "string" => match schema["format"].as_str() {
            Some("date-time") => json!("2026-11-23T18:30:00Z"),
            Some("date") => json!("2026-11-23"),
            _ => json!("example"),
        },
        _ => Value::Null,
    }
}

fn kind(schema: &Value) -> &str {
    let kinds = schema["type"].as_array().into_iter().flatten();
    let mut kinds = kinds.chain([&schema["type"]]).filter_map(Value::as_str);
    kinds.find(|kind| *kind != "null").unwrap_or_default()
}

fn required(schema: &Value, components: &Value, depth: u32) -> Value {
    let required = schema["required"].as_array().into_iter().flatten();
    required
        .filter_map(Value::as_str)
        .map(|name| {
            let value = made(&schema["properties"][name], components, depth - 1);
            (name.to_owned(), value)
        })
        .collect::<Map<_, _>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_preferred_and_required_fields_are_present() {
        let components = json!({ "schemas": { "Id": { "type": "string", "examples": ["con_1"] } } });
        let schema = json!({
            "type": "object",
            "required": ["id", "many", "size"],
            "properties": {
                "id": { "$ref": "#/components/schemas/Id" },
                "many": { "type": "array", "items": { "oneOf": [{ "type": "null" }, { "type": "boolean" }] } },
                "size": { "type": ["integer", "null"], "minimum": 3 },
                "note": { "type": "string" },
            },
        });
        assert_eq!(
            of_schema(&schema, &components),
            json!({ "id": "con_1", "many": [true], "size": 3 })
        );
    }
}
