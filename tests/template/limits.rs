//! AWS limits that grow with the number of views.

use crate::deployment::Deployment;
use crate::json::{source, template};
use crate::nested::ALARMS;
use function::settings;
use serde_json::{Map, Value, json};
use std::time::Duration;

fn here() -> Deployment {
    Deployment::of_source(&source())
}

/// The prefix of a queue's URL, for an account in the region with one of the longest names.
const QUEUE_URL: &str = "https://sqs.ap-southeast-2.amazonaws.com/123456789012/";

/// Returns the physical name of a resource, or the URL of a queue, in a stack of this name: CloudFormation appends 13
/// characters.
fn physical(name: &str, stack: &str) -> String {
    let own = format!("{stack}-{name}-1A2B3C4D5E6F");
    match name {
        queue if queue.ends_with("Queue") => format!("{QUEUE_URL}{own}.fifo"),
        "OperationsTasks" => format!("{QUEUE_URL}{own}"),
        _ => own,
    }
}

/// Returns a variable's value as deployed.
fn deployed(value: &Value, stack: &str) -> String {
    if let Some(text) = value["Fn::Sub"].as_str() {
        let mut parts = text.split("${");
        let start = parts.next().unwrap_or_default().to_owned();
        return parts.fold(start, |text, part| {
            let (name, rest) = part.split_once('}').expect("the end of a name");
            text + &physical(name, stack) + rest
        });
    }
    value["Ref"]
        .as_str()
        .map(|name| physical(name, stack))
        .or_else(|| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[test]
fn every_functions_variables_are_within_lambdas_limit() {
    let stack = "a-stack-with-a-name";
    for (name, function) in here().functions {
        let variables = function.variables.iter();
        let bytes = variables.map(|(variable, value)| variable.len() + deployed(value, stack).len());
        let bytes: usize = bytes.sum();
        assert!(bytes <= 4 * 1024, "{name}: {bytes} bytes of 4096");
    }
}

/// Replaces the references of a policy by physical names. Log groups, the only ones with a `Sub`, are of this stack.
fn spelled_out(policy: &Value, stack: &str) -> Value {
    if let Some(name) = policy["Fn::GetAtt"][0].as_str() {
        return json!(format!(
            "arn:aws:dynamodb:ap-southeast-2:123456789012:table/{stack}-{name}-1A2B3C4D5E6F"
        ));
    }
    match policy {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), spelled_out(value, stack)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(values) => values.iter().map(|value| spelled_out(value, stack)).collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn every_roles_policies_are_within_iams_limit() {
    let here = here();
    for (name, function) in &here.functions {
        let policies = spelled_out(
            &here.properties(&function.role)["Policies"],
            "a-stack-with-a-name",
        );
        let size = policies.to_string().len();
        assert!(size <= 10_240, "{name}: {size} characters of 10240");
    }
}

#[test]
fn a13_every_request_is_answered_before_its_function_or_the_gateway_times_out() {
    // A call's attempts fit into it, a wait and the read that follows fit into a request, and there is time left for the
    // response.
    let longest = settings::MAX_WAIT + settings::CALL_TIMEOUT;
    assert!(settings::CONNECT_TIMEOUT < settings::ATTEMPT_TIMEOUT);
    assert!(settings::ATTEMPT_TIMEOUT * 2 < settings::CALL_TIMEOUT, "a retry");
    assert!(longest <= settings::REQUEST_BUDGET);
    let here = here();
    assert!(!here.routes.is_empty());
    for route in &here.routes {
        let timeout = Duration::from_secs(here.function(&route.function).timeout);
        let left = timeout.checked_sub(settings::REQUEST_BUDGET);
        assert!(
            left >= Some(Duration::from_secs(2)),
            "{}: {left:?}",
            route.function
        );
        assert!(timeout < settings::GATEWAY_TIMEOUT, "{}", route.function);
    }
}

#[test]
fn the_stack_has_room_for_another_view() {
    // CloudFormation allows 500 resources. A view has ten or more: its table, queues, functions, roles, logs and routes.
    let size = here().size();
    assert!(size <= 475, "{size} resources of 500");
}

#[test]
fn the_alarms_stack_has_room_for_another_view() {
    // CloudFormation allows 500 resources and 200 parameters. A view has 12 alarms, which have five parameters.
    let alarms = template(ALARMS);
    let size = |section: &str| alarms[section].as_object().map_or(0, Map::len);
    let (resources, parameters) = (size("Resources"), size("Parameters"));
    assert!(resources <= 475, "{resources} alarms of 500");
    assert!(parameters <= 190, "{parameters} parameters of 200");
}
