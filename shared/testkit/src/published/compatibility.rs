//! Which changes of a schema a reader of the old one survives.

use serde_json::Value;
use std::collections::BTreeSet;

/// Says nothing to a reader.
const PROSE: [&str; 4] = ["description", "examples", "example", "title"];

/// Limits that may be widened.
const UPPER_LIMITS: [&str; 3] = ["maxLength", "maxItems", "maximum"];

/// Returns the paths of what breaks a reader of `old` in `new`. A new optional property, other prose and a wider upper limit
/// break nothing; everything else does.
#[must_use]
pub fn breaks(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", old, new, &mut found);
    found
}

fn compare(path: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    if let (Value::Array(before), Value::Array(after)) = (old, new)
        && before.len() == after.len()
    {
        for (index, (was, is)) in before.iter().zip(after).enumerate() {
            compare(&format!("{path}/{index}"), was, is, found);
        }
        return;
    }
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
