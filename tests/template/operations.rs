//! What operation relies on: logs, traces, backups, parameters.

use crate::deployment::Deployment;
use crate::json::source;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

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
        let days = match name {
            "ApiAccessLog" => "AccessLogRetentionDays",
            _ => "LogRetentionDays",
        };
        assert_eq!(group["RetentionInDays"], json!({ "Ref": days }), "{name}");
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

/// Returns the fields of a line of the access log, each with the gateway's variable.
fn access_log() -> BTreeMap<String, String> {
    let template = source();
    let format = template["Resources"]["Api"]["Properties"]["AccessLogSetting"]["Format"].as_str();
    let format = format.expect("a format");
    assert!(!format.contains('\n'), "a line of the log is one line");
    serde_json::from_str(format).expect("a line of the log is JSON")
}

#[test]
fn deployment_access_log_says_who_called_and_from_where() {
    let log = access_log();
    assert_eq!(log["caller"], "$context.identity.userArn");
    assert_eq!(log["sourceIp"], "$context.identity.sourceIp");
}

#[test]
fn deployment_access_log_has_only_these_fields() {
    let fields = [
        "caller",
        "error",
        "httpMethod",
        "integrationLatency",
        "requestId",
        "requestTime",
        "resourcePath",
        "responseLatency",
        "responseLength",
        "sourceIp",
        "status",
        "waf",
        "xrayTraceId",
    ];
    assert_eq!(access_log().into_keys().collect::<Vec<_>>(), fields);
}

#[test]
fn deployment_requests_per_address_are_limited_only_if_the_parameter_is_set() {
    let (template, here) = (source(), here());
    assert_eq!(template["Parameters"]["RequestsPerAddress"]["Default"], 0);
    assert_eq!(
        template["Conditions"]["RequestsLimited"],
        json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": "RequestsPerAddress" }, "0"] }] })
    );
    for name in ["WebAcl", "WebAclAssociation"] {
        assert_eq!(here.resources[name]["Condition"], "RequestsLimited", "{name}");
    }
    let rule = &here.properties("WebAcl")["Rules"][0];
    let limit = &rule["Statement"]["RateBasedStatement"];
    assert_eq!(limit["AggregateKeyType"], "IP");
    assert_eq!(limit["Limit"], json!({ "Ref": "RequestsPerAddress" }));
    assert_eq!(rule["Action"]["Block"]["CustomResponse"]["ResponseCode"], 429);
}

/// A relay and the worker are what everything else needs to catch up.
#[test]
fn deployment_relays_and_the_worker_have_reserved_concurrency_if_the_parameter_is_set() {
    let template = source();
    assert_eq!(template["Parameters"]["RelayReservedConcurrency"]["Default"], 0);
    for (name, function) in here().functions {
        let reserved = match (function.binary.as_str(), name.as_str()) {
            ("relay", _) => "RelayReservedConcurrency",
            // As many as its mapping starts: otherwise messages would be refused, and become dead letters.
            (_, "OperationsWorker") => "OperationsConcurrency",
            _ => "",
        };
        let expected = match reserved {
            "" => Value::Null,
            parameter => {
                json!({ "Fn::If": ["ConcurrencyReserved", { "Ref": parameter }, { "Ref": "AWS::NoValue" }] })
            }
        };
        let properties = &template["Resources"][&name]["Properties"];
        assert_eq!(properties["ReservedConcurrentExecutions"], expected, "{name}");
    }
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
