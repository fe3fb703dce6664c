use std::collections::BTreeMap;

/// Where messages of the worker come from that are not its own tasks.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// The URL of each subscriber's queue, by its name.
    pub queues: BTreeMap<String, String>,
    /// The event table of each category.
    pub tables: BTreeMap<String, String>,
}

impl Origins {
    /// Returns the subscriber with this queue. The last part of a queue's ARN and URL is its name.
    pub(crate) fn subscriber_of(&self, queue_arn: &str) -> Option<&str> {
        let name = queue_arn.rsplit(':').next()?;
        let mut queues = self.queues.iter();
        let (subscriber, _) = queues.find(|(_, url)| url.rsplit('/').next() == Some(name))?;
        Some(subscriber)
    }

    /// Returns the categories of a stream's event table, `arn:aws:dynamodb:…:table/{name}/stream/…`; all categories when the
    /// table is unknown.
    pub(crate) fn categories_of(&self, stream_arn: &str) -> Vec<&str> {
        let table = stream_arn.split_once(":table/");
        let table = table.and_then(|(_, rest)| rest.split('/').next());
        let of = |wanted: Option<&str>| -> Vec<&str> {
            let tables = self.tables.iter();
            let of = tables.filter(|(_, table)| wanted.is_none_or(|wanted| wanted == table.as_str()));
            of.map(|(category, _)| category.as_str()).collect()
        };
        match of(table) {
            found if !found.is_empty() => found,
            _ => of(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins() -> Origins {
        let map = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        Origins {
            queues: map(&[
                (
                    "couriers",
                    "https://sqs.eu-west-1.amazonaws.com/1/stack-CouriersQueue-1A.fifo",
                ),
                (
                    "menus",
                    "https://sqs.eu-west-1.amazonaws.com/1/stack-MenusQueue-1A.fifo",
                ),
            ]),
            tables: map(&[
                ("order", "orders-events"),
                ("revision", "orders-events"),
                ("ticket", "kitchen"),
            ]),
        }
    }

    #[test]
    fn f5_subscriber_of_a_dead_letter_is_found_by_its_queue() {
        let arn = "arn:aws:sqs:eu-west-1:1:stack-MenusQueue-1A.fifo";
        assert_eq!(origins().subscriber_of(arn), Some("menus"));
        assert_eq!(
            origins().subscriber_of("arn:aws:sqs:eu-west-1:1:another.fifo"),
            None
        );
    }

    #[test]
    fn f5_categories_of_a_stream_are_those_of_its_table() {
        let stream = |table: &str| {
            format!("arn:aws:dynamodb:eu-west-1:1:table/{table}/stream/2026-01-01T00:00:00.000")
        };
        assert_eq!(
            origins().categories_of(&stream("orders-events")),
            ["order", "revision"]
        );
        assert_eq!(origins().categories_of(&stream("another")).len(), 3);
        assert_eq!(origins().categories_of("").len(), 3);
    }
}
