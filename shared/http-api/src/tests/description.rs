//! The shared part of the OpenAPI documents.

use crate::openapi::{
    CommandHeaders, CommandProblems, PageRead, ReadHeaders, ReadProblems, ResourceRead, Responses, common,
    describe_headers, let_bodies_be_absent,
};
use crate::{Code, problems};
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
fn every_referenced_response_is_defined() {
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

const NO_BULB: Code = Code::conflict("NO_BULB", "the lamp has no bulb");
const UNKNOWN_LAMP: Code = Code::not_found("UNKNOWN_LAMP", "there is no such lamp");

problems!(SwitchProblems = CommandProblems, UNKNOWN_LAMP, NO_BULB);
problems!(GetProblems = ResourceRead, UNKNOWN_LAMP);

#[test]
fn status_description_has_own_codes_before_common_codes() {
    let responses = serde_json::to_value(SwitchProblems::responses()).expect("responses are JSON");
    assert_eq!(
        responses["404"]["description"],
        "`UNKNOWN_LAMP`: there is no such lamp."
    );
    assert_eq!(
        responses["409"]["description"],
        "`NO_BULB`: the lamp has no bulb. `TOO_MANY_CONFLICTS`: too many commands raced; try again."
    );
    assert_eq!(
        responses["422"],
        json!({ "$ref": "#/components/responses/NotAcceptable" })
    );
}

#[test]
fn a_success_has_the_headers_of_its_304() {
    let get = |own: Responses| {
        let mut responses = serde_json::to_value(own).expect("responses are JSON");
        responses["200"] = json!({ "description": "It." });
        json!({ "get": { "responses": responses } })
    };
    let mut document = serde_json::to_value(common()).expect("a document is JSON");
    document["paths"] = json!({
        "/lamps/{id}": get(GetProblems::responses()),
        "/lamps": get(PageRead::responses()),
        "/health": get(ReadProblems::responses()),
    });
    let mut document = serde_json::from_value(document).expect("a document");
    describe_headers(&mut document);
    let document = serde_json::to_value(document).expect("a document is JSON");
    let headers = |path: &str| -> Vec<String> {
        let success = &document["paths"][path]["get"]["responses"]["200"];
        let headers = success["headers"].as_object();
        headers
            .into_iter()
            .flat_map(|headers| headers.keys().cloned())
            .collect()
    };
    assert_eq!(
        headers("/lamps/{id}"),
        [
            "Cache-Control",
            "Consistency-Token",
            "ETag",
            "X-Content-Type-Options",
            "X-Correlation-Id"
        ]
    );
    assert_eq!(
        headers("/lamps"),
        [
            "Cache-Control",
            "ETag",
            "View-Filled",
            "X-Content-Type-Options",
            "X-Correlation-Id"
        ]
    );
    assert_eq!(headers("/health"), ["X-Content-Type-Options", "X-Correlation-Id"]);
}

#[test]
fn problem_schema_matches_a_problem() {
    let common = serde_json::to_value(common()).expect("a document is JSON");
    let properties = &common["components"]["schemas"]["Problem"]["properties"];
    let described: BTreeMap<String, Value> = serde_json::from_value(properties.clone()).expect("an object");
    let actual = crate::Code::bad_request("CODE", "meaning")
        .problem("detail")
        .field("field")
        .body();
    let actual: BTreeMap<String, Value> = serde_json::from_value(actual).expect("an object");
    assert_eq!(
        described.keys().collect::<Vec<_>>(),
        actual.keys().collect::<Vec<_>>()
    );
}

#[test]
fn only_a_body_that_is_not_needed_is_optional() {
    let body = |name: &str| {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({ "content": { "application/json": { "schema": schema } }, "required": true })
    };
    let operation = |name| json!({ "post": { "requestBody": body(name), "responses": {} } });
    let mut document = serde_json::from_value(json!({
        "openapi": "3.1.0",
        "info": { "title": "Lamps", "version": "1" },
        "paths": { "/on": operation("NoBody"), "/dim": operation("Watts") },
    }))
    .expect("a document");
    let_bodies_be_absent(&mut document, &[]);
    let document = serde_json::to_value(document).expect("a document is JSON");
    let required = |path: &str| document["paths"][path]["post"]["requestBody"].get("required");
    assert_eq!((required("/on"), required("/dim")), (None, Some(&json!(true))));
}
