//! The shared parts of the OpenAPI documents of all services.
//!
//! A handler's `#[utoipa::path]` names [`CommandHeaders`] or [`ReadHeaders`] under `params(…)`, and under
//! `responses(…)` [`CommandProblems`], [`ResourceRead`], [`PageRead`] or a type that [`problems!`](crate::problems)
//! made from one of them and the operation's own codes. [`common`] contains the components that they refer to, and
//! [`describe_headers`] adds the headers that are sent with every response of a kind.

mod access;
mod headers;
mod problems;
mod reads;
mod sent;

pub(crate) use access::describe_access;
pub use access::{X_ACCESS, without_access};
pub use headers::{CommandHeaders, ConditionalHeaders, ReadHeaders};
pub use problems::{CommandProblems, ReadProblems, Responses, with_codes};
pub use reads::{PageRead, ResourceRead, StateRead};
pub use sent::describe_headers;

use utoipa::openapi::path::Operation;
use utoipa::openapi::{Components, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr};

/// Marks the body as optional for every command that takes [`crate::NoBody`], or another one of these schemas whose
/// properties all have defaults. `#[utoipa::path]` can only do this together with "or `null`", which is refused.
pub fn let_bodies_be_absent(document: &mut OpenApi, others: &[&str]) {
    let absent: Vec<_> = std::iter::once(&"NoBody")
        .chain(others)
        .map(|name| Some(RefOr::Ref(Ref::from_schema_name(*name))))
        .collect();
    for (_, operation) in document.paths.paths.values_mut().flat_map(operations) {
        let Some(RefOr::T(body)) = &mut operation.request_body else {
            continue;
        };
        let mut contents = body.content.values();
        if contents.all(|content| matches!(content, RefOr::T(content) if absent.contains(&content.schema))) {
            body.required = None;
        }
    }
}

/// Returns the operations at a path, each with its method.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let methods = [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ];
    methods
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Returns a document without paths whose components are the `Problem` schema and the responses that this module refers
/// to. Every service's document is merged into it.
#[must_use]
pub fn common() -> OpenApi {
    let mut components = Components::new();
    problems::add_components(&mut components);
    access::add_components(&mut components);
    reads::add_components(&mut components);
    sent::add_components(&mut components);
    OpenApiBuilder::new().components(Some(components)).build()
}
