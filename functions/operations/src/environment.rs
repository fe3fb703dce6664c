//! The environment of the functions.

use aws_sdk_dynamodb::Client;
use function::lambda::{self, EnvironmentError};
use function::{Wiring, settings};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A subscriber's table and queue. In the environment variable `SUBSCRIBERS`:
/// `{"order-history":{"table":"order-history","queueUrl":"https://…/order-history.fifo"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Place {
    table: String,
    queue_url: String,
}

/// The environment of both roles.
pub(crate) struct Environment {
    /// All event tables, and the documents of all subscribers.
    pub(crate) wiring: Wiring,
    /// The URL of each subscriber's queue, by its name.
    pub(crate) queues: BTreeMap<String, String>,
    /// The event table of each category.
    pub(crate) tables: BTreeMap<String, String>,
    /// The URL of the queue of tasks.
    pub(crate) tasks: String,
    pub(crate) lanes: u32,
}

impl Environment {
    /// Reads `SUBSCRIBERS`, `SOURCE_TABLES` (`{"order":"orders-events"}`, all categories), `TASK_QUEUE_URL`, and `LANES`.
    pub(crate) fn read(client: Client) -> Result<Self, EnvironmentError> {
        let subscribers: BTreeMap<String, Place> = lambda::json("SUBSCRIBERS")?;
        let events: BTreeMap<String, String> = lambda::json("SOURCE_TABLES")?;
        let mut wiring = events
            .clone()
            .into_iter()
            .fold(Wiring::new(client), |wiring, (category, table)| {
                wiring.events(category, table)
            });
        let mut queues = BTreeMap::new();
        for (name, place) in subscribers {
            wiring = wiring.documents(&name, place.table);
            queues.insert(name, place.queue_url);
        }
        Ok(Self {
            wiring,
            queues,
            tables: events,
            tasks: lambda::required("TASK_QUEUE_URL")?,
            lanes: lambda::json_or("LANES", settings::LANES)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn place_has_a_table_and_a_queue() {
        let text = r#"{"couriers":{"table":"t","queueUrl":"https://q.fifo"}}"#;
        let places: BTreeMap<String, Place> = serde_json::from_str(text).unwrap();
        let place = Place {
            table: "t".to_owned(),
            queue_url: "https://q.fifo".to_owned(),
        };
        assert_eq!(places, [("couriers".to_owned(), place)].into());
    }
}
