use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The actor of a commit, and the ids that connect it to others. Every field is optional and limited to 255 characters
/// by the HTTP layer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The derived id of the caller, or the name of the reactor.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The caller whose request a reactor responded to in the end.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// The id shared by all commits that one request caused.
    #[serde(rename = "co", default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The id of the commit to which a reactor responded with this one.
    #[serde(rename = "ca", default, skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<String>,
    /// The W3C trace context.
    #[serde(rename = "tp", default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

/// The maximum number of correlation ids in a log line, about 2 KB.
const CORRELATION_IDS: usize = 100;

impl Metadata {
    /// Returns the trace id, 32 hexadecimal digits: the part of the trace context that all log lines of a request
    /// share.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.traceparent.as_deref()?.split('-').nth(1)
    }

    /// Returns the distinct correlation ids of these commits, sorted, at most 100. The log line of each batch contains
    /// them, so that a request is found in every function without a line per commit.
    pub fn correlation_ids<'m>(of: impl IntoIterator<Item = &'m Self>) -> Vec<&'m str> {
        let ids = of
            .into_iter()
            .filter_map(|metadata| metadata.correlation_id.as_deref());
        let ids: BTreeSet<&str> = ids.collect();
        ids.into_iter().take(CORRELATION_IDS).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_id_is_the_second_part_of_the_trace_context() {
        let metadata = Metadata {
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
            ..Metadata::default()
        };
        assert_eq!(metadata.trace_id(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert_eq!(Metadata::default().trace_id(), None);
    }

    #[test]
    fn correlation_ids_are_distinct_and_at_most_100() {
        let of = |id: &str| Metadata {
            correlation_id: Some(id.to_owned()),
            ..Metadata::default()
        };
        let some = [of("b"), Metadata::default(), of("a"), of("b")];
        assert_eq!(Metadata::correlation_ids(&some), ["a", "b"]);
        let many: Vec<_> = (0..500).map(|n| of(&n.to_string())).collect();
        assert_eq!(Metadata::correlation_ids(&many).len(), 100);
    }
}
