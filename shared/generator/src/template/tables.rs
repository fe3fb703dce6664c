//! Tables and queues.

use super::text::{fill, pascal};
use function::{EventTable, Function, Subscriber, settings};

const INDEX_ATTRIBUTES: &str =
    "        - {AttributeName: g1pk, AttributeType: S}\n        - {AttributeName: g1sk, AttributeType: S}\n";

pub(super) fn events(table: &EventTable) -> String {
    fill(
        include_str!("event_table.yaml"),
        &[("table", &pascal(&table.name))],
    )
}

/// Generates the table and the queues of a subscriber.
pub(super) fn of_subscriber(function: &Function, subscriber: &Subscriber) -> String {
    let name = pascal(subscriber.name);
    let (attributes, index) = if subscriber.uses.index {
        let carried = ["l", "v", "r", "t"]
            .into_iter()
            .chain(subscriber.filters.iter().copied());
        let carried = carried.collect::<Vec<_>>().join(", ");
        (
            INDEX_ATTRIBUTES,
            fill(include_str!("index.yaml"), &[("attributes", &carried)]),
        )
    } else {
        ("", String::new())
    };
    let table = fill(
        include_str!("document_table.yaml"),
        &[
            ("table", &format!("{name}Table")),
            ("index_attributes", attributes),
            ("index", &index),
        ],
    );
    let queues = fill(include_str!("queue.yaml"), &[("name", &name)]);
    format!(
        "{table}\n{}\n",
        with_settings(&queues, function, settings::MAX_RECEIVE_COUNT)
    )
}

/// Fills in a queue's timeouts and retries.
pub(super) fn with_settings(queue: &str, function: &Function, receives: u32) -> String {
    let visibility = function.timeout * settings::VISIBILITY_PER_TIMEOUT;
    fill(
        queue,
        &[
            ("retention", &settings::MESSAGE_RETENTION.as_secs().to_string()),
            ("visibility", &visibility.as_secs().to_string()),
            ("worker_visibility", &worker_visibility()),
            ("receives", &receives.to_string()),
        ],
    )
}

/// Returns the visibility timeout of the queues of what was given up, in seconds. Their consumer is the worker.
pub(super) fn worker_visibility() -> String {
    let visibility = settings::WORKER_TIMEOUT * settings::VISIBILITY_PER_TIMEOUT;
    visibility.as_secs().to_string()
}
