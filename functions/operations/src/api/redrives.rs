use super::Operations;
use super::answer::answer;
use super::ask::{problem, sentence};
use super::codes::{NOT_QUARANTINED, NOT_QUARANTINED_THERE, UNKNOWN_VIEW};
use super::names::{MAX_NUMBER, SubscriberName};
use super::quarantine::SkippedBody;
use axum::extract::State;
use axum::response::Response;
use commit::StreamId;
use http::StatusCode;
use http_api::codes::MALFORMED_BODY;
use http_api::openapi::{CommandHeaders, CommandProblems};
use http_api::{Command, PathId, Problem, problems};
use projection::operations::{ControlError, Skip};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

problems!(RedriveProblems = CommandProblems, UNKNOWN_VIEW, NOT_QUARANTINED);
problems!(
    SkipProblems = CommandProblems,
    UNKNOWN_VIEW,
    NOT_QUARANTINED_THERE
);

/// What to redrive: one document, or all quarantined ones. Exactly one of the two fields is required.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Redrive {
    /// The document's key.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128, pattern = "^[A-Za-z0-9_-]+$",
        example = "0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    document: Option<DocumentKey>,
    /// `true` for all quarantined documents.
    #[serde(default)]
    all: Option<bool>,
}

/// The key of a document: the id of its streams.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct DocumentKey(String);

impl TryFrom<String> for DocumentKey {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        let fits = text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if fits && (1..=128).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err("a document's key has 1 to 128 letters, digits, \"_\" and \"-\"")
        }
    }
}

/// The documents that were sent to the subscriber.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Redriven {
    /// The number of documents.
    #[schema(example = 3)]
    redriven: u64,
}

/// A request to skip an event.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SkipEvent {
    /// The event's stream.
    #[schema(value_type = String, pattern = "^[a-z-]{1,32}#[A-Za-z0-9_-]{1,128}$",
        example = "category#0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    stream: StreamId,
    /// The event's version: the one at which the document is quarantined.
    #[schema(value_type = u64, minimum = 1, maximum = 9_999_999_999_i64, example = 3)]
    version: Version,
    /// Why it is skipped, for readers who miss the event in the document. Neither blank nor with invisible characters
    /// such as control characters.
    #[schema(value_type = String, min_length = 1, max_length = 500, example = "Written by a build that was never released.")]
    reason: Note<500>,
    /// The person who decided it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Ada")]
    by: Option<Note<100>>,
}

/// The version of an event.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u64")]
struct Version(u64);

impl TryFrom<u64> for Version {
    type Error = String;
    fn try_from(version: u64) -> Result<Self, String> {
        if (1..=MAX_NUMBER).contains(&version) {
            Ok(Self(version))
        } else {
            Err(format!("a version is a number from 1 to {MAX_NUMBER}"))
        }
    }
}

/// Text of at most `MAX` characters.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Note<const MAX: usize>(String);

impl<const MAX: usize> TryFrom<String> for Note<MAX> {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("the text must not be empty".to_owned());
        }
        if text.chars().count() > MAX {
            return Err(format!("the text has more than {MAX} characters"));
        }
        if text.chars().any(char::is_control) {
            return Err("the text must not contain control or invisible characters".to_owned());
        }
        Ok(Self(text))
    }
}

/// Redrives quarantined documents.
///
/// Lifts the quarantine and heals the documents from the event tables, in every generation that is kept up to date. Use
/// it after a fix is deployed. A document whose event still cannot be applied is quarantined again. Documents that are
/// tried again by themselves, after a technical failure or because they wait for newer code, are tried at once.
///
/// Costs 1 read unit per 4 KB of the quarantine and of what is tried again by itself, and one message per lane.
#[utoipa::path(
    post,
    path = "/operations/views/{view}/quarantine/redrive",
    tag = "operations",
    operation_id = "redriveQuarantine",
    params(
        ("view" = String, Path, description = "The view or reactor.", min_length = 1, max_length = 64,
            pattern = "^[a-z-]+$", example = "view-name"),
        CommandHeaders,
    ),
    request_body = Redrive,
    responses(
        (status = 202, description = "The documents were sent to the subscriber; the quarantine shows the outcome.",
            body = Redriven, headers(("Cache-Control" = String, description = "`no-store`."))),
        RedriveProblems,
    )
)]
pub(super) async fn redrive_quarantine(
    State(operations): State<Operations>,
    PathId(view): PathId<SubscriberName>,
    command: Command<Redrive>,
) -> Result<Response, Problem> {
    let document = match &command.body {
        Redrive {
            document: Some(document),
            all: None,
        } => Some(document.0.as_str()),
        Redrive {
            document: None,
            all: Some(true),
        } => None,
        _ => {
            let detail = "Set either \"document\" or \"all\": true, not both.";
            return Err(MALFORMED_BODY.problem(detail).field("document"));
        }
    };
    let asked = operations.of(&view)?;
    let redriven = asked.0.redrive(document).await;
    let redriven = redriven.map_err(|error| problem(error, NOT_QUARANTINED))?;
    answer(StatusCode::ACCEPTED, &Redriven { redriven })
}

/// Skips an event.
///
/// The event is skipped in every generation from now on, and its document continues with the next one. Only the event at
/// which the document is quarantined can be skipped. Repeated, the request returns what was recorded the first time.
///
/// Costs about 2 read units, 1 write unit and one message.
#[utoipa::path(
    post,
    path = "/operations/views/{view}/quarantine/skip",
    tag = "operations",
    operation_id = "skipEvent",
    params(
        ("view" = String, Path, description = "The view or reactor.", min_length = 1, max_length = 64,
            pattern = "^[a-z-]+$", example = "view-name"),
        CommandHeaders,
    ),
    request_body = SkipEvent,
    responses(
        (status = 200, description = "The recorded skip.", body = SkippedBody,
            headers(("Cache-Control" = String, description = "`no-store`."))),
        SkipProblems,
    )
)]
pub(super) async fn skip_event(
    State(operations): State<Operations>,
    PathId(view): PathId<SubscriberName>,
    command: Command<SkipEvent>,
) -> Result<Response, Problem> {
    let asked = operations.of(&view)?;
    let SkipEvent {
        stream,
        version,
        reason,
        by,
    } = command.body;
    let skip = Skip {
        stream,
        version: version.0,
        reason: reason.0,
        by: by.map(|by| by.0),
    };
    let skipped = asked.0.skip(skip).await;
    let skipped = skipped.map_err(|error| match error {
        ControlError::Refused(reason) => NOT_QUARANTINED_THERE.problem(sentence(&reason)),
        error => problem(error, UNKNOWN_VIEW),
    })?;
    answer(StatusCode::OK, &SkippedBody::from(skipped))
}
