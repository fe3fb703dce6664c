//! The event files for `cargo lambda invoke`.

use crate::deployment::Deployment;
use crate::json::{path, source, text};
use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::{dynamodb, sqs::SqsEvent};
use commit::{Commit, Message, Parcel};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn event(function: &str) -> String {
    text(&format!("localstack/events/{function}.json"))
}

/// Returns the name of a function's file: the function's name without the stack's name before it; one for all relays.
fn files(handlers: &[&str]) -> BTreeSet<String> {
    let template = source();
    Deployment::of_source(&template)
        .functions
        .iter()
        .filter(|(_, function)| handlers.contains(&function.handler.as_str()))
        .map(|(name, function)| {
            let full = template["Resources"][name]["Properties"]["FunctionName"]["Fn::Sub"].as_str();
            let own = full
                .and_then(|full| full.strip_prefix("${AWS::StackName}-"))
                .unwrap_or_default();
            if function.binary == "relay" {
                "relay".to_owned()
            } else {
                own.to_owned()
            }
        })
        .collect()
}

const SUBSCRIBERS: [&str; 3] = ["projector", "reactor", "menus"];

#[test]
fn every_function_has_an_event_file_and_every_file_a_function() {
    let present: BTreeSet<_> = std::fs::read_dir(path("localstack/events"))
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .replace(".json", "")
        })
        .collect();
    let all = [&["command", "query", "api", "worker", "relay"][..], &SUBSCRIBERS].concat();
    assert_eq!(present, files(&all));
}

#[test]
fn events_for_commands_and_queries_are_calls_of_a_route() {
    let routes = Deployment::of_source(&source()).routes;
    for function in files(&["command", "query", "api"]) {
        let request: ApiGatewayProxyRequest = serde_json::from_str(&event(&function)).unwrap();
        let (method, resource) = (request.http_method.as_str(), request.resource.as_deref().unwrap());
        let meant = routes
            .iter()
            .any(|route| (route.method.as_str(), route.path.as_str()) == (method, resource));
        assert!(meant, "{function}: {method} {resource} is not a route");
    }
}

#[test]
fn events_for_subscribers_carry_commits_that_they_subscribe_to() {
    for function in files(&SUBSCRIBERS) {
        let name = function.strip_suffix("-projector").unwrap_or(&function);
        let wanted = crate::marketplace().subscriber(name).unwrap().sources;
        let received: SqsEvent = serde_json::from_str(&event(&function)).unwrap();
        assert!(!received.records.is_empty(), "{function}");
        for record in received.records {
            let message: Message = serde_json::from_str(&record.body.unwrap()).unwrap();
            for parcel in message.commits {
                assert!(
                    matches!(parcel, Parcel::Whole(_)),
                    "{function}: a commit lacks a field"
                );
                assert!(
                    wanted.contains(&parcel.stream().category()),
                    "{function}: {}",
                    parcel.stream()
                );
            }
        }
    }
}

#[test]
fn event_of_the_worker_is_the_task_that_fills_views() {
    let received: SqsEvent = serde_json::from_str(&event("operations-worker")).unwrap();
    assert_eq!(received.records.len(), 1);
    let body = received.records[0].body.as_deref().unwrap();
    let task: Value = serde_json::from_str(body).unwrap();
    assert_eq!(task, json!({ "task": "fill", "now": true }));
}

#[test]
fn the_event_for_relays_is_a_batch_of_a_stream() {
    let batch: dynamodb::Event = serde_json::from_str(&event("relay")).unwrap();
    assert!(!batch.records.is_empty());
    for record in batch.records {
        assert_eq!(record.event_name, "INSERT");
        let commit: Commit = serde_dynamo::from_item(record.change.new_image).unwrap();
        assert_eq!(commit.count as usize, commit.events.len());
    }
}
