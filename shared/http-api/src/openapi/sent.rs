//! The headers that are sent with every response of a kind, wherever it is made.

use super::operations;
use super::reads::NOT_MODIFIED;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, HeaderBuilder, OpenApi, Ref, RefOr, Response};

/// A header that many responses have: its component, its name, and what it says.
pub(super) struct Sent(&'static str, &'static str, &'static str);

/// The headers of every response.
const ALWAYS: [Sent; 2] = [
    Sent(
        "CorrelationId",
        "X-Correlation-Id",
        "The id of the request in the logs: the client's own, or a new one.",
    ),
    Sent("NoSniff", "X-Content-Type-Options", "`nosniff`."),
];

/// The header of every problem.
pub(super) const PROBLEM: Sent = Sent("NoStore", "Cache-Control", "`no-store`.");

/// The header of a problem that credentials may solve.
pub(super) const CHALLENGE: Sent = Sent(
    "WwwAuthenticate",
    "WWW-Authenticate",
    "The kind of credentials that is accepted.",
);

/// The header of a problem that may pass.
pub(super) const RETRY: Sent = Sent(
    "RetryAfter",
    "Retry-After",
    "The number of seconds after which the same request can succeed; absent if it cannot by itself.",
);

/// The headers of a body that is refused with 415: what would be accepted instead (RFC 9110, section 15.5.16).
pub(super) const ACCEPTED: [Sent; 2] = [
    Sent(
        "Accept",
        "Accept",
        "The media type that is accepted; absent if the encoding was refused.",
    ),
    Sent(
        "AcceptEncoding",
        "Accept-Encoding",
        "The encoding that is accepted; absent if the media type was refused.",
    ),
];

/// The header of a command's success.
const REPLAYED: Sent = Sent(
    "IdempotentReplayed",
    "Idempotent-Replayed",
    "`true` when the command was executed before, under the same `Idempotency-Key`, and this is its response of that time.",
);

impl Sent {
    /// Returns the header of a response.
    pub(super) fn named(&self) -> (String, RefOr<Header>) {
        let Self(component, name, _) = self;
        let reference = Ref::new(format!("#/components/headers/{component}"));
        ((*name).to_owned(), RefOr::Ref(reference))
    }
}

/// Adds the headers that responses refer to.
pub(super) fn add_components(components: &mut Components) {
    for Sent(component, _, description) in ALWAYS
        .iter()
        .chain(&ACCEPTED)
        .chain([&PROBLEM, &CHALLENGE, &RETRY, &REPLAYED])
    {
        let (name, header) = header((component, description));
        components.headers.insert(name, header);
    }
}

/// Describes a header of one kind of response.
pub(super) fn header((name, description): (&str, &str)) -> (String, RefOr<Header>) {
    let header = HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(description));
    (name.to_owned(), RefOr::T(header.build()))
}

/// Completes the descriptions of all responses: `#[utoipa::path]` describes what one operation sends, and this function what
/// is sent with every response of its kind. A 200 of a read gets the headers of the 304 that replaces it (RFC 9110, section
/// 15.4.5).
pub fn describe_headers(document: &mut OpenApi) {
    let mut components = document.components.take().unwrap_or_default();
    for (_, operation) in document.paths.paths.values_mut().flat_map(operations) {
        let unchanged = match operation.responses.responses.get(NOT_MODIFIED) {
            Some(RefOr::Ref(reference)) => {
                let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                components.responses.get(name)
            }
            _ => None,
        };
        if let (Some(RefOr::T(unchanged)), Some(RefOr::T(success))) =
            (unchanged, operation.responses.responses.get_mut("200"))
        {
            success.headers.extend(unchanged.headers.clone());
        }
        let keyed = takes_a_key(operation);
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            if keyed && status.starts_with('2') {
                response.headers.extend([REPLAYED.named()]);
            }
            with_every_response(response);
        }
    }
    for response in components.responses.values_mut() {
        if let RefOr::T(response) = response {
            with_every_response(response);
        }
    }
    document.components = Some(components);
}

fn with_every_response(response: &mut Response) {
    response.headers.extend(ALWAYS.iter().map(Sent::named));
}

fn takes_a_key(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "Idempotency-Key"))
}
