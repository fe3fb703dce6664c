//! The operators' resources: the API for operations, the worker behind it, its queue, its schedules, and its permissions (G14).

use crate::access::{table_access, target};
use crate::deployment::{Deployment, Mapping};
use crate::flow::{event_table, pascal};
use crate::json::{list, source};
use crate::marketplace;
use function::{Function, Kind, Part, Trigger};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn here() -> Deployment {
    Deployment::of_source(&source())
}

fn worker() -> (&'static Part, &'static Function) {
    let worker = marketplace().function_of(|trigger| matches!(trigger, Trigger::Tasks));
    worker.expect("a function processes the operators' tasks")
}

fn worker_queue() -> String {
    format!("{}Tasks", pascal::case(worker().0.name))
}

#[test]
fn the_worker_takes_one_task_at_a_time_from_its_queue_and_bounded_in_number() {
    let here = here();
    let deployed = here.function("OperationsWorker");
    let (part, function) = worker();
    assert_eq!(
        (deployed.binary.as_str(), deployed.handler.as_str()),
        (part.name, function.role)
    );
    let mut mappings = here
        .mappings
        .iter()
        .filter(|mapping| mapping.source == worker_queue());
    assert_eq!(
        mappings.next(),
        Some(&Mapping {
            function: "OperationsWorker".to_owned(),
            source: worker_queue(),
            settings: json!({
                "BatchSize": 1,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "ScalingConfig": { "MaximumConcurrency": { "Ref": "OperationsConcurrency" } },
            }),
        })
    );
}

#[test]
fn f5_the_worker_takes_every_dead_letter_and_every_report_of_lost_records() {
    let here = here();
    let worker = "OperationsWorker".to_owned();
    let of_worker = here.mappings.iter().filter(|mapping| mapping.function == worker);
    let taken: BTreeMap<_, _> = of_worker
        .filter(|mapping| mapping.source != worker_queue())
        .map(|mapping| (mapping.source.clone(), mapping.settings.clone()))
        .collect();
    let settings = json!({
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": { "MaximumConcurrency": 2 },
    });
    let dead_letters = marketplace().subscribers();
    let dead_letters = dead_letters.map(|subscriber| format!("{}DeadLetters", pascal::case(subscriber.name)));
    let expected: BTreeMap<_, _> = dead_letters
        .chain(["RelayFailures".to_owned()])
        .map(|queue| (queue, settings.clone()))
        .collect();
    assert_eq!(taken, expected);
    let timeout = here.function(&worker).timeout;
    for queue in expected.keys() {
        assert_eq!(
            here.properties(queue)["VisibilityTimeout"],
            6 * timeout,
            "{queue}"
        );
        let readable = here
            .statements(&here.function(&worker).role)
            .into_iter()
            .any(|statement| {
                list(&statement["Action"]).contains(&&json!("sqs:ReceiveMessage"))
                    && list(&statement["Resource"]).contains(&&json!({ "Fn::GetAtt": [queue, "Arn"] }))
            });
        assert!(readable, "{queue}");
    }
}

#[test]
fn a_tasks_visibility_timeout_is_six_times_the_workers_and_it_has_a_dead_letter_queue() {
    let here = here();
    let queue = here.properties(&worker_queue());
    let timeout = here.function("OperationsWorker").timeout;
    assert_eq!(queue["VisibilityTimeout"], 6 * timeout);
    assert_eq!(
        queue["RedrivePolicy"],
        json!({ "deadLetterTargetArn": { "Fn::GetAtt": ["OperationsTasksDead", "Arn"] }, "maxReceiveCount": 5 })
    );
}

/// The two functions of operations, which are also the names of their roles.
const OPERATIONS: [&str; 2] = ["Operations", "OperationsWorker"];

/// Returns the text of a variable's `Sub`.
fn told(function: &str, variable: &str) -> String {
    let here = here();
    let value = &here.function(function).variables[variable];
    value["Fn::Sub"].as_str().expect("a Sub").to_owned()
}

#[test]
fn operations_know_every_subscriber() {
    let expected: BTreeMap<_, _> = marketplace()
        .subscribers()
        .map(|subscriber| {
            let name = pascal::case(subscriber.name);
            let known = json!({
                "table": format!("${{{name}Table}}"),
                "queueUrl": format!("${{{name}Queue}}"),
            });
            (subscriber.name.to_owned(), known)
        })
        .collect();
    for function in OPERATIONS {
        let told: BTreeMap<String, Value> = serde_json::from_str(&told(function, "SUBSCRIBERS")).unwrap();
        assert_eq!(told, expected, "{function}");
    }
}

