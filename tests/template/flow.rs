//! The path of a commit: tables, streams, relays, queues, subscribers, as the parts describe them.

use crate::deployment::{Deployment, Mapping};
use crate::json::{list, referent, source, strings};
use crate::marketplace;
use function::{EventTable, Kind, Subscriber, settings};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Converts the parts' names to the template's.
pub(crate) mod pascal {
    use serde_json::Value;

    /// Converts `order-history` to `OrderHistory`.
    pub(crate) fn case(name: &str) -> String {
        let capital = |word: &str| {
            word.chars()
                .take(1)
                .flat_map(char::to_uppercase)
                .chain(word.chars().skip(1))
                .collect::<String>()
        };
        name.split('-').map(capital).collect()
    }

    /// Returns the resources that a `Sub` refers to.
    pub(crate) fn referents(value: Option<&Value>) -> Vec<String> {
        let text = value
            .and_then(|value| value["Fn::Sub"].as_str())
            .unwrap_or_default();
        text.split("${")
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name.to_owned())
            .collect()
    }
}

pub(crate) fn event_table(table: &EventTable) -> String {
    pascal::case(&table.name)
}

pub(crate) fn view_table(subscriber: &Subscriber) -> String {
    format!("{}Table", pascal::case(subscriber.name))
}

fn relay(table: &EventTable) -> String {
    format!("{}Relay", pascal::case(table.service))
}

fn queue(subscriber: &Subscriber) -> String {
    format!("{}Queue", pascal::case(subscriber.name))
}

fn function(subscriber: &Subscriber) -> String {
    match subscriber.kind {
        Kind::View => format!("{}Projector", pascal::case(subscriber.name)),
        Kind::Reactor => pascal::case(subscriber.name),
    }
}

fn here() -> Deployment {
    Deployment::of_source(&source())
}

#[track_caller]
pub(crate) fn mapping<'a>(here: &'a Deployment, function: &str) -> &'a Mapping {
    let mut all = here
        .mappings
        .iter()
        .filter(|mapping| mapping.function == function);
    match (all.next(), all.next()) {
        (Some(mapping), None) => mapping,
        _ => panic!("{function} does not have exactly one event source"),
    }
}

/// Returns the key attributes as (name, type, role).
fn keys(properties: &Value) -> Vec<(&str, &str, &str)> {
    let attributes = list(&properties["AttributeDefinitions"]);
    let kind = |name: &str| {
        let definition = attributes
            .iter()
            .find(|attribute| attribute["AttributeName"] == name);
        definition
            .and_then(|definition| definition["AttributeType"].as_str())
            .unwrap_or("undefined")
    };
    list(&properties["KeySchema"])
        .into_iter()
        .filter_map(|key| Some((key["AttributeName"].as_str()?, key["KeyType"].as_str()?)))
        .map(|(name, role)| (name, kind(name), role))
        .collect()
}

#[test]
fn the_tables_are_those_of_the_parts() {
    let expected: BTreeSet<_> = marketplace()
        .event_tables()
        .map(|table| event_table(&table))
        .chain(marketplace().subscribers().map(view_table))
        .collect();
    let here = here();
    assert_eq!(
        here.all("AWS::DynamoDB::Table")
            .map(|(name, _)| name.to_owned())
            .collect::<BTreeSet<_>>(),
        expected
    );
}

#[test]
fn event_tables_are_keyed_by_stream_and_version_and_publish_new_images() {
    let here = here();
    for table in marketplace().event_tables() {
        let properties = here.properties(&event_table(&table));
        assert_eq!(
            keys(properties),
            [("pk", "S", "HASH"), ("sk", "N", "RANGE")],
            "{}",
            table.name
        );
        assert_eq!(
            properties["StreamSpecification"],
            json!({ "StreamViewType": "NEW_IMAGE" }),
            "{}",
            table.name
        );
    }
}

#[test]
fn view_tables_have_the_index_that_lists_read_and_only_where_something_is_listed() {
    let here = here();
    for table in marketplace().subscribers() {
        let properties = here.properties(&view_table(table));
        assert_eq!(
            keys(properties),
            [("pk", "S", "HASH"), ("sk", "S", "RANGE")],
            "{}",
            table.name
        );
        assert!(properties["StreamSpecification"].is_null(), "{}", table.name);
        let carried: Vec<_> = ["l", "v", "r", "t"]
            .into_iter()
            .chain(table.filters.iter().copied())
            .collect();
        let index = json!([{
            "IndexName": "lists",
            "KeySchema": [
                { "AttributeName": "g1pk", "KeyType": "HASH" },
                { "AttributeName": "g1sk", "KeyType": "RANGE" },
            ],
            "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": carried },
        }]);
        let expected = if table.uses.index { index } else { Value::Null };
        assert_eq!(properties["GlobalSecondaryIndexes"], expected, "{}", table.name);
    }
}

