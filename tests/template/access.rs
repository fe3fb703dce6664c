//! The permissions of functions (G12, G14).

use crate::deployment::Deployment;
use crate::flow::{event_table, pascal, view_table};
use crate::json::{list, referent, source, strings};
use crate::marketplace;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The attributes of a commit that the read side may read: all but `s`, the service's private state, and `f`, the fingerprint
/// of a client's request.
const PUBLISHED: [&str; 9] = ["pk", "sk", "n", "i", "c", "p", "t", "m", "e"];

fn here() -> Deployment {
    Deployment::of_source(&source())
}

fn actions(statement: &Value) -> BTreeSet<&str> {
    strings(&statement["Action"]).into_iter().collect()
}

/// Returns the resource of this template to which a policy's resource belongs.
pub(crate) fn target(resource: &Value) -> Option<String> {
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
                // The action for reading metrics has no resources; see below.
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
fn the_only_action_of_every_function_without_a_resource_is_to_send_trace_segments() {
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
fn only_lambda_may_assume_a_functions_role() {
    let here = here();
    for function in here.functions.values() {
        let trust = &here.properties(&function.role)["AssumeRolePolicyDocument"]["Statement"];
        let lambda = json!([{ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }]);
        assert_eq!(trust, &lambda, "{}", function.role);
    }
}

/// Returns per function and table the permitted actions and their condition.
pub(crate) fn table_access(here: &Deployment) -> Vec<(&str, String, BTreeSet<&str>, &Value)> {
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
    for table in marketplace().event_tables() {
        let writers: BTreeSet<_> = table_access(&here)
            .into_iter()
            .filter(|(_, target, actions, _)| {
                *target == event_table(&table) && actions.contains("dynamodb:PutItem")
            })
            .map(|(function, ..)| here.function(function).binary.as_str())
            .collect();
        assert_eq!(writers, BTreeSet::from([table.service]), "{}", table.name);
    }
}

#[test]
fn functions_that_write_documents_may_lift_their_quarantine() {
    let here = here();
    let mut writers = 0;
    for table in marketplace().subscribers() {
        for (function, target, actions, _) in table_access(&here) {
            let operates = function.starts_with("Operations");
            if target == view_table(table) && actions.contains("dynamodb:PutItem") && !operates {
                writers += 1;
                assert!(actions.contains("dynamodb:DeleteItem"), "{function} on {target}");
            }
        }
    }
    assert_eq!(writers, marketplace().subscribers().count());
}

#[test]
fn events_are_never_changed_or_removed() {
    let here = here();
    let tables: BTreeSet<_> = marketplace()
        .event_tables()
        .map(|table| event_table(&table))
        .collect();
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
fn functions_that_do_not_own_events_read_them_without_the_private_state() {
    let here = here();
    let mut readers = 0;
    for table in marketplace().event_tables() {
        for (function, target, actions, condition) in table_access(&here) {
            let owner = here.function(function).binary == table.service;
            let relay = here.function(function).binary == "relay";
            // This action returns no items.
            let describes = actions == BTreeSet::from(["dynamodb:DescribeTable"]);
            if target == event_table(&table) && !owner && !relay && !describes {
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
                        // Without this, a Query that names no attributes would return all of them.
                        "StringEquals": { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
                    }),
                    "{function} on {target}"
                );
            }
        }
    }
    assert!(readers > 0);
}

/// IAM cannot require that an item does not exist yet. What it can say is that no function changes or deletes one in place;
/// a PutItem over a commit is found by the chain and raises an alarm.
#[test]
fn f13_no_function_updates_or_deletes_commits() {
    let here = here();
    let allowed = ["PutItem", "Query", "Scan", "DescribeTable"].map(|action| format!("dynamodb:{action}"));
    let tables: BTreeSet<_> = marketplace()
        .event_tables()
        .map(|table| event_table(&table))
        .collect();
    let mut writers = 0;
    for (function, target, actions, _) in table_access(&here) {
        if tables.contains(&target) && here.function(function).binary != "relay" {
            writers += usize::from(actions.contains("dynamodb:PutItem"));
            assert!(
                actions
                    .iter()
                    .all(|action| allowed.iter().any(|allowed| allowed == action)),
                "{function} on {target}: {actions:?}"
            );
        }
    }
    assert!(writers >= tables.len());
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
            // The composition may also invoke functions; see below.
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
fn only_the_composition_invokes_functions_and_only_those_in_its_environment() {
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

#[test]
fn functions_that_apply_events_may_query_the_skipped_ones() {
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
fn a_function_may_use_exactly_the_tables_in_its_environment() {
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
fn no_route_is_public() {
    for route in here().routes {
        assert_eq!(route.authorization, "AWS_IAM", "{} {}", route.method, route.path);
    }
    // The API invokes functions with a permission per route, not with the caller's permissions.
    assert_eq!(
        source()["Resources"]["Api"]["Properties"]["Auth"]["InvokeRole"],
        "NONE"
    );
}
