//! Messages of SQS.

use super::story::{BEGINNING, Commit, identifier};
use function::{Subscriber, System};
use serde_json::{Value, json};

/// Returns a message for each event table that contains the commits.
pub(super) fn messages(system: &System, subscriber: &Subscriber, commits: &[Commit]) -> Value {
    let bodies = system.event_tables().filter_map(|table| {
        let of_table = commits
            .iter()
            .filter(|commit| table.categories.contains(&commit.category.as_str()));
        let of_table: Vec<_> = of_table.map(Commit::whole).collect();
        (!of_table.is_empty()).then(|| json!({ "commits": of_table }).to_string())
    });
    let records = bodies.enumerate().map(|(position, body)| {
        let number = 18_849_496_460_467_696_128_u128 + position as u128;
        let deduplication = identifier(&body);
        let mut record = record(position, &format!("{}.fifo", subscriber.name), &body, "relay");
        record["attributes"]["SequenceNumber"] = json!(number.to_string());
        record["attributes"]["MessageGroupId"] = json!((7 + position).to_string());
        record["attributes"]["MessageDeduplicationId"] = json!(deduplication);
        record
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

/// Returns the task that builds every view that was never built. It affects nothing when all views are filled.
pub(super) fn task(queue: &str) -> Value {
    let task = json!({ "task": "fill", "now": true });
    json!({ "Records": [record(0, queue, &task.to_string(), "events")] })
}

fn record(position: usize, queue: &str, body: &str, sender: &str) -> Value {
    json!({
        "messageId": format!("059f36b4-87a3-44ab-83d2-66197523{position:04}"),
        "receiptHandle": format!("receipt-{position}"),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": (BEGINNING + 5000).to_string(),
            "SenderId": sender,
            "ApproximateFirstReceiveTimestamp": (BEGINNING + 5010).to_string(),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{queue}"),
        "awsRegion": "us-east-1",
    })
}