#[test]
fn every_event_table_has_one_relay_that_serves_its_subscribers() {
    let here = here();
    for table in marketplace().event_tables() {
        let relay = relay(&table);
        assert_eq!(here.function(&relay).binary, "relay");
        assert_eq!(mapping(&here, &relay).source, event_table(&table));
        let told = here.function(&relay).variables["DESTINATIONS"]["Fn::Sub"]
            .as_str()
            .unwrap();
        let told: BTreeSet<(String, String, Vec<String>)> = serde_json::from_str::<Vec<Value>>(told)
            .unwrap()
            .into_iter()
            .map(|destination| {
                let queue = destination["queueUrl"]
                    .as_str()
                    .unwrap()
                    .trim_matches(['$', '{', '}'])
                    .to_owned();
                (
                    destination["subscriber"].as_str().unwrap().to_owned(),
                    queue,
                    serde_json::from_value(destination["categories"].clone()).unwrap(),
                )
            })
            .collect();
        let expected: BTreeSet<_> = marketplace()
            .destinations(&table)
            .map(|(subscriber, wanted)| {
                let wanted = wanted.into_iter().map(str::to_owned).collect();
                (subscriber.name.to_owned(), queue(subscriber), wanted)
            })
            .collect();
        assert_eq!(told, expected, "{}", table.name);
    }
}

#[test]
fn f3_a_relay_may_send_to_its_destinations_the_worker_and_the_queue_of_failures() {
    let here = here();
    for table in marketplace().event_tables() {
        let send: BTreeSet<_> = here
            .statements(&here.function(&relay(&table)).role)
            .into_iter()
            .filter(|statement| statement["Action"] == "sqs:SendMessage")
            .flat_map(|statement| list(&statement["Resource"]))
            .filter_map(|resource| referent(resource).map(str::to_owned))
            .collect();
        let expected: BTreeSet<_> = marketplace()
            .destinations(&table)
            .map(|(subscriber, _)| queue(subscriber))
            .chain(["RelayFailures".to_owned(), "OperationsTasks".to_owned()])
            .collect();
        assert_eq!(send, expected, "{}", table.name);
        let tasks = &here.function(&relay(&table)).variables["TASK_QUEUE_URL"];
        assert_eq!(tasks, &json!({ "Ref": "OperationsTasks" }), "{}", table.name);
    }
}

