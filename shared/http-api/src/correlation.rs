use commit::CommitId;
use http::{HeaderMap, HeaderName};
use uuid::Uuid;

pub(crate) const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const X_AMZN_TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// The id shared by everything that one request causes: 1–128 letters, digits, `-`, `_`, `.` or `:`.
///
/// It is taken from `X-Correlation-Id`, or generated when the header is missing or invalid: an invalid correlation id
/// must not refuse an order. [`crate::finish`] adds it to the request's extensions and to the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrelationId(String);

impl CorrelationId {
    /// Returns the correlation id of a request.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        single(headers, &X_CORRELATION_ID)
            .filter(|text| Self::is_valid(text))
            // 22 characters, because it is stored with every commit, where bytes are billed.
            .map_or_else(
                || Self(CommitId::random().to_string()),
                |text| Self(text.to_owned()),
            )
    }

    /// Returns the id as text.
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

/// The trace of a request, as a W3C trace context; `None` when the request has none.
///
/// A valid `traceparent` is kept, and an invalid one is replaced by a new trace, as the standard requires. Without one,
/// the trace of AWS X-Ray is used (`X-Amzn-Trace-Id`, which API Gateway sends), but only if it is sampled: a trace that
/// is not sampled is recorded nowhere, and the context is stored with every commit, where bytes are billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace(Option<String>);

impl Trace {
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        Self(if headers.contains_key(&TRACEPARENT) {
            let valid = single(headers, &TRACEPARENT).filter(|text| is_traceparent(text));
            Some(valid.map_or_else(|| traceparent(&new_trace(), &new_span(), "00"), str::to_owned))
        } else {
            single(headers, &X_AMZN_TRACE_ID).and_then(from_x_ray)
        })
    }

    /// Returns the trace id, 32 hexadecimal digits.
    pub(crate) fn id(&self) -> Option<&str> {
        self.0.as_deref()?.split('-').nth(1)
    }

    pub(crate) fn into_parent(self) -> Option<String> {
        self.0
    }
}

/// Converts `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, of which only the root is
/// always present.
fn from_x_ray(text: &str) -> Option<String> {
    let field = |name: &str| {
        let mut fields = text.split(';').filter_map(|field| field.trim().split_once('='));
        fields.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let flags = match field("Sampled") {
        Some("0") => return None,
        Some("1") => "01",
        _ => "00",
    };
    let (seconds, random) = field("Root")?.strip_prefix("1-")?.split_once('-')?;
    let (trace, span) = (format!("{seconds}{random}"), field("Parent"));
    let whole = traceparent(&trace, span.unwrap_or(&new_span()), flags);
    (seconds.len() == 8 && is_traceparent(&whole)).then_some(whole)
}

fn traceparent(trace: &str, span: &str, flags: &str) -> String {
    format!("00-{trace}-{span}-{flags}")
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

fn new_trace() -> String {
    Uuid::now_v7().simple().to_string()
}

/// Generates a span id from the second half of a UUIDv7, which is random.
fn new_span() -> String {
    Uuid::now_v7().simple().to_string()[16..].to_owned()
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
    fn valid_correlation_id_is_kept() {
        let id = CorrelationId::from_headers(&headers("x-correlation-id", "shop-7:42"));
        assert_eq!(id.as_str(), "shop-7:42");
    }

    #[test]
    fn invalid_correlation_id_is_replaced() {
        for bad in ["", "two words", "{\"a\":1}", "<script>", &"x".repeat(129)] {
            let id = CorrelationId::from_headers(&headers("x-correlation-id", bad));
            assert_ne!(id.as_str(), bad);
            assert!(CorrelationId::is_valid(id.as_str()), "{id:?}");
        }
    }

    fn trace(name: &'static str, value: &str) -> Option<String> {
        Trace::from_headers(&headers(name, value)).into_parent()
    }

    #[test]
    fn valid_traceparent_is_kept() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(trace("traceparent", good).as_deref(), Some(good));
    }

    #[test]
    fn invalid_traceparent_is_replaced() {
        for bad in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            let new = trace("traceparent", bad).unwrap();
            assert!(is_traceparent(&new) && new != bad, "{bad} became {new}");
        }
    }

    #[test]
    fn sampled_x_ray_trace_is_converted() {
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        let whole = trace(
            "x-amzn-trace-id",
            &format!("{root};Parent=53995c3f42cd8ad8;Sampled=1"),
        );
        let expected = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
        assert_eq!(whole.as_deref(), Some(expected));
        let of_the_root = Trace::from_headers(&headers("x-amzn-trace-id", root));
        assert_eq!(of_the_root.id(), Some("5759e988bd862e3fe1be46a994272793"));
    }

    #[test]
    fn unsampled_or_invalid_x_ray_trace_is_ignored() {
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        for bad in [
            &format!("{root};Parent=53995c3f42cd8ad8;Sampled=0"),
            &format!("{root};Parent=<script>"),
            "Root=1-5759e9-88bd862e3fe1be46a994272793",
            "Root=2-5759e988-bd862e3fe1be46a994272793",
            "Self=1-5759e988-bd862e3fe1be46a994272793",
            "",
        ] {
            assert_eq!(trace("x-amzn-trace-id", bad), None, "{bad}");
        }
    }

    #[test]
    fn request_without_trace_has_none() {
        assert_eq!(Trace::from_headers(&HeaderMap::new()), Trace(None));
    }
}
