//! The shared part of the OpenAPI documents.

use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ReadProblems, common};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, IntoResponses};

fn names<T: IntoParams>() -> Vec<String> {
    let parameters = T::into_params(|| Some(ParameterIn::Header));
    let parameters = serde_json::to_value(parameters).expect("parameters are JSON");
    let parameters = parameters.as_array().cloned().unwrap_or_default();
    assert!(
        parameters
            .iter()
            .all(|p| p["in"] == "header" && p["required"] != true),
        "{parameters:?}"
    );
    parameters
        .iter()
        .map(|p| p["name"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn headers_have_the_names_that_the_extractors_read() {
    assert_eq!(names::<CommandHeaders>(), ["Idempotency-Key", "X-Correlation-Id"]);
    assert_eq!(
        names::<ReadHeaders>(),
        ["Consistency-Token", "Prefer", "If-None-Match"]
    );
}

#[test]
fn every_response_that_is_referred_to_is_defined() {
    let common = serde_json::to_value(common()).expect("a document is JSON");
    let all = [CommandProblems::responses(), ReadProblems::responses()];
    for (status, response) in all.into_iter().flatten() {
        let response = serde_json::to_value(response).expect("a response is JSON");
        let reference = response["$ref"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches('#')
            .to_owned();
        let definition = common.pointer(&reference).unwrap_or(&Value::Null);
        let schema = &definition["content"]["application/problem+json"]["schema"];
        assert_eq!(
            schema,
            &json!({ "$ref": "#/components/schemas/Problem" }),
            "{status}"
        );
    }
}

#[test]
fn the_problem_schema_is_what_a_problem_is() {
    let common = serde_json::to_value(common()).expect("a document is JSON");
    let properties = &common["components"]["schemas"]["Problem"]["properties"];
    let described: BTreeMap<String, Value> = serde_json::from_value(properties.clone()).expect("an object");
    let actual = http_api::Problem::bad_request("CODE", "detail")
        .field("field")
        .body();
    let actual: BTreeMap<String, Value> = serde_json::from_value(actual).expect("an object");
    assert_eq!(
        described.keys().collect::<Vec<_>>(),
        actual.keys().collect::<Vec<_>>()
    );
}
