//! Which changes of a schema keep readers of the old schema working.

use serde_json::Value;
use std::collections::BTreeSet;

/// Keywords that do not affect a reader.
const PROSE: [&str; 4] = ["description", "examples", "example", "title"];

/// Limits that may be widened.
const UPPER_LIMITS: [&str; 3] = ["maxLength", "maxItems", "maximum"];

/// Returns the paths of the changes from `old` to `new` that break a reader of `old`. A new optional property, changed
/// prose and a wider upper limit break nothing; every other change does.
pub(crate) fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", old, new, &mut found);
    found
}

fn compare(path: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    let (Value::Object(before), Value::Object(after)) = (old, new) else {
        if old != new {
            found.push(path.to_owned());
        }
        return;
    };
    // The keys of these two are property and type names, not keywords of JSON Schema.
    let names = path.ends_with("/properties") || path.ends_with("/$defs");
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let at = format!("{path}/{key}");
        match (before.get(key), after.get(key)) {
            (_, _) if !names && PROSE.contains(&key.as_str()) => {}
            (None, Some(_)) if names => {}
            (Some(was), Some(is)) if !names && UPPER_LIMITS.contains(&key.as_str()) => {
                if was.as_f64() > is.as_f64() {
                    found.push(at);
                }
            }
            (Some(was), Some(is)) => compare(&at, was, is, found),
            (None, None) => {}
            (None, Some(_)) | (Some(_), None) => found.push(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::breaks;
    use serde_json::{Value, json};

    fn order() -> Value {
        json!({
            "description": "An order.",
            "properties": { "total": { "type": "string", "maxLength": 10 }, "title": { "type": "string" } },
            "required": ["total"],
        })
    }

    fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut new = order();
        change(&mut new);
        breaks(&order(), &new)
    }

    #[test]
    fn changed_prose_wider_limit_and_new_optional_property_break_nothing() {
        assert!(changed(|s| s["description"] = json!("Another text.")).is_empty());
        assert!(changed(|s| s["properties"]["total"]["maxLength"] = json!(20)).is_empty());
        assert!(changed(|s| s["properties"]["note"] = json!({ "type": "string" })).is_empty());
    }

    #[test]
    fn removed_property_breaks_readers() {
        let gone = changed(|s| drop(s["properties"].as_object_mut().unwrap().remove("title")));
        assert_eq!(gone, ["/properties/title"]);
    }

    #[test]
    fn changed_type_narrower_limit_and_new_required_property_break_readers() {
        assert_eq!(
            changed(|s| s["properties"]["total"]["type"] = json!("number")),
            ["/properties/total/type"]
        );
        assert_eq!(
            changed(|s| s["properties"]["total"]["maxLength"] = json!(5)),
            ["/properties/total/maxLength"]
        );
        assert_eq!(
            changed(|s| s["required"] = json!(["total", "title"])),
            ["/required"]
        );
    }
}
