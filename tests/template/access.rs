//! Who may do what (G12, G14).

use crate::deployment::Deployment;
use crate::flow::{event_table, pascal};
use crate::json::{list, referent, source, strings};
use belvedere_embedded::topology::{SubscriberKind, topology};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the read side may ask for of a commit: everything but `s`, the service's private state, and `f`, the fingerprint
/// of what a client sent.
const PUBLISHED: [&str; 8] = ["pk", "sk", "n", "i", "c", "t", "m", "e"];

fn here() -> Deployment {
    Deployment::of_source(&source())
}

fn actions(statement: &Value) -> BTreeSet<&str> {
    strings(&statement["Action"]).into_iter().collect()
}

/// The resource of this template that a policy's resource lies in.
fn target(resource: &Value) -> Option<String> {
    let sub = resource["Fn::Sub"].as_str();
    let within = sub
        .and_then(|sub| sub.strip_prefix("${"))
        .and_then(|sub| sub.split_once(".Arn}"));
    referent(resource)
        .map(str::to_owned)
        .or_else(|| within.map(|(name, _)| name.to_owned()))
}

#[test]
fn every_function_has_a_role_of_its_own() {
    let here = here();
    let mut users = BTreeMap::<_, Vec<_>>::new();
    for (name, function) in &here.functions {
        users.entry(&function.role).or_default().push(name);
    }
    assert!(users.values().all(|users| users.len() == 1), "{users:#?}");
}

#[test]
fn no_policy_names_a_wildcard_action() {
    let here = here();
    for function in here.functions.values() {
        for statement in here.statements(&function.role) {
            assert!(
                actions(statement).iter().all(|action| !action.contains('*')),
                "{}: {statement}",
                function.role
            );
        }
    }
}

#[test]
fn every_policy_names_resources_of_this_stack() {
    let here = here();
    for function in here.functions.values() {
        for statement in here.statements(&function.role) {
            for resource in list(&statement["Resource"]) {
                let own_log = resource["Fn::Sub"].as_str().is_some_and(|arn| {
                    arn.contains(":log-group:/aws/lambda/${AWS::StackName}-") && arn.ends_with(":*")
                });
                // Reading metrics knows no resources; see below.
                let metrics = statement["Action"] == "cloudwatch:GetMetricData" && resource == "*";
                assert!(
                    own_log || metrics || target(resource).is_some(),
                    "{}: {resource}",
                    function.role
                );
            }
        }
    }
}

#[test]
fn every_function_writes_to_its_own_log_only() {
    let template = source();
    let here = here();
    for (name, function) in &here.functions {
        let full_name = template["Resources"][name]["Properties"]["FunctionName"]["Fn::Sub"]
            .as_str()
            .unwrap();
        let logs: Vec<_> = here
            .statements(&function.role)
            .into_iter()
            .filter(|statement| {
                actions(statement)
                    .iter()
                    .any(|action| action.starts_with("logs:"))
            })
            .collect();
        assert_eq!(logs.len(), 1, "{name}");
        let resource = logs[0]["Resource"]["Fn::Sub"].as_str().unwrap();
        assert!(
            resource.ends_with(&format!(":log-group:/aws/lambda/{full_name}:*")),
            "{name}: {resource}"
        );
    }
}

#[test]
fn the_one_wildcard_is_for_trace_segments() {
    let here = here();
    let policies: Vec<_> = here.all("AWS::IAM::ManagedPolicy").collect();
    assert_eq!(policies.len(), 1);
    let (name, policy) = policies[0];
    assert_eq!(
        policy["PolicyDocument"]["Statement"],
        json!([{ "Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*" }])
    );
    for function in here.functions.values() {
        let attached = &here.properties(&function.role)["ManagedPolicyArns"];
        assert_eq!(attached, &json!([{ "Ref": name }]), "{}", function.role);
    }
}

