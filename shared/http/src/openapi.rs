//! What the OpenAPI documents of all services share.
//!
//! A handler's `#[utoipa::path]` names [`CommandHeaders`] or [`ReadHeaders`] under `params(…)` and [`CommandProblems`] or
//! [`ReadProblems`] under `responses(…)`; [`common`] holds the components that they refer to.

use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::openapi::{Components, Content, OpenApi, OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoParams, IntoResponses, PartialSchema, ToSchema};

/// What went wrong (RFC 9457). Some problems have further members, for example `currentStatus`.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "it describes the body that crate::Problem builds")]
struct ProblemBody {
    /// Always `about:blank`: the `code` says more.
    #[schema(example = "about:blank")]
    r#type: String,
    /// The status in words.
    #[schema(example = "Bad Request")]
    title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What went wrong, for programs. Stable.
    #[schema(example = "MALFORMED_BODY")]
    code: String,
    /// What went wrong, for people. May change.
    detail: String,
    /// The part of the request that it is about.
    #[schema(example = "lineItems[0].quantity")]
    field: Option<String>,
}

/// The headers that every command takes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes headers that extractors read")]
pub struct CommandHeaders {
    /// Makes the command safe to repeat: the same key with the same body gives the same answer and one effect; with
    /// another body it is refused with 422.
    #[serde(rename = "Idempotency-Key")]
    #[param(min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
    /// Comes back in the answer and stands in every log line about this request: 1–128 letters, digits, `-`, `_`, `.` or
    /// `:`. Another one is replaced, never refused.
    #[serde(rename = "X-Correlation-Id")]
    correlation_id: Option<String>,
}

/// The headers that every read takes.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes headers that extractors read")]
pub struct ReadHeaders {
    /// What a command, or a read of one document, answered in this header; several joined by commas. The read never answers
    /// older state.
    #[serde(rename = "Consistency-Token")]
    consistency_token: Option<String>,
    /// `wait=N`: wait up to N seconds (0–10) for the projection before catching up from the events.
    #[serde(rename = "Prefer")]
    #[param(example = "wait=2")]
    prefer: Option<String>,
    /// An `ETag` that the client has: the same state is answered with 304.
    #[serde(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// The problems of every command besides its own.
pub struct CommandProblems;

/// The problems of every read besides its own.
pub struct ReadProblems;

const COMMAND: &[(&str, &str, &str)] = &[
    (
        "400",
        "Malformed",
        "The request is malformed; `field` says where.",
    ),
    (
        "409",
        "Conflict",
        "The state does not allow it, or too many commands raced.",
    ),
    ("413", "TooLarge", "The body is too large."),
    ("415", "NotJson", "The body is not `application/json`."),
    (
        "422",
        "NotAcceptable",
        "Understood, but not acceptable; `code` says why.",
    ),
    ("500", "InternalError", "A defect; logged under `errorId`."),
    (
        "503",
        "Unavailable",
        "Temporarily unavailable; try again after `Retry-After` seconds.",
    ),
];

const READ: &[&str] = &["400", "500", "503"];

/// A problem with a description of its own, for operations whose codes the shared ones do not name.
#[must_use]
pub fn problem(description: &str) -> RefOr<Response> {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content);
    RefOr::T(response.build())
}

fn reference(name: &str) -> RefOr<Response> {
    RefOr::Ref(Ref::new(format!("#/components/responses/{name}")))
}

impl IntoResponses for CommandProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        COMMAND
            .iter()
            .map(|(status, name, _)| ((*status).to_owned(), reference(name)))
            .collect()
    }
}

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        COMMAND
            .iter()
            .filter(|(status, ..)| READ.contains(status))
            .map(|(status, name, _)| ((*status).to_owned(), reference(name)))
            .collect()
    }
}

/// Says of every command that takes [`crate::NoBody`], or another one of these schemas whose properties all have defaults,
/// that its body may be absent: what `#[utoipa::path]` can only say together with "or `null`", which is refused.
pub fn let_bodies_be_absent(document: &mut OpenApi, others: &[&str]) {
    let absent: Vec<_> = std::iter::once(&"NoBody")
        .chain(others)
        .map(|name| Some(RefOr::Ref(Ref::from_schema_name(*name))))
        .collect();
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.post, &mut item.put, &mut item.delete]
            .into_iter()
            .flatten()
        {
            let Some(RefOr::T(body)) = &mut operation.request_body else {
                continue;
            };
            let mut contents = body.content.values();
            if contents
                .all(|content| matches!(content, RefOr::T(content) if absent.contains(&content.schema)))
            {
                body.required = None;
            }
        }
    }
}

/// A document without paths whose components are the `Problem` schema and the responses that this module refers to. Every
/// service's document is merged into it.
#[must_use]
pub fn common() -> OpenApi {
    let mut components = Components::new();
    components.schemas.insert("Problem".into(), ProblemBody::schema());
    for (_, name, description) in COMMAND {
        components
            .responses
            .insert((*name).to_owned(), problem(description));
    }
    OpenApiBuilder::new().components(Some(components)).build()
}
