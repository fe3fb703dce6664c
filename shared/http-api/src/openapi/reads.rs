use super::problems::{ReadProblems, Responses, reference};
use super::sent::header;
use utoipa::IntoResponses;
use utoipa::openapi::{Components, RefOr, Response, ResponseBuilder};

/// The responses of a read of one resource besides its success: the problems of a read, and 304 with the headers of
/// [`crate::found`].
pub struct ResourceRead;

/// The responses of a read of a page or of several resources, besides its success: like [`ResourceRead`], with `View-Filled`
/// instead of `Consistency-Token`.
pub struct PageRead;

/// The responses of a read of what no event changes, besides its success: like [`ResourceRead`], without a
/// `Consistency-Token`.
pub struct StateRead;

const RESOURCE: &str = "UnchangedResource";
const PAGE: &str = "UnchangedPage";
const STATE: &str = "UnchangedState";
pub(super) const NOT_MODIFIED: &str = "304";

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
    "The state that this answer reflects: a read with this token is never older. Absent if it reflects none.",
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

impl IntoResponses for StateRead {
    fn responses() -> Responses {
        unchanged(STATE)
    }
}

fn unchanged(name: &str) -> Responses {
    let mut responses = ReadProblems::responses();
    responses.insert(NOT_MODIFIED.to_owned(), reference(name));
    responses
}

/// Adds the responses that [`ResourceRead`], [`PageRead`] and [`StateRead`] refer to.
pub(super) fn add_components(components: &mut Components) {
    let responses = &mut components.responses;
    responses.insert(RESOURCE.to_owned(), not_modified(Some(RESOURCE_HEADER)));
    responses.insert(PAGE.to_owned(), not_modified(Some(PAGE_HEADER)));
    responses.insert(STATE.to_owned(), not_modified(None));
}

fn not_modified(own: Option<(&str, &str)>) -> RefOr<Response> {
    let mut response = ResponseBuilder::new()
        .description("The client already has this state.")
        .build();
    let headers = READ_HEADERS.into_iter().chain(own);
    response.headers.extend(headers.map(header));
    RefOr::T(response)
}
