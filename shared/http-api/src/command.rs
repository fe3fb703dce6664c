use crate::codes::INVALID_IDEMPOTENCY_KEY;
use crate::correlation::Trace;
use crate::{CorrelationId, Problem, json};
use axum::extract::{FromRequest, OriginalUri, Request};
use bytes::Bytes;
use commit::{CommandId, Fingerprint, Metadata};
use event_store::CommandContext;
use http::{HeaderMap, HeaderName};
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
/// `X-Amzn-Trace-Id`.
///
/// With a key, the command id is derived from method, path and key. Without one, the command cannot be repeated, and
/// the id is random.
#[derive(Debug, Clone)]
pub struct Command<T> {
    /// The body.
    pub body: T,
    /// The context for the event store.
    pub context: CommandContext,
    keyed: bool,
}

impl<T> Command<T> {
    /// Returns the id for what this command creates. `kind` separates several ids of one command, for example `order`.
    ///
    /// The id is the same for a repeated command (a UUIDv8 derived from its id), else a UUIDv7.
    #[must_use]
    pub fn new_id(&self, kind: &str) -> Uuid {
        if self.keyed {
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
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let bytes = body_or_empty_object(&parts.headers, json::read(body).await?)?;
        let parsed = json::parse(&bytes)?;

        let method = parts.method.as_str();
        let path = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.path(),
            None => parts.uri.path(),
        };
        let command_id = match key {
            Some(key) => CommandId::derive(&["http", method, path, key]),
            None => CommandId::random(),
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
                fingerprint: Fingerprint::of(&[method.as_bytes(), path.as_bytes(), &bytes]),
                now: now(),
                metadata: Metadata {
                    correlation_id: Some(correlation.as_str().to_owned()),
                    traceparent: trace.into_parent(),
                    ..Metadata::default()
                },
            },
            keyed: key.is_some(),
            body: parsed,
        })
    }
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

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
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
            Ok(Some(key))
        }
        _ => Err(INVALID_IDEMPOTENCY_KEY
            .problem(format_args!(
                "Send one key of 1–{MAX_IDEMPOTENCY_KEY} visible ASCII characters."
            ))
            .field("Idempotency-Key")),
    }
}
