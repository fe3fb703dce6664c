//! The services that `localstack/compose.yaml` enables in LocalStack: it refuses calls to all others, and a stack with a
//! resource of another service is rolled back.

use crate::json::{source, text};
use crate::nested;
use serde_json::Value;
use std::collections::BTreeSet;

/// LocalStack's services by the prefix of a resource type.
const SERVICES_OF_TYPES: [(&str, &[&str]); 11] = [
    ("AWS::ApiGateway::", &["apigateway"]),
    ("AWS::CloudFormation::", &["cloudformation"]),
    ("AWS::CloudWatch::", &["cloudwatch"]),
    // The relays read the tables' streams, and an encrypted table has a key.
    ("AWS::DynamoDB::", &["dynamodb", "dynamodbstreams", "kms"]),
    ("AWS::Events::", &["events"]),
    ("AWS::IAM::", &["iam"]),
    ("AWS::Logs::", &["logs"]),
    ("AWS::SQS::", &["sqs"]),
    // LocalStack does not have it without an account, and it is deployed only with a parameter.
    ("AWS::WAFv2::", &[]),
    ("AWS::Serverless::Api", &["apigateway"]),
    ("AWS::Serverless::Function", &["lambda"]),
];

/// The services that `sam deploy` calls: it uploads the code to a bucket, and reads the account's id.
const SERVICES_OF_THE_DEPLOYMENT: [&str; 3] = ["cloudformation", "s3", "sts"];

#[track_caller]
fn services_of(kind: &str) -> &'static [&'static str] {
    let known = SERVICES_OF_TYPES
        .iter()
        .find(|(prefix, _)| kind.starts_with(prefix));
    match known {
        Some((_, services)) => services,
        None => panic!(
            "the LocalStack service of {kind} is unknown: add it to SERVICES_OF_TYPES in \
             tests/template/localstack.rs, and the service to SERVICES in localstack/compose.yaml"
        ),
    }
}

#[test]
fn localstack_enables_exactly_the_services_of_the_templates_resources() {
    let (template, alarms) = (source(), nested::alarms());
    let resources = template["Resources"].as_object().unwrap();
    let types = resources
        .values()
        .chain(alarms.values())
        .map(|resource| resource["Type"].as_str().unwrap());
    let mut needed: BTreeSet<&str> = types.flat_map(services_of).copied().collect();
    needed.extend(SERVICES_OF_THE_DEPLOYMENT);

    let compose: Value = serde_yaml_ng::from_str(&text("localstack/compose.yaml")).unwrap();
    let offered = compose["services"]["localstack"]["environment"]["SERVICES"].as_str();
    let offered: BTreeSet<&str> = offered.unwrap().split(',').collect();
    assert_eq!(
        offered, needed,
        "SERVICES in localstack/compose.yaml, and the services of the template"
    );
}
