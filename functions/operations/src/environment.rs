//! What the functions are told by their environment.

use crate::Tables;
use serde::Deserialize;
use std::collections::BTreeMap;
use telemetry::lambda::{self, EnvironmentError};

/// Lanes per queue where `LANES` does not say otherwise: as for the relays.
const DEFAULT_LANES: u32 = 64;

/// A subscriber's place. In the environment variable `SUBSCRIBERS`:
/// `{"order-history":{"table":"order-history","queueUrl":"https://…/order-history.fifo"}}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Place {
    table: String,
    queue_url: String,
}

/// What both roles are told.
pub(crate) struct Environment {
    pub(crate) tables: Tables,
    /// The URL of each subscriber's queue, by its name.
    pub(crate) queues: BTreeMap<String, String>,
    /// The URL of the queue of tasks.
    pub(crate) tasks: String,
    pub(crate) lanes: u32,
}

impl Environment {
    /// `SUBSCRIBERS`, `SOURCE_TABLES` (`{"order":"orders-events"}`, all categories), `TASK_QUEUE_URL`, and `LANES`.
    pub(crate) fn read() -> Result<Self, EnvironmentError> {
        let subscribers: BTreeMap<String, Place> = lambda::json("SUBSCRIBERS")?;
        let (documents, queues) = subscribers
            .into_iter()
            .map(|(name, place)| ((name.clone(), place.table), (name, place.queue_url)))
            .unzip();
        Ok(Self {
            tables: Tables {
                documents,
                events: lambda::json("SOURCE_TABLES")?,
            },
            queues,
            tasks: lambda::required("TASK_QUEUE_URL")?,
            lanes: lambda::json_or("LANES", DEFAULT_LANES)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_table_and_a_queue() {
        let text = r#"{"couriers":{"table":"t","queueUrl":"https://q.fifo"}}"#;
        let places: BTreeMap<String, Place> = serde_json::from_str(text).unwrap();
        let place = Place {
            table: "t".to_owned(),
            queue_url: "https://q.fifo".to_owned(),
        };
        assert_eq!(places, [("couriers".to_owned(), place)].into());
    }
}