#[test]
fn f4_every_stream_is_read_from_its_oldest_record_until_it_is_23_hours_old() {
    let here = here();
    for table in marketplace().event_tables() {
        assert_eq!(
            mapping(&here, &relay(&table)).settings,
            json!({
                "StartingPosition": "TRIM_HORIZON",
                "BatchSize": 100,
                "ParallelizationFactor": { "Ref": "RelayParallelism" },
                "FilterCriteria": { "Filters": [
                    { "Pattern": r#"{"eventName":["INSERT","MODIFY"]}"# },
                    { "Pattern": r#"{"eventName":["REMOVE"],"userIdentity":{"principalId":[{"exists":false}]}}"# },
                ] },
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "BisectBatchOnFunctionError": true,
                "MaximumRetryAttempts": -1,
                "MaximumRecordAgeInSeconds": 23 * 3600,
                "DestinationConfig": { "OnFailure": { "Destination": { "Fn::GetAtt": ["RelayFailures", "Arn"] } } },
            }),
            "{}",
            table.name
        );
    }
}

#[test]
fn every_subscriber_has_a_fifo_queue_and_a_fifo_dead_letter_queue() {
    let here = here();
    for subscriber in marketplace().subscribers() {
        let queue = queue(subscriber);
        let dead_letters = queue.replace("Queue", "DeadLetters");
        let properties = here.properties(&queue);
        assert_eq!(properties["FifoQueue"], true, "{queue}");
        // Per lane, not per queue: otherwise a queue would be limited to 300 messages a second.
        assert_eq!(properties["DeduplicationScope"], "messageGroup", "{queue}");
        assert_eq!(properties["FifoThroughputLimit"], "perMessageGroupId", "{queue}");
        assert_eq!(
            properties["RedrivePolicy"],
            json!({ "deadLetterTargetArn": { "Fn::GetAtt": [dead_letters, "Arn"] }, "maxReceiveCount": 10 }),
            "{queue}"
        );
        assert_eq!(
            here.properties(&dead_letters)["FifoQueue"],
            true,
            "{dead_letters}"
        );
    }
}

#[test]
fn a_messages_visibility_timeout_is_six_times_its_functions_timeout() {
    let here = here();
    for subscriber in marketplace().subscribers() {
        let timeout = here.function(&function(subscriber)).timeout;
        assert_eq!(
            here.properties(&queue(subscriber))["VisibilityTimeout"],
            6 * timeout,
            "{}",
            subscriber.name
        );
    }
}

#[test]
fn every_queue_keeps_its_messages_for_14_days_encrypted() {
    let here = here();
    for (name, queue) in here.all("AWS::SQS::Queue") {
        assert_eq!(queue["MessageRetentionPeriod"], 14 * 24 * 3600, "{name}");
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{name}");
    }
}

#[test]
fn every_subscriber_is_a_function_with_its_role_its_queue_its_table_and_its_sources() {
    let here = here();
    for (part, described) in marketplace().functions() {
        let Some(subscriber) = described.subscribes() else {
            continue;
        };
        let name = function(subscriber);
        let function = here.function(&name);
        assert_eq!(
            (function.binary.as_str(), function.handler.as_str()),
            (part.name, described.role),
            "{name}"
        );
        assert_eq!(
            function.variables["VIEW_TABLE"],
            json!({ "Ref": format!("{}Table", pascal::case(subscriber.name)) }),
            "{name}"
        );
        let sources: BTreeMap<String, String> =
            serde_json::from_str(function.variables["SOURCE_TABLES"]["Fn::Sub"].as_str().unwrap()).unwrap();
        let expected: BTreeMap<_, _> = subscriber
            .sources
            .iter()
            .map(|category| {
                (
                    (*category).to_owned(),
                    format!("${{{}}}", event_table(&marketplace().owner(category).unwrap())),
                )
            })
            .collect();
        assert_eq!(sources, expected, "{name}");
        assert_eq!(
            mapping(&here, &name),
            &Mapping {
                function: name.clone(),
                source: queue(subscriber),
                settings: json!({
                    "BatchSize": 10,
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                    "ScalingConfig": { "MaximumConcurrency": { "Ref": "SubscriberConcurrency" } },
                }),
            }
        );
    }
}

#[test]
fn the_functions_behind_the_api_have_the_tables_that_they_describe() {
    let here = here();
    let described = marketplace().functions();
    for (part, http) in described.filter(|(_, function)| function.answers_http()) {
        let (name, function) = here
            .functions
            .iter()
            .find(|(_, function)| function.binary == part.name && function.handler == http.role)
            .unwrap_or_else(|| panic!("no function for {} as {}", part.name, http.role));
        let table = |variable: &str| {
            function
                .variables
                .get(variable)
                .and_then(referent)
                .map(str::to_owned)
        };
        let own = part.event_table().filter(|_| http.appends);
        assert_eq!(table("EVENT_TABLE"), own.as_deref().map(pascal::case), "{name}");
        assert_eq!(
            table("VIEW_TABLE"),
            http.view.map(|view| format!("{}Table", pascal::case(view.name))),
            "{name}"
        );
    }
}

/// Otherwise every new type of event waits for its subscribers during a deployment.
#[test]
fn deployment_updates_subscribers_before_publishers() {
    let here = source();
    let mut pairs = 0;
    for (part, function) in marketplace().functions().filter(|(_, function)| function.appends) {
        let name = pascal::case(&function.name);
        let after: BTreeSet<_> = strings(&here["Resources"][&name]["DependsOn"])
            .into_iter()
            .collect();
        let listeners = marketplace().functions().filter_map(|(_, listener)| {
            let subscriber = listener.subscribes()?;
            let listens = subscriber.sources.iter().any(|source| part.owns.contains(source));
            // Reactors listen to one another, which leaves no order among them.
            let can_be_first = function.subscribes().is_none() || subscriber.kind == Kind::View;
            (listens && can_be_first).then(|| pascal::case(&listener.name))
        });
        let listeners: BTreeSet<_> = listeners.collect();
        assert_eq!(after, listeners.iter().map(String::as_str).collect(), "{name}");
        pairs += listeners.len();
    }
    assert!(pairs > 20, "{pairs}");
}

#[test]
fn only_the_parts_have_event_sources() {
    let subscribers = marketplace().subscribers().count();
    let expected = marketplace().event_tables().count() + subscribers;
    assert_eq!(
        here().mappings.len(),
        expected + 1 + subscribers + 1,
        "the parts' mappings, the worker's queue, the dead-letter queues, and the relays' failures"
    );
}

#[test]
fn the_number_of_lanes_comes_from_the_settings() {
    assert_eq!(source()["Parameters"]["Lanes"]["Default"], settings::LANES);
    let here = here();
    for table in marketplace().event_tables() {
        assert_eq!(
            here.function(&relay(&table)).variables["LANES"],
            json!({ "Ref": "Lanes" })
        );
    }
}