#[test]
fn operations_know_the_event_table_of_every_category() {
    let tables = marketplace().event_tables();
    let expected: BTreeMap<_, _> = tables
        .flat_map(|table| {
            let name = format!("${{{}}}", event_table(&table));
            let categories = table.categories.iter();
            categories.map(move |category| ((*category).to_owned(), name.clone()))
        })
        .collect();
    for function in OPERATIONS {
        let told: BTreeMap<String, String> = serde_json::from_str(&told(function, "SOURCE_TABLES")).unwrap();
        assert_eq!(told, expected, "{function}");
    }
}

#[test]
fn operations_know_the_task_queue_and_the_number_of_lanes() {
    let here = here();
    for function in OPERATIONS {
        let variables = &here.function(function).variables;
        assert_eq!(
            variables["TASK_QUEUE_URL"],
            json!({ "Ref": worker_queue() }),
            "{function}"
        );
        assert_eq!(variables["LANES"], json!({ "Ref": "Lanes" }), "{function}");
    }
}

#[test]
fn a_schedule_continues_rounds_of_sweeps_and_queues_deep_sweeps_only_if_enabled() {
    let here = here();
    let rule = |name: &str, wanted: Value| {
        let rule = here.properties(name);
        let task = &rule["Targets"][0];
        assert_eq!(
            task["Arn"],
            json!({ "Fn::GetAtt": [worker_queue(), "Arn"] }),
            "{name}"
        );
        let dead = json!({ "Fn::GetAtt": ["OperationsTasksDead", "Arn"] });
        assert_eq!(task["DeadLetterConfig"]["Arn"], dead, "{name}");
        let input: Value = serde_json::from_str(task["Input"].as_str().unwrap()).unwrap();
        assert_eq!(input, wanted, "{name}");
        rule["State"].clone()
    };
    let rounds = rule("SweepRule", json!({ "task": "sweep-rounds" }));
    assert_eq!(rounds, Value::Null, "enabled");
    assert_eq!(
        rule("DeepSweepRule", json!({ "task": "sweep-all", "deep": true })),
        json!({ "Fn::If": ["DeepSweepsScheduled", "ENABLED", "DISABLED"] })
    );
    let parameters = &source()["Parameters"];
    let defaults = ["SweepSchedule", "DeepSweepSchedule", "DeepSweeps"];
    let defaults = defaults.map(|name| parameters[name]["Default"].clone());
    assert_eq!(defaults, ["rate(1 hour)", "rate(7 days)", "false"]);
}

#[test]
fn a_schedule_searches_for_new_views_every_minute() {
    let here = here();
    let rule = here.properties("FillRule");
    assert_eq!(rule["ScheduleExpression"], json!({ "Ref": "FillSchedule" }));
    assert_eq!(rule["State"], Value::Null, "enabled");
    assert_eq!(
        source()["Parameters"]["FillSchedule"]["Default"],
        "rate(1 minute)"
    );
    let targets = rule["Targets"].as_array().unwrap();
    assert_eq!(targets.len(), 1);
    assert_eq!(
        targets[0]["Arn"],
        json!({ "Fn::GetAtt": [worker_queue(), "Arn"] })
    );
    let dead = json!({ "Fn::GetAtt": ["OperationsTasksDead", "Arn"] });
    assert_eq!(targets[0]["DeadLetterConfig"]["Arn"], dead);
    assert_eq!(targets[0]["Input"], r#"{"task":"fill"}"#);
}

/// Otherwise a new view could miss a commit: the worker has read the event table before it, and the relay does not send it to
/// the view's queue yet.
#[test]
fn worker_is_deployed_after_every_relay() {
    let here = here();
    let worker = source()["Resources"]["OperationsWorker"].clone();
    let after: BTreeSet<_> = list(&worker["DependsOn"])
        .into_iter()
        .filter_map(Value::as_str)
        .collect();
    let relays = here
        .functions
        .iter()
        .filter(|(_, function)| function.binary == "relay");
    let relays: BTreeSet<_> = relays.map(|(name, _)| name.as_str()).collect();
    assert!(!relays.is_empty());
    assert_eq!(after, relays);
}

/// The actions that can change a table, regardless of their condition.
const CHANGES: [&str; 4] = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
];

/// Returns the tables that a function may change, each with the condition.
fn changed_by<'a>(here: &'a Deployment, function: &str) -> Vec<(String, &'a Value)> {
    table_access(here)
        .into_iter()
        .filter(|(name, _, actions, _)| {
            *name == function && CHANGES.iter().any(|change| actions.contains(change))
        })
        .map(|(_, table, _, condition)| (table, condition))
        .collect()
}

/// The condition for items that are no documents: generations, and the progress of rebuilds and sweeps.
fn but_no_document() -> Value {
    let keys = ["registry", "rebuild#*", "sweep#*", "clear#*", "skips"];
    json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } })
}

