//! The resources of operations: the API that decides about runs, the worker that executes them, and their queue and schedules.

use super::function::source_tables;
use super::relay;
use super::role::{PUBLISHED, allow, arn, taking};
use super::tables::with_settings;
use super::text::{comment, entry, fill, pascal, rate};
use function::{Function, Kind, Part, Subscriber, System, Trigger, settings};

/// Returns whether the functions of a part know every table and queue.
pub(super) fn operates(part: &Part) -> bool {
    let mut functions = part.functions.iter();
    functions.any(|function| matches!(function.trigger, Trigger::Tasks))
}

/// Returns the name of the task queue.
pub(super) fn queue(part: &Part) -> String {
    format!("{}Tasks", pascal(part.name))
}

/// Returns the queues of what others gave up, from which the worker takes it.
pub(super) fn given_up(system: &System) -> impl Iterator<Item = String> {
    let dead_letters = system
        .subscribers()
        .map(|subscriber| format!("{}DeadLetters", pascal(subscriber.name)));
    dead_letters.chain(["RelayFailures".to_owned()])
}

/// Returns the queue with its dead letters and its policy.
pub(super) fn tasks(part: &Part, worker: &Function) -> String {
    let values = [("tasks", &*queue(part)), ("tick", &rate(settings::TICK))];
    let tasks = fill(include_str!("tasks.yaml"), &values);
    with_settings(&tasks, worker, settings::MAX_TASK_RECEIVE_COUNT)
}

/// Returns the `DependsOn` that deploys the worker after the relays.
pub(super) fn after_relays(system: &System) -> String {
    let relays: Vec<_> = relay::names(system).collect();
    if relays.is_empty() {
        return String::new();
    }
    let why = comment(
        4,
        "It builds a new view as soon as it knows of it. By then every relay has to know of it as well: what is committed
after the worker has looked at an event table reaches the view only through its queue.",
    );
    why + &entry(4, "DependsOn", &relays)
}

/// Returns the environment variables that describe the whole system.
pub(super) fn variables(system: &System, part: &Part) -> String {
    let subscribers: Vec<_> = system
        .subscribers()
        .map(|subscriber| {
            let (name, id) = (subscriber.name, pascal(subscriber.name));
            format!(r#""{name}":{{"table":"${{{id}Table}}","queueUrl":"${{{id}Queue}}"}}"#)
        })
        .collect();
    let categories: Vec<_> = system
        .event_tables()
        .flat_map(|table| table.categories.iter().copied())
        .collect();
    format!(
        "          # A queue's RedrivePolicy names its dead-letter queue: Lambda allows 4 KB for all variables.
          SUBSCRIBERS: !Sub >-
            {{{}}}
          SOURCE_TABLES: !Sub >-
            {}
          TASK_QUEUE_URL: !Ref {}
          LANES: !Ref Lanes
",
        subscribers.join(",\n            "),
        source_tables(system, &categories),
        queue(part)
    )
}

/// The keys of generations, of rebuilds and sweeps, and of skipped events.
const NO_DOCUMENT: &str = "                Condition:
                  ForAllValues:StringLike: {dynamodb:LeadingKeys: [registry, \"rebuild#*\", \"sweep#*\", \"clear#*\", skips]}
";

/// Returns the permissions of the function behind the API.
pub(super) fn asking(system: &System, part: &Part) -> String {
    let tables = [
        document_tables(system, Kind::View),
        document_tables(system, Kind::Reactor),
    ]
    .concat();
    let queue = queue(part);
    let mut seen = vec![arn(&queue), arn(&format!("{queue}Dead")), arn("RelayFailures")];
    seen.extend(of_subscribers(system, "Queue"));
    seen.extend(of_subscribers(system, "DeadLetters"));
    [
        allow(&["dynamodb:GetItem", "dynamodb:Query"], &tables, ""),
        comment(
            14,
            "The generations, the state of rebuilds and sweeps, and skipped events, but no documents.",
        ),
        allow(
            &[
                "dynamodb:ConditionCheckItem",
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
            ],
            &tables,
            NO_DOCUMENT,
        ),
        comment(14, "To estimate the size of a rebuild. It returns no items."),
        allow(&["dynamodb:DescribeTable"], &event_tables(system), ""),
        sending(system, &queue),
        allow(&["sqs:GetQueueAttributes"], &seen, ""),
        comment(14, "The action for reading metrics has no resources."),
        "              - {Effect: Allow, Action: cloudwatch:GetMetricData, Resource: \"*\"}\n".to_owned(),
    ]
    .concat()
}

/// Returns the permissions of the worker.
pub(super) fn working(system: &System, part: &Part) -> String {
    let (views, reactors) = (
        document_tables(system, Kind::View),
        document_tables(system, Kind::Reactor),
    );
    let mut statements = comment(
        14,
        "All events without the services' private state: `s` and `f` are not among the attributes.",
    ) + &allow(
        &["dynamodb:Query", "dynamodb:Scan"],
        &event_tables(system),
        PUBLISHED,
    );
    if !views.is_empty() {
        statements += &allow(&ON_VIEWS, &views, "");
    }
    if !reactors.is_empty() {
        statements += &comment(
            14,
            "Reactors are swept but never rebuilt: a rebuild would repeat their effects (G9).",
        );
        statements += &allow(&READ_REACTORS, &reactors, "");
        statements += &allow(&MARK_REACTORS, &reactors, NO_DOCUMENT);
    }
    let tasks = queue(part);
    let taken: Vec<_> = std::iter::once(tasks.clone()).chain(given_up(system)).collect();
    statements + &sending(system, &tasks) + &taking(&taken)
}

const ON_VIEWS: [&str; 9] = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];
const READ_REACTORS: [&str; 4] = [
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
];
const MARK_REACTORS: [&str; 4] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
];

fn sending(system: &System, queue: &str) -> String {
    let mut queues = vec![arn(queue)];
    queues.extend(of_subscribers(system, "Queue"));
    allow(&["sqs:SendMessage"], &queues, "")
}

fn event_tables(system: &System) -> Vec<String> {
    let tables = system.event_tables();
    tables.map(|table| arn(&pascal(&table.name))).collect()
}

fn document_tables(system: &System, kind: Kind) -> Vec<String> {
    let of_kind = system.subscribers().filter(|subscriber| subscriber.kind == kind);
    of_kind.map(|subscriber| resource(subscriber, "Table")).collect()
}

fn of_subscribers(system: &System, what: &'static str) -> impl Iterator<Item = String> {
    system
        .subscribers()
        .map(move |subscriber| resource(subscriber, what))
}

fn resource(subscriber: &Subscriber, what: &str) -> String {
    arn(&format!("{}{what}", pascal(subscriber.name)))
}
