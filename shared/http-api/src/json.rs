use crate::Problem;
use crate::codes::{BODY_TOO_LARGE, MALFORMED_BODY, UNSUPPORTED_CONTENT_ENCODING, UNSUPPORTED_MEDIA_TYPE};
use crate::field;
use crate::strict::check_objects;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, EXPECT};
use http::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::HashSet;
use std::fmt;
use values::check_characters;

/// The maximum size of a request body. Far above any sensible order or menu, and far below the limit of a commit (350
/// KB).
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// The maximum nesting of a request body. No type here needs more than 6.
pub const MAX_BODY_DEPTH: usize = 32;

/// A strict JSON body: `application/json`, UTF-8, at most [`MAX_BODY_BYTES`], at most [`MAX_BODY_DEPTH`] deep, without
/// duplicate keys or trailing data. No text in it has hidden characters ([`check_characters`]).
///
/// Unknown fields are refused by the types: every request type has `#[serde(deny_unknown_fields)]`.
///
/// The extractor refuses with 415 `UNSUPPORTED_MEDIA_TYPE` or `UNSUPPORTED_CONTENT_ENCODING`, 413 `BODY_TOO_LARGE`, or 400
/// `MALFORMED_BODY` with the `field`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(body).await?;
        expect_json(&parts.headers)?;
        parse(&bytes).map(Self)
    }
}

/// The number of bytes of a refused body that are still read. Closing a connection while the client sends makes the
/// client see a broken connection instead of the response; reading without a limit could keep the server busy.
const DRAINED_BYTES: usize = 8 * 1024 * 1024;

/// Reads the whole body, if it is not too large.
pub(crate) async fn read(mut body: Body) -> Result<Bytes, Problem> {
    match Limited::new(&mut body, MAX_BODY_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            drain(body).await;
            Err(body_too_large())
        }
        Err(_) => Err(malformed("The body could not be read completely.")),
    }
}

/// Discards the body of a request that is refused because of its headers. Returns whether it was left unread, because the
/// client sends it only when asked: reading it would ask for it (`Expect: 100-continue`; RFC 9110, section 10.1.1).
pub(crate) async fn discard(request: Request) -> bool {
    let waits = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"100-continue");
    let unread = request.headers().get_all(EXPECT).iter().any(waits);
    if !unread {
        drain(request.into_body()).await;
    }
    unread
}

/// Reads and discards the rest of a body, up to [`DRAINED_BYTES`].
async fn drain(mut body: Body) {
    let mut left = DRAINED_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

pub(crate) fn body_too_large() -> Problem {
    BODY_TOO_LARGE.problem(format_args!(
        "A request body may have at most {MAX_BODY_BYTES} bytes."
    ))
}

/// Refuses with 415 unless the request declares its body as JSON that is neither compressed nor encoded in another way.
pub(crate) fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    let encodings = field::elements(headers, CONTENT_ENCODING);
    if !encodings
        .iter()
        .all(|encoding| encoding.eq_ignore_ascii_case("identity"))
    {
        let detail = "The body must be sent as it is, without a Content-Encoding.";
        return Err(UNSUPPORTED_CONTENT_ENCODING
            .problem(detail)
            .field("Content-Encoding"));
    }
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let is_json = match (values.next().map(HeaderValue::to_str), values.next()) {
        (Some(Ok(value)), None) => is_json(value),
        _ => false,
    };
    if is_json {
        Ok(())
    } else {
        let detail = "The body must be JSON: send `Content-Type: application/json`.";
        Err(UNSUPPORTED_MEDIA_TYPE.problem(detail).field("Content-Type"))
    }
}

/// Returns whether a media type is JSON. JSON is UTF-8 and has no parameters (RFC 8259, section 11), so they mean nothing,
/// except a `charset` that contradicts: only UTF-8, by either of its usual names, and its subset ASCII can be true.
fn is_json(media_type: &str) -> bool {
    const CHARSETS: [&str; 3] = ["utf-8", "utf8", "us-ascii"];
    let (essence, mut parameters) = field::parameters(media_type);
    essence.eq_ignore_ascii_case("application/json")
        && parameters.all(|(name, value)| {
            let can_be = |charset: String| CHARSETS.iter().any(|known| charset.eq_ignore_ascii_case(known));
            !name.eq_ignore_ascii_case("charset") || field::word(value).is_some_and(can_be)
        })
}

/// Parses the value in a body.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("The body is not UTF-8."))?;
    check_shape(text)?;
    let value = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(text))
        .map_err(|error| at_path(&error.path().to_string(), error.inner()))?;
    let shape = serde_json::from_str(text).map_err(malformed)?;
    check_objects::<T>(&shape).map_err(|(path, error)| at_path(&path, &error))?;
    Ok(value)
}

/// Returns one text for all texts of the same JSON value: without insignificant white space, keys sorted, whole numbers
/// without a fraction, and every character written in the same way.
pub(crate) fn canonical(bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut value: Value = serde_json::from_slice(bytes).map_err(malformed)?;
    normalize(&mut value);
    serde_json::to_vec(&value).map_err(Problem::internal)
}

fn normalize(value: &mut Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(normalize),
        Value::Object(fields) => {
            fields.sort_keys();
            fields.values_mut().for_each(normalize);
        }
        Value::Number(number) => {
            if let Some(whole) = whole(number) {
                *value = whole.into();
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// Returns the integer that a number with a fraction or an exponent is, if it is exactly one.
fn whole(number: &serde_json::Number) -> Option<i64> {
    let float = number
        .as_f64()
        .filter(|float| number.is_f64() && float.fract() == 0.0)?;
    // Beyond 2^53 not every integer is a float.
    (float.abs() <= 9_007_199_254_740_992.0).then(|| float.to_string().parse().ok())?
}

fn malformed(detail: impl fmt::Display) -> Problem {
    MALFORMED_BODY.problem(detail)
}

fn at_path(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let parent = if path == "." { "" } else { path };
    // The path of a missing field ends at the object that lacks it.
    let field = match text
        .strip_prefix("missing field `")
        .and_then(|t| t.split_once('`'))
    {
        Some((name, _)) if parent.is_empty() => name.to_owned(),
        Some((name, _)) => format!("{parent}.{name}"),
        None => parent.to_owned(),
    };
    let problem = malformed(text);
    if field.is_empty() {
        problem
    } else {
        problem.field(field)
    }
}

/// Checks the body in a first pass that builds nothing, for what serde's types cannot refuse by themselves. It limits
/// the recursion of the second pass.
fn check_shape(text: &str) -> Result<(), Problem> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let root = Shape {
        levels: MAX_BODY_DEPTH,
        repeated: false,
    };
    root.deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track))
        .map_err(|error| at_path(&track.path().to_string(), &error))?;
    json.end().map_err(malformed)
}

#[derive(Clone, Copy)]
struct Shape {
    levels: usize,
    repeated: bool,
}

impl Shape {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.levels.checked_sub(1) {
            Some(levels) => Ok(Self {
                levels,
                repeated: false,
            }),
            None => Err(E::custom(format_args!(
                "nested deeper than {MAX_BODY_DEPTH} levels"
            ))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Shape {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.repeated {
            // The error is raised here and not where the key is found, so that the path ends in the key.
            return Err(D::Error::custom("duplicate key"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        check_characters(text).map_err(|reason| E::custom(format_args!("the text {reason}")))
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while seq.next_element_seed(inner)?.is_some() {}
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        let mut keys = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let repeated = !keys.insert(key);
            map.next_value_seed(Shape { repeated, ..inner })?;
        }
        Ok(())
    }
}
