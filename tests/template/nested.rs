//! The alarms, which are a stack of their own inside of the system's stack.

use crate::deployment::Deployment;
use crate::json::{referent, source, template};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The template of the alarms.
pub(crate) const ALARMS: &str = "template.alarms.yaml";

/// Returns the resources of the alarms' stack, with what `template.yaml` passes as parameters in their place.
pub(crate) fn alarms() -> BTreeMap<String, Value> {
    let template = template(ALARMS);
    let passed = passed();
    let resources = template["Resources"].as_object().expect("resources");
    resources
        .iter()
        .map(|(name, resource)| (name.clone(), filled(resource, &passed)))
        .collect()
}

/// Returns the parameters that `template.yaml` passes.
fn passed() -> Map<String, Value> {
    let parameters = &source()["Resources"]["Alarms"]["Properties"]["Parameters"];
    parameters.as_object().expect("parameters").clone()
}

fn filled(value: &Value, passed: &Map<String, Value>) -> Value {
    if let Some(parameter) = value["Ref"].as_str()
        && let Some(value) = passed.get(parameter)
    {
        return value.clone();
    }
    match value {
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(key, value)| (key.clone(), filled(value, passed)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(values) => values.iter().map(|value| filled(value, passed)).collect(),
        Value::String(text) => json!(text.replace("${System}", "${AWS::StackName}")),
        scalar => scalar.clone(),
    }
}

fn names(section: &Value) -> BTreeSet<String> {
    section
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .cloned()
        .collect()
}

#[test]
fn alarms_are_deployed_with_exactly_their_parameters() {
    let stack = &source()["Resources"]["Alarms"];
    assert_eq!(stack["Type"], "AWS::CloudFormation::Stack");
    assert_eq!(stack["Properties"]["TemplateURL"], ALARMS);
    let passed: BTreeSet<_> = passed().into_iter().map(|(name, _)| name).collect();
    assert_eq!(passed, names(&template(ALARMS)["Parameters"]));
    assert_eq!(self::passed()["System"], json!({ "Ref": "AWS::StackName" }));
}

#[test]
fn every_parameter_is_the_name_of_the_resource_with_its_name() {
    let here = Deployment::of_source(&source());
    for (parameter, value) in passed() {
        if ["System", "AlarmTopicArn", "JudgeDeployments"].contains(&parameter.as_str()) {
            continue;
        }
        assert_eq!(referent(&value), Some(parameter.as_str()));
        let is_queue = match here.resources.get(&parameter) {
            Some(resource) => resource["Type"] == "AWS::SQS::Queue",
            None => {
                assert!(
                    here.functions.contains_key(&parameter),
                    "no {parameter} in template.yaml"
                );
                false
            }
        };
        // The `Ref` of a queue is its URL, which is no dimension of a metric.
        let name = match is_queue {
            true => json!({ "Fn::GetAtt": [parameter, "QueueName"] }),
            false => json!({ "Ref": parameter }),
        };
        assert_eq!(value, name, "{parameter}");
    }
}

#[test]
fn alarms_name_the_system_and_not_their_own_stack() {
    let text = crate::json::text(ALARMS);
    let own = text.lines().find(|line| line.contains("AWS::StackName"));
    assert_eq!(
        own, None,
        "the name of the alarms' own stack is part of no metric; write System: `!Ref System`, `!Sub Belvedere/${{System}}`"
    );
}

/// Otherwise its deployment needs a further capability, and emulators would have to expand it.
#[test]
fn alarms_need_no_transform() {
    assert_eq!(template(ALARMS)["Transform"], Value::Null);
}
