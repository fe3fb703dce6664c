//! Which changes of a schema keep readers of the old schema working.

use serde_json::{Value, json};
use testkit::published::breaks;

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

#[test]
fn changed_prose_in_one_of_several_types_breaks_nothing() {
    let street = |description: &str, kind: &str| json!({ "oneOf": [{ "type": "null" }, { "type": kind, "description": description }] });
    assert!(
        breaks(
            &street("A street.", "string"),
            &street("A street line.", "string")
        )
        .is_empty()
    );
    assert_eq!(
        breaks(&street("A street.", "string"), &street("A street.", "number")),
        ["/oneOf/1/type"]
    );
}
