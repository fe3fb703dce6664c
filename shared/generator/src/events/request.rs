//! Requests to the API, in the form that API Gateway passes to functions.

use super::story::Story;
use super::{EventsError, example};
use function::Function;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An operation with the schemas that it refers to.
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) operation: Value,
    pub(super) components: Value,
}

/// A request in the configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Method and path: `GET /orders/{id}`.
    route: String,
    /// The values of the parameters in the path.
    #[serde(default)]
    path: BTreeMap<String, String>,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<Value>,
}

/// Returns the request of a function: the configured one, or one built from a route's examples.
pub(super) fn request(function: &Function, routes: &[Route], story: &Story) -> Result<Value, EventsError> {
    let Some(wanted) = story.requests.get(&function.name) else {
        return of_examples(function, routes);
    };
    let called = routes
        .iter()
        .find(|route| format!("{} {}", route.method, route.path) == wanted.route);
    let route = called.ok_or_else(|| EventsError::Route {
        function: function.name.clone(),
        route: wanted.route.clone(),
    })?;
    Ok(call(function, route, wanted))
}

/// Builds a request from examples: of the route that creates something, or of the first one.
fn of_examples(function: &Function, routes: &[Route]) -> Result<Value, EventsError> {
    let creates = |route: &&Route| route.method == "POST" && !route.path.contains('{');
    let route = routes.iter().find(creates).or(routes.first());
    let route = route.ok_or_else(|| EventsError::NoRoute(function.name.clone()))?;
    let parameters = route.operation["parameters"].as_array().into_iter().flatten();
    let (mut path, mut query) = (BTreeMap::new(), BTreeMap::new());
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let value = example::of_parameter(parameter, &route.components);
        match parameter["in"].as_str() {
            Some("path") => path.insert(name, value),
            Some("query") if parameter["required"] == true => query.insert(name, value),
            _ => None,
        };
    }
    let body = &route.operation["requestBody"]["content"]["application/json"]["schema"];
    let body = (!body.is_null()).then(|| example::of_schema(body, &route.components));
    let wanted = Wanted {
        route: format!("{} {}", route.method, route.path),
        path,
        query,
        body,
    };
    Ok(call(function, route, &wanted))
}

fn call(function: &Function, route: &Route, wanted: &Wanted) -> Value {
    let mut headers = BTreeMap::from([
        ("Accept", "application/json".to_owned()),
        ("Host", "api.example.com".to_owned()),
    ]);
    if route.method != "GET" {
        headers.insert("Idempotency-Key", format!("event-{}", function.name));
    }
    if wanted.body.is_some() {
        headers.insert("Content-Type", "application/json".to_owned());
    }
    let path = wanted
        .path
        .iter()
        .fold(route.path.clone(), |path, (name, value)| {
            path.replace(&format!("{{{name}}}"), value)
        });
    json!({
        "resource": route.path,
        "path": path,
        "httpMethod": route.method,
        "headers": headers,
        "multiValueHeaders": many(headers.iter().map(|(name, value)| (*name, value))),
        "queryStringParameters": unless_empty(&wanted.query),
        "multiValueQueryStringParameters": match wanted.query.is_empty() {
            true => Value::Null,
            false => many(wanted.query.iter().map(|(name, value)| (name.as_str(), value))),
        },
        "pathParameters": unless_empty(&wanted.path),
        "stageVariables": null,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "belvedere00",
            "resourceId": "a1b2c3",
            "stage": "v1",
            "requestId": "7b6d4d0e-2f55-4b5c-9d5e-0f3c6f2a9b10",
            "path": format!("/v1{path}"),
            "resourcePath": route.path,
            "httpMethod": route.method,
            "protocol": "HTTP/1.1",
            "requestTimeEpoch": super::story::BEGINNING,
            "identity": { "sourceIp": "192.0.2.1", "userAgent": "curl/8.5.0" },
        },
        "body": wanted.body.as_ref().map(Value::to_string),
        "isBase64Encoded": false,
    })
}

fn many<'a>(values: impl Iterator<Item = (&'a str, &'a String)>) -> Value {
    values
        .map(|(name, value)| (name.to_owned(), json!([value])))
        .collect::<Map<_, _>>()
        .into()
}

fn unless_empty(values: &BTreeMap<String, String>) -> Value {
    match values.is_empty() {
        true => Value::Null,
        false => json!(values),
    }
}
