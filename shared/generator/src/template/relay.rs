//! The relay of an event table.

use super::function::{Block, block};
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
        .map(|(subscriber, wanted)| (format!("{}Queue", pascal(subscriber.name)), wanted))
        .collect();
    let events = fill(
        include_str!("stream.yaml"),
        &[
            ("table", &name),
            ("batch", &settings::STREAM_BATCH.to_string()),
            ("retries", &settings::STREAM_RETRIES.to_string()),
            ("max_age", &settings::STREAM_MAX_AGE.as_secs().to_string()),
        ],
    );
    block(&Block {
        name: &format!("{}-{}", table.service, function.name),
        binary: part.name,
        function,
        depends: "",
        environment: &environment(&destinations),
        events: &events,
        statements: &statements(&name, &destinations),
    })
}

type Destination = (String, Vec<&'static str>);

fn environment(destinations: &[Destination]) -> String {
    let destinations: Vec<_> = destinations
        .iter()
        .map(|(queue, wanted)| {
            let wanted: Vec<_> = wanted.iter().map(|category| format!("{category:?}")).collect();
            format!(
                r#"{{"queueUrl":"${{{queue}}}","categories":[{}]}}"#,
                wanted.join(",")
            )
        })
        .collect();
    format!(
        "          LANES: !Ref Lanes\n          DESTINATIONS: !Sub >-\n            [{}]\n",
        destinations.join(",")
    )
}

fn statements(table: &str, destinations: &[Destination]) -> String {
    let stream = [
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
    ];
    let queues = destinations.iter().map(|(queue, _)| arn(queue));
    let queues: Vec<_> = queues.chain([arn("RelayFailures")]).collect();
    allow(&stream, &[format!("!GetAtt {table}.StreamArn")], "")
        + &allow(
            &["dynamodb:ListStreams"],
            &[format!("!Sub ${{{table}.Arn}}/stream/*")],
            "",
        )
        + &allow(&["sqs:SendMessage"], &queues, "")
}