#[test]
fn only_the_operations_read_metrics_which_cannot_be_named() {
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

#[test]
fn only_lambda_may_take_a_functions_role() {
    let here = here();
    for function in here.functions.values() {
        let trust = &here.properties(&function.role)["AssumeRolePolicyDocument"]["Statement"];
        let lambda = json!([{ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }]);
        assert_eq!(trust, &lambda, "{}", function.role);
    }
}

/// Per function and table, what it may do there and under which condition.
fn table_access(here: &Deployment) -> Vec<(&str, String, BTreeSet<&str>, &Value)> {
    let mut found = Vec::new();
    for (name, function) in &here.functions {
        for statement in here.statements(&function.role) {
            if actions(statement)
                .iter()
                .any(|action| action.starts_with("dynamodb:"))
            {
                for resource in list(&statement["Resource"]) {
                    found.push((
                        name.as_str(),
                        target(resource).expect("a table of this stack"),
                        actions(statement),
                        &statement["Condition"],
                    ));
                }
            }
        }
    }
    found
}

#[test]
fn only_a_service_writes_its_events() {
    let here = here();
    for table in topology().event_tables {
        let writers: BTreeSet<_> = table_access(&here)
            .into_iter()
            .filter(|(_, target, actions, _)| {
                *target == event_table(table) && actions.contains("dynamodb:PutItem")
            })
            .map(|(function, ..)| here.function(function).binary.as_str())
            .collect();
        assert_eq!(writers, BTreeSet::from([table.service]), "{}", table.name);
    }
}

#[test]
fn events_are_never_changed_or_removed() {
    let here = here();
    let tables: BTreeSet<_> = topology().event_tables.iter().map(event_table).collect();
    for (function, target, actions, _) in table_access(&here) {
        let changing = [
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
        ];
        assert!(
            !tables.contains(&target) || changing.iter().all(|action| !actions.contains(action)),
            "{function} may change {target}"
        );
    }
}

#[test]
fn who_does_not_own_events_reads_them_without_the_private_state() {
    let here = here();
    let mut readers = 0;
    for table in topology().event_tables {
        for (function, target, actions, condition) in table_access(&here) {
            let owner = here.function(function).binary == table.service;
            let relay = here.function(function).binary == "relay";
            // It shows no item.
            let describes = actions == BTreeSet::from(["dynamodb:DescribeTable"]);
            if target == event_table(table) && !owner && !relay && !describes {
                readers += 1;
                let reads = match function {
                    "OperationsWorker" => &["dynamodb:Query", "dynamodb:Scan"][..],
                    _ => &["dynamodb:Query"],
                };
                let reads: BTreeSet<_> = reads.iter().copied().collect();
                assert_eq!(actions, reads, "{function} on {target}");
                assert_eq!(
                    condition,
                    &json!({
                        "ForAllValues:StringEquals": { "dynamodb:Attributes": PUBLISHED },
                        // Without this, a Query that names no attributes would be given all of them.
                        "StringEquals": { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
                    }),
                    "{function} on {target}"
                );
            }
        }
    }
    assert!(readers > 0);
}

#[test]
fn a_relay_reads_the_stream_and_not_the_table() {
    let here = here();
    for (function, target, actions, _) in table_access(&here) {
        if here.function(function).binary == "relay" {
            let stream = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];
            let allowed: BTreeSet<_> = stream.iter().map(|action| format!("dynamodb:{action}")).collect();
            assert!(
                actions.iter().all(|action| allowed.contains(*action)),
                "{function} on {target}: {actions:?}"
            );
        }
    }
}

#[test]
fn a_query_function_writes_nothing() {
    let here = here();
    for (name, function) in here
        .functions
        .iter()
        .filter(|(_, function)| function.handler == "query")
    {
        for statement in here.statements(&function.role) {
            let reads = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
            let logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
            // Whom the composition asks answers for itself; see below.
            let asks = name == "OrderComposition" && statement["Action"] == "lambda:InvokeFunction";
            for action in actions(statement) {
                assert!(
                    asks || reads.contains(&action) || logs.contains(&action),
                    "{name} may {action}"
                );
            }
        }
    }
}

#[test]
fn only_the_composition_calls_functions_and_only_those_of_the_services_that_it_is_told_of() {
    let here = here();
    for (name, function) in &here.functions {
        let may: BTreeSet<_> = here
            .statements(&function.role)
            .into_iter()
            .filter(|statement| {
                actions(statement)
                    .iter()
                    .any(|action| action.starts_with("lambda:"))
            })
            .flat_map(|statement| list(&statement["Resource"]))
            .filter_map(target)
            .collect();
        let told: BTreeSet<_> = function
            .variables
            .iter()
            .filter(|(variable, _)| variable.ends_with("_FUNCTION"))
            .filter_map(|(_, value)| referent(value).map(str::to_owned))
            .collect();
        assert_eq!(told, may, "{name}");
        assert_eq!(may.is_empty(), name != "OrderComposition", "{name}");
        for called in may {
            assert_eq!(here.function(&called).handler, "command", "{name} calls {called}");
        }
    }
}

/// What may change a table, apart from being told which keys.
const CHANGES: [&str; 4] = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
];

/// The tables that a function may change, each with the condition.
fn changed_by<'a>(here: &'a Deployment, function: &str) -> Vec<(String, &'a Value)> {
    table_access(here)
        .into_iter()
        .filter(|(name, _, actions, _)| {
            *name == function && CHANGES.iter().any(|change| actions.contains(change))
        })
        .map(|(_, table, _, condition)| (table, condition))
        .collect()
}

