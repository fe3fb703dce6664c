//! Times in answers: all of one width, `2026-11-23T18:30:00.000Z`, so that clients can sort and compare them as text.
//!
//! What a table stores has no trailing zeros, and lists answer with what is stored. Therefore the width is given where every
//! answer passes, to the members whose names say that they are a time: `at`, `time`, `since`, `until`, `started`, `ended`,
//! `asOf`, and names that end in `At`, `By`, `End`, `Ended`, `Since`, `Started`, `Time` or `Until`. A test of the API's
//! description compares the names of its moments with this rule ([`is_time`]).

use crate::Problem;
use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};

/// The number of decimals: milliseconds, the precision of a commit time.
const DECIMALS: usize = 3;

/// Returns whether a member of an answer with this name is a time, if its value looks like one.
#[must_use]
pub fn is_time(name: &str) -> bool {
    const WORDS: [&str; 7] = ["at", "time", "since", "until", "started", "ended", "asOf"];
    const ENDS: [&str; 8] = ["At", "By", "End", "Ended", "Since", "Started", "Time", "Until"];
    WORDS.contains(&name)
        || ENDS
            .iter()
            .any(|end| name.len() > end.len() && name.ends_with(end))
}

/// Returns the answer with every time in its full width.
pub(crate) async fn in_full_width(answer: Response) -> Response {
    let is_json = |value: &http::HeaderValue| value.as_bytes().ends_with(b"json");
    if !answer.headers().get(CONTENT_TYPE).is_some_and(is_json) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => {
            parts.headers.remove(CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(widened(&bytes)))
        }
        Err(error) => Problem::internal(error).into_response(),
    }
}

/// Returns this JSON with its times in full width. Text that is not JSON stays as it is.
fn widened(json: &[u8]) -> Vec<u8> {
    let mut wide = Vec::with_capacity(json.len() + 64);
    let mut rest = json;
    let mut names_a_time = false;
    while let Some(start) = rest.iter().position(|byte| *byte == b'"') {
        let (before, text) = rest.split_at(start + 1);
        // A value that is not text begins with something else, for example `[`.
        names_a_time &= before
            .iter()
            .all(|byte| matches!(byte, b':' | b'"' | b' ' | b'\n'));
        wide.extend(before);
        let (text, after) = text.split_at(length(text));
        match time(text).filter(|_| names_a_time) {
            Some(time) => wide.extend(time),
            None => wide.extend(text),
        }
        let mut next = after.iter().skip(1).filter(|byte| !byte.is_ascii_whitespace());
        names_a_time = next.next() == Some(&b':') && std::str::from_utf8(text).is_ok_and(is_time);
        let quote = after.len().min(1);
        wide.extend(&after[..quote]);
        rest = &after[quote..];
    }
    wide.extend(rest);
    wide
}

/// Returns the length of a JSON text that begins here, without its closing quote.
fn length(text: &[u8]) -> usize {
    let mut escaped = false;
    let end = text.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len())
}

/// Returns a time in UTC with [`DECIMALS`] decimals, or `None` if the text is not one.
fn time(text: &[u8]) -> Option<Vec<u8>> {
    const SECONDS: &[u8] = b"0000-00-00T00:00:00";
    let (seconds, rest) = text.split_at_checked(SECONDS.len())?;
    let mut places = seconds.iter().zip(SECONDS);
    let fits = places.all(|(byte, place)| {
        if *place == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == place
        }
    });
    let decimals = match rest {
        b"Z" => &b""[..],
        [b'.', decimals @ .., b'Z'] if !decimals.is_empty() => decimals,
        _ => return None,
    };
    (fits && decimals.iter().all(u8::is_ascii_digit)).then(|| {
        let digits = decimals.iter().copied().chain(std::iter::repeat(b'0'));
        let mut time = seconds.to_vec();
        time.push(b'.');
        time.extend(digits.take(DECIMALS));
        time.push(b'Z');
        time
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn wide(json: &str) -> String {
        String::from_utf8(widened(json.as_bytes())).unwrap()
    }

    #[test]
    fn a6_every_time_of_an_answer_has_the_same_width() {
        for decimals in ["", ".4", ".40", ".4005"] {
            let answer = format!(
                r#"{{"readyBy":"2026-11-23T18:30:08{decimals}Z","log":[{{"at": "2026-11-23T18:30:08{decimals}Z"}}],"asOf":null}}"#
            );
            let expected = if decimals.is_empty() { ".000" } else { ".400" };
            let expected = format!(
                r#"{{"readyBy":"2026-11-23T18:30:08{expected}Z","log":[{{"at": "2026-11-23T18:30:08{expected}Z"}}],"asOf":null}}"#
            );
            assert_eq!(wide(&answer), expected);
        }
    }

    #[test]
    fn a6_what_is_no_time_stays_as_it_is() {
        for answer in [
            r#"{"name":"2026-11-23T18:30:08Z","by":"2026-11-23T18:30:08Z"}"#,
            r#"{"at":["2026-11-23T18:30:08Z"],"time":{"name":"2026-11-23T18:30:08Z"}}"#,
            r#"{"name":"at","city":"2026-11-23T18:30:08Z"}"#,
            r#"{"name":"\"at\":\"2026-11-23T18:30:08Z\"","openUntil":"22:00","date":"2026-11-23"}"#,
            r#"{"at":"2026-11-23T18:30:08+01:00","time":"2026-11-23T18:30:08.Z"}"#,
            r#"["at","2026-11-23T18:30:08Z"]"#,
            r#"{"at":7,"name":"2026-11-23T18:30:08Z"}"#,
            r#""at"#,
            "",
        ] {
            assert_eq!(wide(answer), answer);
        }
    }

    proptest! {
        #[test]
        fn a6_text_of_any_kind_is_left_alone(name in any::<String>(), text in any::<String>()) {
            let answer = json!({ "name": text, name: [text, { "city": text }] }).to_string();
            let again: Value = serde_json::from_str(&wide(&answer)).unwrap();
            prop_assert_eq!(again.to_string(), answer);
        }
    }
}
