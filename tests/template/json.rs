//! Reads YAML and JSON templates in the same way.

use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Returns a path in the checkout.
pub(crate) fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(relative)
}

#[track_caller]
pub(crate) fn text(relative: &str) -> String {
    match std::fs::read_to_string(path(relative)) {
        Ok(text) => text,
        Err(error) => panic!("{relative}: {error}"),
    }
}

/// Reads `template.yaml`, with the short forms of functions written out: `!Ref X` as `{"Ref": "X"}`.
pub(crate) fn source() -> Value {
    template("template.yaml")
}

/// Reads a template of this checkout in the same way.
pub(crate) fn template(name: &str) -> Value {
    match serde_yaml_ng::from_str(&text(name)) {
        Ok(yaml) => written_out(yaml),
        Err(error) => panic!("{name}: {error}"),
    }
}

fn written_out(yaml: serde_yaml_ng::Value) -> Value {
    use serde_yaml_ng::Value as Yaml;
    match yaml {
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string().trim_start_matches('!').to_owned();
            match (name.as_str(), written_out(tagged.value)) {
                (plain @ ("Ref" | "Condition"), value) => json!({ plain: value }),
                ("GetAtt", Value::String(path)) => {
                    let (resource, attribute) = path.split_once('.').expect("!GetAtt names an attribute");
                    json!({ "Fn::GetAtt": [resource, attribute] })
                }
                (function, value) => json!({ format!("Fn::{function}"): value }),
            }
        }
        Yaml::Sequence(items) => items.into_iter().map(written_out).collect(),
        Yaml::Mapping(entries) => entries
            .into_iter()
            .map(|(key, value)| match key {
                Yaml::String(key) => (key, written_out(value)),
                other => panic!("a key that is not text: {other:?}"),
            })
            .collect::<Map<_, _>>()
            .into(),
        plain => serde_json::to_value(plain).expect("a scalar"),
    }
}

/// Returns the items of a list, or the one value that replaces a list of one.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => vec![],
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// Returns the strings of such a list.
#[track_caller]
pub(crate) fn strings(value: &Value) -> Vec<&str> {
    list(value)
        .into_iter()
        .map(|item| item.as_str().unwrap_or_else(|| panic!("not text: {item}")))
        .collect()
}

/// Returns the resource that a `Ref` or a `GetAtt` names.
pub(crate) fn referent(value: &Value) -> Option<&str> {
    value["Ref"].as_str().or_else(|| value["Fn::GetAtt"][0].as_str())
}