/// Generations, and how far rebuilds and sweeps are: what is in a table beside documents.
fn but_no_document() -> Value {
    let keys = ["registry", "rebuild#*", "sweep#*", "clear#*", "skips"];
    json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys } })
}

fn tables_of(kind: SubscriberKind) -> BTreeSet<String> {
    let subscribers = topology().subscribers.iter();
    let subscribers = subscribers.filter(|subscriber| subscriber.kind == kind);
    subscribers
        .map(|subscriber| format!("{}Table", pascal::case(subscriber.name)))
        .collect()
}

#[test]
fn whoever_asks_for_operations_over_http_cannot_change_a_document() {
    let here = here();
    let changed = changed_by(&here, "Operations");
    for (table, condition) in &changed {
        assert_eq!(*condition, &but_no_document(), "{table}");
    }
    let tables: BTreeSet<_> = changed.into_iter().map(|(table, _)| table).collect();
    let (views, reactors) = (
        tables_of(SubscriberKind::View),
        tables_of(SubscriberKind::Reactor),
    );
    assert_eq!(tables, views.union(&reactors).cloned().collect());
}

#[test]
fn the_worker_writes_the_documents_of_views_and_of_no_reactor() {
    let here = here();
    let reactors = tables_of(SubscriberKind::Reactor);
    let (limited, free): (Vec<_>, Vec<_>) = changed_by(&here, "OperationsWorker")
        .into_iter()
        .partition(|(_, condition)| *condition == &but_no_document());
    let names = |tables: Vec<(String, &Value)>| -> BTreeSet<String> {
        tables.into_iter().map(|(table, _)| table).collect()
    };
    assert!(free.iter().all(|(_, condition)| condition.is_null()), "{free:?}");
    assert_eq!(names(free), tables_of(SubscriberKind::View));
    assert_eq!(names(limited), reactors);
}

#[test]
fn whoever_applies_events_may_ask_which_ones_are_left_out() {
    let here = here();
    let skips = json!({ "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["skips"] } });
    let access = table_access(&here);
    for (name, function) in &here.functions {
        let Some(own) = function.variables.get("VIEW_TABLE").and_then(referent) else {
            continue;
        };
        let mut queries = access.iter().filter(|(function, table, actions, _)| {
            function == name && table == own && actions.contains("dynamodb:Query")
        });
        let asks = queries.any(|(.., condition)| condition.is_null() || **condition == skips);
        assert!(asks, "{name} may not query {own}");
    }
}

#[test]
fn operations_ring_for_subscribers_and_give_tasks_and_send_nowhere_else() {
    let here = here();
    let queues = topology().subscribers.iter();
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
fn operations_see_how_full_every_queue_is() {
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
fn only_the_schedule_may_send_tasks_from_outside() {
    let here = here();
    let policies: Vec<_> = here.all("AWS::SQS::QueuePolicy").collect();
    assert_eq!(policies.len(), 1);
    let (_, policy) = policies[0];
    assert_eq!(
        policy["Queues"],
        json!([{ "Ref": "OperationsTasks" }, { "Ref": "OperationsTasksDead" }])
    );
    let rules = json!([{ "Fn::GetAtt": ["SweepRule", "Arn"] }, { "Fn::GetAtt": ["DeepSweepRule", "Arn"] }]);
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
fn a_function_may_use_exactly_the_tables_that_it_is_told_of() {
    let here = here();
    for (name, function) in &here.functions {
        if function.binary == "relay" {
            continue;
        }
        let mut told: BTreeSet<String> = ["EVENT_TABLE", "VIEW_TABLE"]
            .into_iter()
            .filter_map(|variable| {
                function
                    .variables
                    .get(variable)
                    .and_then(referent)
                    .map(str::to_owned)
            })
            .collect();
        told.extend(pascal::referents(function.variables.get("SOURCE_TABLES")));
        let subscribers = pascal::referents(function.variables.get("SUBSCRIBERS"));
        told.extend(subscribers.into_iter().filter(|name| name.ends_with("Table")));
        let may: BTreeSet<_> = table_access(&here)
            .into_iter()
            .filter(|(function, ..)| function == name)
            .map(|(_, target, ..)| target)
            .collect();
        assert_eq!(told, may, "{name}");
    }
}

#[test]
fn no_route_is_open() {
    for route in here().routes {
        assert_eq!(route.authorization, "AWS_IAM", "{} {}", route.method, route.path);
    }
    // The API calls functions with a permission per route, not with whatever the caller may do.
    assert_eq!(
        source()["Resources"]["Api"]["Properties"]["Auth"]["InvokeRole"],
        "NONE"
    );
}
