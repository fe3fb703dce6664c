//! The loops of a template (`Fn::ForEach`), and the functions that can be resolved once they are expanded.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The identifiers of the enclosing loops, with their current items.
type Items = BTreeMap<String, String>;

/// Returns the template with its loops expanded and resolved.
pub(crate) fn written_out(template: &Value) -> Value {
    resolved(&looped(template, &Items::new()), &template["Mappings"])
}

fn looped(value: &Value, items: &Items) -> Value {
    match value {
        Value::Object(members) => match single(members) {
            Some(("Ref", Value::String(name))) if items.contains_key(name) => json!(items[name]),
            Some(("Fn::Sub", Value::String(text))) => json!({ "Fn::Sub": filled(text, items) }),
            _ => members
                .iter()
                .flat_map(|(key, value)| match key.strip_prefix("Fn::ForEach::") {
                    Some(_) => repeated(value, items),
                    None => vec![(key.clone(), looped(value, items))],
                })
                .collect::<Map<_, _>>()
                .into(),
        },
        Value::Array(values) => values.iter().map(|value| looped(value, items)).collect(),
        scalar => scalar.clone(),
    }
}

fn repeated(spec: &Value, items: &Items) -> Vec<(String, Value)> {
    let identifier = spec[0].as_str().expect("a loop has an identifier");
    let collection = spec[1].as_array().expect("a loop has a list");
    let fragment = spec[2].as_object().expect("a loop has a fragment");
    let all = collection.iter().flat_map(|item| {
        let item = item.as_str().expect("a list of texts").to_owned();
        let mut items = items.clone();
        items.insert(identifier.to_owned(), item);
        let members = fragment.iter();
        members
            .map(|(key, value)| (filled(key, &items), looped(value, &items)))
            .collect::<Vec<_>>()
    });
    all.collect()
}

fn filled(text: &str, items: &Items) -> String {
    let start = text.to_owned();
    items.iter().fold(start, |text, (name, item)| {
        text.replace(&format!("${{{name}}}"), item)
    })
}

/// Replaces a `Sub` without references by its text, and a `FindInMap` by its result.
pub(crate) fn resolved(value: &Value, mappings: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: Map<_, _> = members
                .iter()
                .map(|(key, value)| (key.clone(), resolved(value, mappings)))
                .collect();
            match single(&members) {
                Some(("Fn::Sub", Value::String(text))) if !text.contains("${") => json!(text),
                Some(("Fn::FindInMap", Value::Array(path))) => path
                    .iter()
                    .fold(mappings, |map, key| &map[key.as_str().expect("a name")])
                    .clone(),
                _ => members.into(),
            }
        }
        Value::Array(values) => values.iter().map(|value| resolved(value, mappings)).collect(),
        scalar => scalar.clone(),
    }
}

fn single(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((key, value)), None) => Some((key.as_str(), value)),
        _ => None,
    }
}

#[test]
fn a_loop_is_expanded_once_per_item() {
    let template = json!({
        "Mappings": { "Colours": { "Tea": { "Is": "green" } } },
        "Fn::ForEach::Drinks": ["Drink", ["Tea", "Soup"], { "${Drink}Cup": {
            "of": { "Ref": "Drink" },
            "on": { "Fn::GetAtt": [{ "Fn::Sub": "${Drink}Table" }, "Arn"] },
            "in": { "Fn::Sub": "${Drink} of ${AWS::StackName}" },
        } }],
        "Tea": { "Fn::FindInMap": ["Colours", "Tea", "Is"] },
    });
    let written = written_out(&template);
    assert_eq!(
        written["SoupCup"],
        json!({ "of": "Soup", "on": { "Fn::GetAtt": ["SoupTable", "Arn"] }, "in": { "Fn::Sub": "Soup of ${AWS::StackName}" } })
    );
    assert_eq!(
        (&written["TeaCup"]["of"], &written["Tea"]),
        (&json!("Tea"), &json!("green"))
    );
    assert!(written.get("Fn::ForEach::Drinks").is_none());
}
