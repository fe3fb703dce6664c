//! The API's description, merged from the services' own.

use crate::stack::{operated, services};
use serde_json::Value;
use std::sync::Arc;
use utoipa::openapi::InfoBuilder;

/// The OpenAPI document of everything that the stack serves.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    // The routers want a client; nothing is sent to describe them.
    let client =
        aws_sdk_dynamodb::Client::from_conf(local_dynamodb::config_for("http://127.0.0.1:1").build());
    let operations = operated::operations([], Arc::default());
    let mut document = services::Services::new(client).router(operations).into_openapi();
    http_api::openapi::let_bodies_be_absent(&mut document, operations::BODIES_WITH_DEFAULTS);
    document.info = InfoBuilder::new()
        .title("Belvedere")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Orders of a food delivery marketplace: commands to its services, and queries across them.",
        ))
        .build();
    document
}

/// The document as it is committed and served: pretty, its keys sorted, so that two runs print the same bytes.
#[must_use]
pub(crate) fn document() -> String {
    let document = serde_json::to_value(openapi()).unwrap_or(Value::Null);
    serde_json::to_string_pretty(&document).unwrap_or_default()
}
