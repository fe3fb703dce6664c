//! Examples in the description of operations that name something of the system: the API of operations is the same for every system.

use function::{Kind, System};
use serde_json::Value;

/// The example of a view's name.
const VIEW: &str = "view-name";
/// How the example of a stream begins.
const STREAM: &str = "category#";

/// Replaces the examples by the name and the first source of the first view whose lists are served. Without one they stay.
pub(crate) fn fill_in(document: &mut Value, system: &System) {
    let queried = system.functions().filter_map(|(_, function)| function.view);
    let queried = queried.filter(|view| view.lists);
    let mut views = queried.filter_map(|view| system.subscriber(view.name));
    if let Some(view) = views.find(|view| view.kind == Kind::View)
        && let Some(source) = view.sources.first()
    {
        replace(document, view.name, source);
    }
}

fn replace(value: &mut Value, view: &str, source: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "example" => replace_text(text, view, source),
                    other => replace(other, view, source),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| match item {
            Value::String(text) => replace_text(text, view, source),
            other => replace(other, view, source),
        }),
        _ => {}
    }
}

fn replace_text(text: &mut String, view: &str, source: &str) {
    if text == VIEW {
        view.clone_into(text);
    } else if let Some(id) = text.strip_prefix(STREAM) {
        *text = format!("{source}#{id}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn examples_name_the_view_and_its_source() {
        let mut document = json!({
            "view": { "example": VIEW, "description": VIEW },
            "stream": { "examples": ["category#1"] },
        });
        replace(&mut document, "basket-history", "basket");
        assert_eq!(
            document,
            json!({
                "view": { "example": "basket-history", "description": VIEW },
                "stream": { "examples": ["basket#1"] },
            })
        );
    }
}
