use crate::codes::INVALID_IDEMPOTENCY_KEY;
use crate::correlation::Trace;
use crate::{CorrelationId, NoParameters, Problem, json, query};
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, RawPathParams, Request};
use bytes::Bytes;
use commit::{CommandId, Fingerprint, Metadata};
use event_store::CommandContext;
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use identity::Caller;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The maximum length of an `Idempotency-Key`, in characters. It is only hashed, never stored.
pub const MAX_IDEMPOTENCY_KEY: usize = 255;

/// The body of a command that needs none: nothing, or `{}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoBody {}

/// A command as it was received: its body, and the context that makes it safe to repeat (G4).
///
/// The extractor reads the body as [`crate::Json`] does (an absent body is read as `{}`), `Idempotency-Key` (1–255
/// visible ASCII characters, else 400 `INVALID_IDEMPOTENCY_KEY`), `X-Correlation-Id`, and `traceparent` or
/// `X-Amzn-Trace-Id`. Commands have no query parameters: any is refused with 400 `INVALID_PARAMETER`.
///
/// With a key, the command id is derived from the caller, the operation (method and route), its decoded path parameters and the
/// key: another caller's same key is another command, with other ids.
/// The fingerprint is of the key and the value of the body: another spelling of the same path or of the same JSON is the same command.
/// Without a key, the command cannot be repeated, and the id is random.
#[derive(Debug, Clone)]
pub struct Command<T> {
    /// The body.
    pub body: T,
    /// The context for the event store.
    pub context: CommandContext,
}

impl<T> Command<T> {
    /// Returns the command's id as text if it may be repeated, for what remembers commands outside an event store; `None`
    /// without an `Idempotency-Key`.
    #[must_use]
    pub fn repeatable_id(&self) -> Option<String> {
        self.context.keyed.then(|| self.context.command_id.to_string())
    }

    /// Returns the id for what this command creates. `kind` separates several ids of one command, for example `order`.
    ///
    /// The id is the same for a repeated command (a UUIDv8 derived from its id), else a UUIDv7.
    #[must_use]
    pub fn new_id(&self, kind: &str) -> Uuid {
        if self.context.keyed {
            let command = self.context.command_id.to_string();
            Uuid::new_v8(CommandId::derive(&["new id", kind, &command]).bytes())
        } else {
            Uuid::now_v7()
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Command<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let NoParameters {} = query::read(&parts.uri)?;
        let key = idempotency_key(&parts.headers)?;
        let caller = parts.extensions.get::<Caller>();
        let actor = caller.map(|caller| caller.id().as_str().to_owned());
        let operation = operation(&mut parts).await;
        let bytes = body_or_empty_object(&parts.headers, json::read(body).await?)?;
        let parsed = json::parse(&bytes)?;

        let (command_id, fingerprint) = match &key {
            Some(key) => {
                let operation = operation.iter().map(String::as_str);
                let id: Vec<&str> = ["http", actor.as_deref().unwrap_or_default()]
                    .into_iter()
                    .chain(operation)
                    .chain([key.as_str()])
                    .collect();
                // The key is not stored, so the stored fingerprint does not show whether a guessed body is the right one (G15).
                let fingerprint = Fingerprint::of(&[key.as_bytes(), &json::canonical(&bytes)?]);
                (CommandId::derive(&id), fingerprint)
            }
            None => {
                let id = CommandId::random();
                (id, Fingerprint::of(&[&id.bytes()]))
            }
        };
        let correlation = match parts.extensions.get::<CorrelationId>() {
            Some(id) => id.clone(),
            None => CorrelationId::from_headers(&parts.headers),
        };
        let trace = match parts.extensions.get::<Trace>() {
            Some(trace) => trace.clone(),
            None => Trace::from_headers(&parts.headers),
        };
        Ok(Self {
            context: CommandContext {
                command_id,
                fingerprint,
                now: now(),
                metadata: Metadata {
                    actor,
                    correlation_id: Some(correlation.as_str().to_owned()),
                    traceparent: trace.into_parent(),
                    ..Metadata::default()
                },
                keyed: key.is_some(),
            },
            body: parsed,
        })
    }
}

/// Returns what a command asks for, whatever the spelling of its path: method, route, and the decoded path parameters.
async fn operation(parts: &mut Parts) -> Vec<String> {
    let route = match parts.extensions.get::<MatchedPath>() {
        Some(route) => route.as_str(),
        None => parts.uri.path(),
    };
    let mut operation = vec![parts.method.to_string(), route.to_owned()];
    // Without parameters, or with parameters that are not UTF-8, which the handler refuses.
    if let Ok(parameters) = RawPathParams::from_request_parts(parts, &()).await {
        operation.extend(parameters.iter().map(|(_, value)| value.to_owned()));
    }
    operation
}

/// Returns the time in whole milliseconds, the precision of the commit time.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

fn body_or_empty_object(headers: &HeaderMap, bytes: Bytes) -> Result<Bytes, Problem> {
    if bytes.is_empty() && !headers.contains_key(http::header::CONTENT_TYPE) {
        return Ok(Bytes::from_static(b"{}"));
    }
    json::expect_json(headers)?;
    if bytes.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    Ok(bytes)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(&IDEMPOTENCY_KEY).iter();
    let key = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    };
    match key {
        Some(key)
            if (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len())
                && key.bytes().all(|b| b.is_ascii_graphic()) =>
        {
            Ok(Some(key.to_owned()))
        }
        _ => Err(INVALID_IDEMPOTENCY_KEY
            .problem(format_args!(
                "Send one key of 1–{MAX_IDEMPOTENCY_KEY} visible ASCII characters."
            ))
            .field("Idempotency-Key")),
    }
}
