//! The check of schemas, on a small one.

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
