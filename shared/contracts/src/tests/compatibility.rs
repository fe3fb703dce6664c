//! Which changes of a schema a reader of the old one survives.

use serde_json::Value;
use std::collections::BTreeSet;

/// Says nothing to a reader.
const PROSE: [&str; 4] = ["description", "examples", "example", "title"];

/// Limits that may be widened.
const UPPER_LIMITS: [&str; 3] = ["maxLength", "maxItems", "maximum"];

/// What of the change from `old` to `new` breaks a reader of `old`, as paths. A new optional property, other prose and a
/// wider upper limit break nothing; everything else does.
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
    // The keys of these two are names that somebody chose, not words of JSON Schema.
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
    fn prose_a_wider_limit_and_a_new_optional_property_break_nothing() {
        assert!(changed(|s| s["description"] = json!("Another text.")).is_empty());
        assert!(changed(|s| s["properties"]["total"]["maxLength"] = json!(20)).is_empty());
        assert!(changed(|s| s["properties"]["note"] = json!({ "type": "string" })).is_empty());
    }

    #[test]
    fn a_property_that_is_gone_breaks_its_readers() {
        let gone = changed(|s| drop(s["properties"].as_object_mut().unwrap().remove("title")));
        assert_eq!(gone, ["/properties/title"]);
    }

    #[test]
    fn another_type_a_narrower_limit_and_a_new_duty_break_readers() {
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
