use commit::CommitId;
use http::{HeaderMap, HeaderName};
use uuid::Uuid;

pub(crate) const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Shared by everything that one request sets in motion: 1–128 letters, digits, `-`, `_`, `.` or `:`.
///
/// Taken from `X-Correlation-Id`, or made when there is none or an unusable one: a bad id of this kind is never a reason to
/// refuse an order. [`crate::finish`] puts it into the request's extensions and the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrelationId(String);

impl CorrelationId {
    /// The one of a request.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        single(headers, &X_CORRELATION_ID)
            .filter(|text| Self::is_valid(text))
            // 22 characters: it is stored with every commit, where bytes are billed.
            .map_or_else(
                || Self(CommitId::random().to_string()),
                |text| Self(text.to_owned()),
            )
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_valid(text: &str) -> bool {
        (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    }
}

/// The W3C trace context of a request: kept when it is valid, restarted when it is not (as the standard asks), none when
/// there is none.
pub(crate) fn traceparent(headers: &HeaderMap) -> Option<String> {
    headers.get(&TRACEPARENT)?;
    let valid = single(headers, &TRACEPARENT).filter(|text| is_traceparent(text));
    Some(valid.map_or_else(new_traceparent, str::to_owned))
}

fn is_traceparent(text: &str) -> bool {
    let hex = |part: &str, length: usize| {
        part.len() == length
            && part
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let set = |part: &str| part.bytes().any(|b| b != b'0');
    match text.split('-').collect::<Vec<_>>()[..] {
        ["00", trace, span, flags] => {
            hex(trace, 32) && set(trace) && hex(span, 16) && set(span) && hex(flags, 2)
        }
        _ => false,
    }
}

fn new_traceparent() -> String {
    let trace = Uuid::now_v7().simple().to_string();
    // The second half of a UUIDv7 is random.
    let span = &Uuid::now_v7().simple().to_string()[16..];
    format!("00-{trace}-{span}-00")
}

fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn a_good_correlation_id_is_kept() {
        let id = CorrelationId::from_headers(&headers("x-correlation-id", "shop-7:42"));
        assert_eq!(id.as_str(), "shop-7:42");
    }

    #[test]
    fn a_bad_correlation_id_is_replaced() {
        for bad in ["", "two words", "{\"a\":1}", "<script>", &"x".repeat(129)] {
            let id = CorrelationId::from_headers(&headers("x-correlation-id", bad));
            assert_ne!(id.as_str(), bad);
            assert!(CorrelationId::is_valid(id.as_str()), "{id:?}");
        }
    }

    #[test]
    fn a_good_trace_goes_on() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(traceparent(&headers("traceparent", good)).as_deref(), Some(good));
    }

    #[test]
    fn a_bad_trace_is_restarted() {
        for bad in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            let new = traceparent(&headers("traceparent", bad)).unwrap();
            assert!(is_traceparent(&new) && new != bad, "{bad} became {new}");
        }
    }

    #[test]
    fn no_trace_stays_none() {
        assert_eq!(traceparent(&HeaderMap::new()), None);
    }
}
