//! CloudWatch's embedded metric format: a log line that CloudWatch also reads as metrics.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use crate::Metrics;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// The maximum number of values of a metric in one line; the specification's limit.
const MAX_VALUES: usize = 100;

struct Sink {
    namespace: String,
    function: Option<String>,
}

static SINK: OnceLock<Sink> = OnceLock::new();

/// Makes events be written to standard output from now on. `METRICS_NAMESPACE` separates the stacks of one account.
pub(crate) fn install() {
    SINK.get_or_init(|| Sink {
        namespace: std::env::var("METRICS_NAMESPACE").unwrap_or_else(|_| "Belvedere".to_owned()),
        function: std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok(),
    });
}

pub(crate) fn write(event: &Metrics) {
    let Some(sink) = SINK.get() else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    let mut out = std::io::stdout().lock();
    for line in lines(event, &sink.namespace, sink.function.as_deref(), millis) {
        // A command must not fail because a metric cannot be written.
        let _ = writeln!(out, "{line}");
    }
}

/// Returns one line, or several when a metric has more values than fit into one.
fn lines(event: &Metrics, namespace: &str, function: Option<&str>, millis: u64) -> Vec<Value> {
    let longest = event.numbers.values().map(|(_, values)| values.len()).max();
    let pages = longest.unwrap_or(0).div_ceil(MAX_VALUES).max(1);
    (0..pages)
        .map(|page| {
            let mut root = Map::new();
            let mut definitions = Vec::new();
            // Properties are written once; further lines only carry further values.
            for (name, value) in event.properties.iter().filter(|_| page == 0) {
                root.insert((*name).to_owned(), value.clone());
            }
            if let Some(function) = function {
                root.insert("function".to_owned(), json!(function));
            }
            root.insert("event".to_owned(), json!(event.name));
            for (name, value) in &event.dimensions {
                root.insert((*name).to_owned(), json!(value));
            }
            for (name, (unit, values)) in &event.numbers {
                let values: Vec<f64> = values
                    .iter()
                    .skip(page * MAX_VALUES)
                    .take(MAX_VALUES)
                    .copied()
                    .collect();
                if values.is_empty() {
                    continue;
                }
                definitions.push(json!({ "Name": name, "Unit": unit.name() }));
                let value = if let [only] = values[..] {
                    json!(only)
                } else {
                    json!(values)
                };
                root.insert((*name).to_owned(), value);
            }
            let dimensions: Vec<_> = event.dimensions.keys().collect();
            root.insert(
                "_aws".to_owned(),
                json!({
                    "Timestamp": millis,
                    "CloudWatchMetrics": [
                        { "Namespace": namespace, "Dimensions": [dimensions], "Metrics": definitions }
                    ],
                }),
            );
            Value::Object(root)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unit;
    use proptest::prelude::*;

    #[test]
    fn an_event_is_a_line_of_the_embedded_metric_format() {
        let event = Metrics::event("RelayBatch")
            .dimension("Table", "orders")
            .count("CommitsIn", 7)
            .milliseconds("Lag", 1.5)
            .milliseconds("Lag", 2.5)
            .property("stream", "order#ord_1")
            .property("actor", None::<&str>);
        assert_eq!(
            lines(&event, "Belvedere", Some("relay"), 1_700_000_000_000),
            [json!({
                "_aws": {
                    "Timestamp": 1_700_000_000_000_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Belvedere",
                        "Dimensions": [["Table"]],
                        "Metrics": [
                            { "Name": "CommitsIn", "Unit": "Count" },
                            { "Name": "Lag", "Unit": "Milliseconds" },
                        ],
                    }],
                },
                "event": "RelayBatch",
                "function": "relay",
                "Table": "orders",
                "CommitsIn": 7.0,
                "Lag": [1.5, 2.5],
                "stream": "order#ord_1",
            })]
        );
    }

    #[test]
    fn non_finite_numbers_are_left_out() {
        let event = Metrics::event("E")
            .milliseconds("Lag", f64::NAN)
            .milliseconds("Rate", f64::INFINITY);
        assert_eq!(
            lines(&event, "N", None, 0)[0]["_aws"]["CloudWatchMetrics"][0]["Metrics"],
            json!([])
        );
    }

    proptest! {
        #[test]
        fn every_value_is_written_once_and_no_line_holds_too_many(count in 0_usize..450) {
            let event = Metrics::event("E").count("Once", 1).property("note", "once");
            let event = (0..count).fold(event, |event, n| {
                event.number("Lag", Unit::None, f64::from(u32::try_from(n).unwrap()))
            });
            let mut seen = Vec::new();
            let mut once = 0;
            for line in lines(&event, "N", None, 0) {
                once += usize::from(line.get("Once").is_some());
                prop_assert_eq!(line.get("note").is_some(), line.get("Once").is_some());
                let values = match &line["Lag"] {
                    Value::Array(values) => values.clone(),
                    Value::Null => vec![],
                    one => vec![one.clone()],
                };
                prop_assert!(values.len() <= MAX_VALUES);
                seen.extend(values);
            }
            prop_assert_eq!(once, 1);
            prop_assert_eq!(&seen[..], event.values("Lag").iter().map(|v| json!(v)).collect::<Vec<_>>());
        }
    }
}
