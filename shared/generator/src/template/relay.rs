//! The relay of an event table.

use super::function::{Block, block};
use super::operations;
use super::role::{allow, arn};
use super::text::{fill, pascal};
use function::{EventTable, Function, Part, System, Trigger, settings};

/// The names of all relays.
pub(super) fn names(system: &System) -> impl Iterator<Item = String> {
    let relay = system.function_of(|trigger| matches!(trigger, Trigger::Stream));
    relay.into_iter().flat_map(|(_, relay)| {
        let tables = system.event_tables();
        tables.map(|table| pascal(&format!("{}-{}", table.service, relay.name)))
    })
}

/// Generates the relay of a table; `part` and `function` are those of the relay.
pub(super) fn relay(system: &System, table: &EventTable, part: &Part, function: &Function) -> String {
    let name = pascal(&table.name);
    let destinations: Vec<_> = system
        .destinations(table)
        .map(|(subscriber, categories)| Destination {
            subscriber: subscriber.name,
            queue: format!("{}Queue", pascal(subscriber.name)),
            categories,
        })
        .collect();
    let tasks = tasks_of(system);
    let (retries, why) = match tasks {
        Some(_) => (
            "-1".to_owned(),
            "Without a limit: the relay puts aside what would block its shard.",
        ),
        None => (
            settings::STREAM_RETRIES.to_string(),
            "By default, one record can block a shard for 24 hours.",
        ),
    };
    let events = fill(
        include_str!("stream.yaml"),
        &[
            ("table", &name),
            ("batch", &settings::STREAM_BATCH.to_string()),
            ("retries", &retries),
            ("why", why),
            ("max_age", &settings::STREAM_MAX_AGE.as_secs().to_string()),
        ],
    );
    block(&Block {
        name: &format!("{}-{}", table.service, function.name),
        binary: part.name,
        function,
        depends: "",
        environment: &environment(&destinations, tasks.as_deref()),
        events: &events,
        statements: &statements(&name, &destinations, tasks.as_deref()),
    })
}

/// Returns the queue of the worker that heals what a relay puts aside, if the system has one.
fn tasks_of(system: &System) -> Option<String> {
    let part = system.parts().iter().find(|part| operations::operates(part));
    part.map(operations::queue)
}

struct Destination {
    subscriber: &'static str,
    queue: String,
    categories: Vec<&'static str>,
}

fn environment(destinations: &[Destination], tasks: Option<&str>) -> String {
    let destinations: Vec<_> = destinations
        .iter()
        .map(|to| {
            let wanted: Vec<_> = to
                .categories
                .iter()
                .map(|category| format!("{category:?}"))
                .collect();
            format!(
                r#"{{"subscriber":"{}","queueUrl":"${{{}}}","categories":[{}]}}"#,
                to.subscriber,
                to.queue,
                wanted.join(",")
            )
        })
        .collect();
    let tasks = tasks.map(|tasks| format!("          TASK_QUEUE_URL: !Ref {tasks}\n"));
    format!(
        "          LANES: !Ref Lanes\n{}          DESTINATIONS: !Sub >-\n            [{}]\n",
        tasks.unwrap_or_default(),
        destinations.join(",")
    )
}

fn statements(table: &str, destinations: &[Destination], tasks: Option<&str>) -> String {
    let stream = [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
    ];
    let queues = destinations.iter().map(|to| arn(&to.queue));
    let queues: Vec<_> = queues
        .chain([arn("RelayFailures")])
        .chain(tasks.map(arn))
        .collect();
    allow(&stream, &[format!("!GetAtt {table}.StreamArn")], "")
        + &allow(
            &["dynamodb:ListStreams"],
            &[format!("!Sub ${{{table}.Arn}}/stream/*")],
            "",
        )
        + &allow(&["sqs:SendMessage"], &queues, "")
}
