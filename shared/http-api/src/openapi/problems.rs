use super::sent::{self, Sent};
use crate::{Code, codes};
use http::StatusCode;
use std::collections::BTreeMap;
use utoipa::openapi::{Components, Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

/// A problem (RFC 9457). Some problems have further members, for example `currentStatus`.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "it describes the body that crate::Problem builds")]
struct ProblemBody {
    /// Always `about:blank`; the `code` identifies the problem.
    #[schema(example = "about:blank")]
    r#type: String,
    /// The name of the status.
    #[schema(example = "Bad Request")]
    title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// The code of the problem, for programs. Stable.
    #[schema(example = "MALFORMED_BODY")]
    code: String,
    /// The description of the problem, for people. May change.
    detail: String,
    /// The part of the request that caused the problem.
    #[schema(example = "lineItems[0].quantity")]
    field: Option<String>,
}

/// The responses of an operation besides its success: problems by status, and 304 for a read.
pub type Responses = BTreeMap<String, RefOr<Response>>;

/// The common problems of all commands.
pub struct CommandProblems;

/// The common problems of all reads.
pub struct ReadProblems;

/// The common problems: status, name of the component, and codes.
const PROBLEMS: &[(&str, &str, &[Code])] = &[
    (
        "400",
        "Malformed",
        &[
            codes::MALFORMED_BODY,
            codes::INVALID_ID,
            codes::INVALID_PARAMETER,
            codes::INVALID_CURSOR,
            codes::INVALID_IDEMPOTENCY_KEY,
            codes::INVALID_CONSISTENCY_TOKEN,
            codes::INVALID_PREFERENCE,
        ],
    ),
    ("409", "Conflict", &[codes::TOO_MANY_CONFLICTS]),
    (
        "413",
        "TooLarge",
        &[codes::BODY_TOO_LARGE, codes::COMMAND_TOO_LARGE],
    ),
    (
        "415",
        "NotJson",
        &[codes::UNSUPPORTED_MEDIA_TYPE, codes::UNSUPPORTED_CONTENT_ENCODING],
    ),
    ("422", "NotAcceptable", &[codes::IDEMPOTENCY_KEY_REUSED]),
    ("500", "InternalError", &[codes::INTERNAL_ERROR]),
    ("503", "Unavailable", &[codes::TEMPORARILY_UNAVAILABLE]),
];

/// The statuses of [`PROBLEMS`] that a read may have.
const READ: &[&str] = &["400", "500", "503"];

impl IntoResponses for CommandProblems {
    fn responses() -> Responses {
        common_problems(|_| true)
    }
}

impl IntoResponses for ReadProblems {
    fn responses() -> Responses {
        common_problems(|status| READ.contains(&status))
    }
}

fn common_problems(is_answered: impl Fn(&str) -> bool) -> Responses {
    let answered = PROBLEMS.iter().filter(|(status, ..)| is_answered(status));
    answered
        .map(|(status, name, _)| ((*status).to_owned(), reference(name)))
        .collect()
}

pub(super) fn reference(name: &str) -> RefOr<Response> {
    RefOr::Ref(Ref::from_response_name(name))
}

/// Declares a type that describes the responses of an operation besides its success: `Common` (for example
/// [`CommandProblems`]) and the operation's own codes. `#[utoipa::path]` names it under `responses(…)`.
///
/// ```
/// use http_api::{Code, openapi::CommandProblems, problems};
///
/// const NO_BULB: Code = Code::conflict("NO_BULB", "the lamp has no bulb");
///
/// problems!(SwitchProblems = CommandProblems, NO_BULB);
/// ```
#[macro_export]
macro_rules! problems {
    ($visibility:vis $name:ident = $common:ty, $($code:expr),+ $(,)?) => {
        $visibility struct $name;

        impl ::utoipa::IntoResponses for $name {
            fn responses() -> $crate::openapi::Responses {
                $crate::openapi::with_codes::<$common>(&[$($code),+])
            }
        }
    };
}

/// Returns the responses of `Common` and these codes. A status that is in both is described with the codes of both.
#[must_use]
pub fn with_codes<Common: IntoResponses>(own: &[Code]) -> Responses {
    let mut responses = Common::responses();
    let mut by_status: BTreeMap<&str, Vec<Code>> = BTreeMap::new();
    for code in own {
        by_status.entry(code.status.as_str()).or_default().push(*code);
    }
    for (status, mut codes) in by_status {
        if responses.contains_key(status) {
            let common = PROBLEMS.iter().filter(|(common, ..)| *common == status);
            codes.extend(common.flat_map(|(_, _, common)| common.iter()));
        }
        responses.insert(status.to_owned(), problem(&codes));
    }
    responses
}

pub(super) fn problem(codes: &[Code]) -> RefOr<Response> {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let sentences = codes
        .iter()
        .map(|code| format!("`{}`: {}.", code.name, code.meaning));
    let mut response = ResponseBuilder::new()
        .description(sentences.collect::<Vec<_>>().join(" "))
        .content("application/problem+json", content)
        .build();
    response.headers.extend([sent::PROBLEM.named()]);
    let may_pass = |code: &Code| {
        matches!(
            code.status,
            StatusCode::CONFLICT | StatusCode::SERVICE_UNAVAILABLE
        )
    };
    if codes.iter().any(may_pass) {
        response.headers.extend([sent::RETRY.named()]);
    }
    let is_of_a_body = |code: &Code| code.status == StatusCode::UNSUPPORTED_MEDIA_TYPE;
    if codes.iter().any(is_of_a_body) {
        response.headers.extend(sent::ACCEPTED.iter().map(Sent::named));
    }
    RefOr::T(response)
}

/// Adds the `Problem` schema, and the responses that [`CommandProblems`] and [`ReadProblems`] refer to.
pub(super) fn add_components(components: &mut Components) {
    components.schemas.insert("Problem".into(), ProblemBody::schema());
    for (_, name, codes) in PROBLEMS {
        components.responses.insert((*name).to_owned(), problem(codes));
    }
}
