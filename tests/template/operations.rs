//! What operation relies on: logs, traces, backups, parameters.

use crate::deployment::Deployment;
use crate::json::source;
use serde_json::json;
use std::collections::BTreeSet;

fn here() -> Deployment {
    Deployment::of_source(&source())
}

#[test]
fn every_function_logs_json_into_a_group_with_retention_and_is_traced() {
    let here = here();
    let groups: BTreeSet<_> = here
        .all("AWS::Logs::LogGroup")
        .filter_map(|(_, group)| group["LogGroupName"]["Fn::Sub"].as_str())
        .collect();
    for (name, function) in &here.functions {
        assert!(
            groups.contains(format!("/aws/lambda/${{{name}}}").as_str()),
            "{name} has no log group"
        );
        assert_eq!(function.log_format, "JSON", "{name}");
        assert!(function.traced, "{name}");
    }
}

#[test]
fn every_log_group_has_a_retention() {
    for (name, group) in here().all("AWS::Logs::LogGroup") {
        assert_eq!(
            group["RetentionInDays"],
            json!({ "Ref": "LogRetentionDays" }),
            "{name}"
        );
    }
}

#[test]
fn every_table_is_billed_by_use_encrypted_backed_up_and_retained() {
    let here = here();
    for (name, table) in here.all("AWS::DynamoDB::Table") {
        assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "{name}");
        assert_eq!(table["SSESpecification"], json!({ "SSEEnabled": true }), "{name}");
        assert_eq!(
            table["PointInTimeRecoverySpecification"],
            json!({ "PointInTimeRecoveryEnabled": true }),
            "{name}"
        );
        assert_eq!(
            table["DeletionProtectionEnabled"],
            json!({ "Ref": "TableDeletionProtection" }),
            "{name}"
        );
        assert_eq!(
            here.resources[name]["DeletionPolicy"],
            json!({ "Ref": "TableDeletionPolicy" }),
            "{name}"
        );
        // A change that replaces the table must never delete its data, not even in a temporary stack.
        assert_eq!(here.resources[name]["UpdateReplacePolicy"], "Retain", "{name}");
    }
    let parameters = &source()["Parameters"];
    assert_eq!(parameters["TableDeletionPolicy"]["Default"], "Retain");
    assert_eq!(parameters["TableDeletionProtection"]["Default"], "true");
}

#[test]
fn the_api_is_throttled_and_logs_calls_but_no_bodies() {
    let template = source();
    let api = &template["Resources"]["Api"]["Properties"];
    let settings = &api["MethodSettings"][0];
    assert_eq!(
        (&settings["ResourcePath"], &settings["HttpMethod"]),
        (&json!("/*"), &json!("*"))
    );
    assert_eq!(settings["ThrottlingRateLimit"], json!({ "Ref": "ThrottleRate" }));
    assert_eq!(
        settings["ThrottlingBurstLimit"],
        json!({ "Ref": "ThrottleBurst" })
    );
    assert_eq!(settings["DataTraceEnabled"], false);
    assert_eq!(
        api["AccessLogSetting"]["DestinationArn"],
        json!({ "Fn::GetAtt": ["ApiAccessLog", "Arn"] })
    );
}

#[test]
fn every_function_behind_the_api_ignores_the_stage_in_the_path() {
    for (name, function) in here().functions {
        assert_eq!(
            function.variables["AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH"], "true",
            "{name}"
        );
    }
}

#[test]
fn every_parameter_has_a_description() {
    for (name, parameter) in source()["Parameters"].as_object().unwrap() {
        assert!(
            parameter["Description"]
                .as_str()
                .is_some_and(|text| text.ends_with('.')),
            "{name}"
        );
    }
}
