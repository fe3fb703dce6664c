use crate::codes::{INVALID_CONSISTENCY_TOKEN, INVALID_PREFERENCE};
use crate::{Problem, TokenKeys, field, sealed_text};
use axum::extract::FromRequestParts;
use commit::StreamId;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The header `Consistency-Token`. The response to a command contains the position of its commit, the response to a
/// read of one document the positions that it reflects; a read request contains the positions that it requires.
pub const CONSISTENCY_TOKEN: HeaderName = HeaderName::from_static("consistency-token");

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The maximum number of tokens in a read: each may cost a Query on an event table.
pub const MAX_CONSISTENCY_TOKENS: usize = 20;

/// The maximum of `Prefer: wait=N`, in seconds. A wait is a preference (RFC 7240): a read waits for at most
/// [`settings::MAX_WAIT`], and then reads what is missing itself.
pub const MAX_WAIT: u64 = 10;

/// The version of the token's format; other versions are refused.
const VERSION: u8 = 2;

/// A position in a stream, as opaque text. With it, a client reads its own writes (G10).
///
/// ```
/// use http_api::ConsistencyToken;
///
/// let token = ConsistencyToken { stream: "order#ord_1".parse()?, version: 4 };
/// assert_eq!(token.to_string().parse::<ConsistencyToken>()?, token);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyToken {
    /// The stream.
    pub stream: StreamId,
    /// The version that the read must include, from 1.
    pub version: u64,
}

impl fmt::Display for ConsistencyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut content = self.version.to_be_bytes().to_vec();
        content.extend(self.stream.to_string().into_bytes());
        f.write_str(&sealed_text::seal(
            TokenKeys::of_process(),
            VERSION,
            &[b"consistency"],
            &content,
        ))
    }
}

impl FromStr for ConsistencyToken {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        sealed_text::open(TokenKeys::of_process(), VERSION, &[b"consistency"], text)
            .and_then(|content| {
                let (version, stream) = content.split_first_chunk::<8>()?;
                let version = u64::from_be_bytes(*version);
                let stream = std::str::from_utf8(stream).ok()?.parse().ok()?;
                (version > 0).then_some(Self { stream, version })
            })
            .ok_or_else(|| {
                INVALID_CONSISTENCY_TOKEN
                    .problem("Send the value of this header in a response, or several joined by commas.")
                    .field("Consistency-Token")
            })
    }
}

impl ConsistencyToken {
    /// Returns the token of this version of a stream, or `None` for a stream that does not exist (version 0).
    #[must_use]
    pub fn of(stream: &StreamId, version: u64) -> Option<Self> {
        let stream = stream.clone();
        (version > 0).then_some(Self { stream, version })
    }

    /// Returns the value of the header for several positions, for requests and responses; `None` without positions.
    #[must_use]
    pub fn header<'a>(tokens: impl IntoIterator<Item = &'a Self>) -> Option<HeaderValue> {
        let tokens: Vec<String> = tokens.into_iter().map(Self::to_string).collect();
        let value = (!tokens.is_empty()).then(|| tokens.join(", "))?;
        HeaderValue::from_str(&value).ok()
    }
}

/// The positions that a read must include, and whether it may wait for them: `Consistency-Token` (several joined by
/// commas, at most [`MAX_CONSISTENCY_TOKENS`]) and `Prefer: wait=N` (0 to [`MAX_WAIT`] seconds).
///
/// The extractor refuses with 400 `INVALID_CONSISTENCY_TOKEN` or 400 `INVALID_PREFERENCE`. Other preferences are
/// ignored (RFC 7240).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consistency {
    /// Streams, each with the version that the read must include.
    pub positions: Vec<(StreamId, u64)>,
    /// How long the read waits for the projection before it reads the missing events itself: at most
    /// [`settings::MAX_WAIT`].
    pub wait: Option<Duration>,
}

impl<S: Send + Sync> FromRequestParts<S> for Consistency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(Self {
            positions: positions(&parts.headers)?,
            wait: wait(&parts.headers)?.map(|wait| wait.min(settings::MAX_WAIT)),
        })
    }
}

fn positions(headers: &HeaderMap) -> Result<Vec<(StreamId, u64)>, Problem> {
    let tokens = field::elements(headers, &CONSISTENCY_TOKEN);
    if tokens.len() > MAX_CONSISTENCY_TOKENS {
        return Err(INVALID_CONSISTENCY_TOKEN
            .problem(format_args!(
                "A read may have at most {MAX_CONSISTENCY_TOKENS} tokens."
            ))
            .field("Consistency-Token"));
    }
    if tokens.is_empty() && headers.contains_key(&CONSISTENCY_TOKEN) {
        // A client that sends the header without a token has lost it, and would not notice an older answer.
        let _: ConsistencyToken = "".parse()?;
    }
    let mut positions: Vec<(StreamId, u64)> = Vec::new();
    for token in tokens {
        let token: ConsistencyToken = token.parse()?;
        match positions.iter_mut().find(|(stream, _)| *stream == token.stream) {
            Some((_, version)) => *version = token.version.max(*version),
            None => positions.push((token.stream, token.version)),
        }
    }
    Ok(positions)
}

/// Reads the preference `wait` (RFC 7240): a number of seconds, as a token or quoted, with or without parameters. Of several
/// the first one counts (section 2).
fn wait(headers: &HeaderMap) -> Result<Option<Duration>, Problem> {
    let preferences = field::elements(headers, &PREFER);
    let waits = preferences
        .iter()
        .map(|preference| field::pair(field::parameters(preference).0));
    let Some((_, value)) = waits
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("wait"))
    else {
        return Ok(None);
    };
    field::word(value)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u64>().ok())
        .filter(|seconds| *seconds <= MAX_WAIT)
        .map(|seconds| Some(Duration::from_secs(seconds)))
        .ok_or_else(|| {
            INVALID_PREFERENCE
                .problem(format_args!(
                    "`wait` must be a whole number of seconds from 0 to {MAX_WAIT}."
                ))
                .field("Prefer")
        })
}
