use super::problems::{ReadProblems, Responses, reference};
use utoipa::IntoResponses;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, HeaderBuilder, OpenApi, RefOr, Response, ResponseBuilder};

/// The responses of a read of one resource besides its success: the problems of a read, and 304 with the headers of
/// [`crate::found`].
pub struct ResourceRead;

/// The responses of a read of a page or of several resources, besides its success: like [`ResourceRead`], with `View-Filled`
/// instead of `Consistency-Token`.
pub struct PageRead;

const RESOURCE: &str = "UnchangedResource";
const PAGE: &str = "UnchangedPage";
const NOT_MODIFIED: &str = "304";

/// The headers of the response to any read.
const READ_HEADERS: [(&str, &str); 2] = [
    ("ETag", "The same for the same state. Send it as `If-None-Match`."),
    (
        "Cache-Control",
        "`private, no-cache`: may be cached, and must be revalidated with the `ETag`.",
    ),
];

/// The additional header of a read of one resource.
const RESOURCE_HEADER: (&str, &str) = (
    "Consistency-Token",
    "The state that this answer reflects: a read with this token is never older.",
);

/// The additional header of a page.
const PAGE_HEADER: (&str, &str) = (
    "View-Filled",
    "`false` while the view of this answer is being built for the first time: documents from before its deployment may be \
     missing. `true` otherwise; absent when the answer does not come from a view.",
);

impl IntoResponses for ResourceRead {
    fn responses() -> Responses {
        unchanged(RESOURCE)
    }
}

impl IntoResponses for PageRead {
    fn responses() -> Responses {
        unchanged(PAGE)
    }
}

fn unchanged(name: &str) -> Responses {
    let mut responses = ReadProblems::responses();
    responses.insert(NOT_MODIFIED.to_owned(), reference(name));
    responses
}

/// Adds the responses that [`ResourceRead`] and [`PageRead`] refer to.
pub(super) fn add_components(components: &mut Components) {
    let responses = &mut components.responses;
    responses.insert(RESOURCE.to_owned(), not_modified(RESOURCE_HEADER));
    responses.insert(PAGE.to_owned(), not_modified(PAGE_HEADER));
}

fn not_modified(own: (&str, &str)) -> RefOr<Response> {
    let response = ResponseBuilder::new().description("The client already has this state.");
    let response = READ_HEADERS
        .into_iter()
        .chain([own])
        .fold(response, |response, (name, description)| {
            let header = HeaderBuilder::new()
                .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                .description(Some(description));
            response.header(name, header.build())
        });
    RefOr::T(response.build())
}

/// Adds the headers of the 304 to every success of a read: `#[utoipa::path]` describes only the body of a 200, and a
/// 304 must have the headers of the 200 that it replaces (RFC 9110, section 15.4.5).
pub fn describe_read_headers(document: &mut OpenApi) {
    let unchanged = document.components.clone().unwrap_or_default().responses;
    for item in document.paths.paths.values_mut() {
        let Some(read) = &mut item.get else { continue };
        let Some(RefOr::Ref(reference)) = read.responses.responses.get(NOT_MODIFIED) else {
            continue;
        };
        let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
        let Some(RefOr::T(unchanged)) = unchanged.get(name) else {
            continue;
        };
        if let Some(RefOr::T(success)) = read.responses.responses.get_mut("200") {
            success.headers.extend(unchanged.headers.clone());
        }
    }
}