fn tables_of(kind: Kind) -> BTreeSet<String> {
    let subscribers = marketplace().subscribers();
    let subscribers = subscribers.filter(|subscriber| subscriber.kind == kind);
    subscribers
        .map(|subscriber| format!("{}Table", pascal::case(subscriber.name)))
        .collect()
}

#[test]
fn the_http_function_of_operations_cannot_change_a_document() {
    let here = here();
    let changed = changed_by(&here, "Operations");
    for (table, condition) in &changed {
        assert_eq!(*condition, &but_no_document(), "{table}");
    }
    let tables: BTreeSet<_> = changed.into_iter().map(|(table, _)| table).collect();
    let (views, reactors) = (tables_of(Kind::View), tables_of(Kind::Reactor));
    assert_eq!(tables, views.union(&reactors).cloned().collect());
}

#[test]
fn the_worker_writes_documents_of_views_but_not_of_reactors() {
    let here = here();
    let reactors = tables_of(Kind::Reactor);
    let (limited, free): (Vec<_>, Vec<_>) = changed_by(&here, "OperationsWorker")
        .into_iter()
        .partition(|(_, condition)| *condition == &but_no_document());
    let names = |tables: Vec<(String, &Value)>| -> BTreeSet<String> {
        tables.into_iter().map(|(table, _)| table).collect()
    };
    assert!(free.iter().all(|(_, condition)| condition.is_null()), "{free:?}");
    assert_eq!(names(free), tables_of(Kind::View));
    assert_eq!(names(limited), reactors);
}

#[test]
fn operations_send_only_to_subscribers_and_the_task_queue() {
    let here = here();
    let queues = marketplace().subscribers();
    let queues = queues.map(|subscriber| format!("{}Queue", pascal::case(subscriber.name)));
    let expected: BTreeSet<_> = queues.chain(["OperationsTasks".to_owned()]).collect();
    for function in ["Operations", "OperationsWorker"] {
        let sends: BTreeSet<_> = here
            .statements(&here.function(function).role)
            .into_iter()
            .filter(|statement| statement["Action"] == "sqs:SendMessage")
            .flat_map(|statement| list(&statement["Resource"]))
            .filter_map(target)
            .collect();
        assert_eq!(sends, expected, "{function}");
    }
}

#[test]
fn operations_read_the_attributes_of_every_queue() {
    let here = here();
    let seen: BTreeSet<_> = here
        .statements(&here.function("Operations").role)
        .into_iter()
        .filter(|statement| statement["Action"] == "sqs:GetQueueAttributes")
        .flat_map(|statement| list(&statement["Resource"]))
        .filter_map(target)
        .collect();
    let all: BTreeSet<_> = here
        .all("AWS::SQS::Queue")
        .map(|(name, _)| name.to_owned())
        .collect();
    assert_eq!(seen, all);
}

#[test]
fn f10_a_schedule_tries_again_what_is_due_every_minute() {
    let here = here();
    let rule = here.properties("TickRule");
    assert_eq!(rule["ScheduleExpression"], "rate(1 minute)");
    assert_eq!(rule["State"], Value::Null, "enabled");
    let target = &rule["Targets"][0];
    assert_eq!(target["Input"], r#"{"task":"tick"}"#);
    assert_eq!(target["Arn"], json!({ "Fn::GetAtt": [worker_queue(), "Arn"] }));
}

#[test]
fn only_the_schedule_may_send_tasks_from_outside() {
    let here = here();
    let policies: Vec<_> = here.all("AWS::SQS::QueuePolicy").collect();
    assert_eq!(policies.len(), 1);
    let (_, policy) = policies[0];
    assert_eq!(
        policy["Queues"],
        json!([{ "Ref": "OperationsTasks" }, { "Ref": "OperationsTasksDead" }])
    );
    let rules = ["FillRule", "TickRule", "SweepRule", "DeepSweepRule"]
        .map(|rule| json!({ "Fn::GetAtt": [rule, "Arn"] }));
    assert_eq!(
        policy["PolicyDocument"]["Statement"],
        json!([{
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": [{ "Fn::GetAtt": ["OperationsTasks", "Arn"] }, { "Fn::GetAtt": ["OperationsTasksDead", "Arn"] }],
            "Condition": { "ArnEquals": { "aws:SourceArn": rules } },
        }])
    );
}

#[test]
fn only_operations_have_the_permission_to_read_metrics() {
    let here = here();
    let readers = here.functions.iter().filter(|(_, function)| {
        let statements = here.statements(&function.role);
        statements
            .into_iter()
            .any(|statement| statement["Resource"] == "*")
    });
    let readers: Vec<_> = readers.map(|(name, _)| name.as_str()).collect();
    assert_eq!(readers, ["Operations"]);
}
