use crate::{Code, codes};
use std::collections::BTreeMap;
use utoipa::openapi::{Components, Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

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

/// What a command or a read answers besides its success: problems by status, and in a read 304.
pub type Responses = BTreeMap<String, RefOr<Response>>;

/// The problems of every command besides its own.
pub struct CommandProblems;

/// The problems of every read besides its own.
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
    ("415", "NotJson", &[codes::UNSUPPORTED_MEDIA_TYPE]),
    ("422", "NotAcceptable", &[codes::IDEMPOTENCY_KEY_REUSED]),
    ("500", "InternalError", &[codes::INTERNAL_ERROR]),
    ("503", "Unavailable", &[codes::TEMPORARILY_UNAVAILABLE]),
];

/// The statuses of [`PROBLEMS`] that a read answers.
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

/// Declares a type that describes what an operation answers besides its success: `Common` (for example [`CommandProblems`])
/// and the operation's own codes. `#[utoipa::path]` names it under `responses(…)`.
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

/// What `Common` answers, and these codes. A status that both have is described with the codes of both.
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

fn problem(codes: &[Code]) -> RefOr<Response> {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let sentences = codes
        .iter()
        .map(|code| format!("`{}`: {}.", code.name, code.meaning));
    let response = ResponseBuilder::new()
        .description(sentences.collect::<Vec<_>>().join(" "))
        .content("application/problem+json", content);
    RefOr::T(response.build())
}

/// The `Problem` schema, and the responses that [`CommandProblems`] and [`ReadProblems`] refer to.
pub(super) fn add_components(components: &mut Components) {
    components.schemas.insert("Problem".into(), ProblemBody::schema());
    for (_, name, codes) in PROBLEMS {
        components.responses.insert((*name).to_owned(), problem(codes));
    }
}
