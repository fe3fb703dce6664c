//! The routes of the API compared with the OpenAPI description.

use crate::deployment::Deployment;
use crate::json::{source, text};
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn a8_the_api_has_the_routes_that_openapi_json_describes_and_head_beside_get() {
    let description: Value = serde_json::from_str(&text("openapi.json")).unwrap();
    let described: BTreeSet<_> = description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = ["get", "put", "post", "delete", "patch"];
            let has = move |method: &&str| item.get(*method).is_some();
            methods
                .into_iter()
                .filter(has)
                .flat_map(|method| {
                    if method == "get" {
                        vec!["get", "head"]
                    } else {
                        vec![method]
                    }
                })
                .map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    let deployed: BTreeSet<_> = Deployment::of_source(&source())
        .routes
        .into_iter()
        .map(|route| (route.method, route.path))
        .collect();
    assert_eq!(deployed, described);
}

#[test]
fn every_route_has_a_function_that_serves_http() {
    let here = Deployment::of_source(&source());
    for route in &here.routes {
        let handler = here.function(&route.function).handler.as_str();
        assert!(
            ["command", "query", "api"].contains(&handler),
            "{} {} has the handler {handler}",
            route.method,
            route.path
        );
    }
}
