//! The alarms: every failure is watched by a metric that exists, and the runbook says what to do.

use crate::deployment::Deployment;
use crate::flow::{event_table, pascal};
use crate::json::{referent, source, text};
use crate::marketplace;
use crate::nested;
use embedded::{Stack, StackOptions};
use function::Kind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use telemetry::Metrics;
use tests::{Api, Consumer, Order, Restaurant, eventually};
use tokio::runtime::Builder;

/// The AWS metrics that alarms and the dashboard use, with their dimensions. They cost nothing.
const OF_AWS: [(&str, &str, &[&str]); 12] = [
    ("AWS/ApiGateway", "4XXError", &["ApiName", "Stage"]),
    ("AWS/ApiGateway", "5XXError", &["ApiName", "Stage"]),
    ("AWS/ApiGateway", "Count", &["ApiName", "Stage"]),
    ("AWS/ApiGateway", "Latency", &["ApiName", "Stage"]),
    ("AWS/DynamoDB", "ReadThrottleEvents", &["TableName"]),
    ("AWS/DynamoDB", "WriteThrottleEvents", &["TableName"]),
    ("AWS/Lambda", "ConcurrentExecutions", &["FunctionName"]),
    ("AWS/Lambda", "Errors", &["FunctionName"]),
    ("AWS/Lambda", "IteratorAge", &["FunctionName"]),
    ("AWS/Lambda", "Throttles", &["FunctionName"]),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", &["QueueName"]),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", &["QueueName"]),
];

/// The namespace of this stack's own metrics.
const OWN: &str = "Belvedere/${AWS::StackName}";

/// Returns the deployment with its alarms, which refer to the resources of `template.yaml`.
fn here() -> Deployment {
    let mut here = Deployment::of_source(&source());
    here.resources.extend(nested::alarms());
    here
}

/// A metric: its namespace, its name, the names of its dimensions.
type Metric = (String, String, BTreeSet<String>);

fn metric(namespace: &str, name: &str, dimensions: &[&str]) -> Metric {
    let dimensions = dimensions.iter().map(|&dimension| dimension.to_owned());
    (namespace.to_owned(), name.to_owned(), dimensions.collect())
}

/// Returns the text of a value, or of its `Sub`.
fn plain(value: &Value) -> &str {
    let text = value.as_str().or_else(|| value["Fn::Sub"].as_str());
    text.unwrap_or_else(|| panic!("not text: {value}"))
}

fn metric_of(alarm: &Value) -> Metric {
    let dimensions = alarm["Dimensions"].as_array().expect("dimensions");
    let dimensions = dimensions.iter().map(|dimension| plain(&dimension["Name"]));
    let dimensions: Vec<&str> = dimensions.collect();
    metric(
        plain(&alarm["Namespace"]),
        plain(&alarm["MetricName"]),
        &dimensions,
    )
}

/// Returns what the alarms on a metric watch: resources of this template, or names.
fn watched(metric: &str, dimension: &str) -> BTreeSet<String> {
    here()
        .all("AWS::CloudWatch::Alarm")
        .filter(|(_, alarm)| alarm["MetricName"] == metric && alarm["Dimensions"][0]["Name"] == dimension)
        .map(|(_, alarm)| {
            let value = &alarm["Dimensions"][0]["Value"];
            let value = referent(value).or_else(|| value.as_str());
            value.unwrap_or_else(|| panic!("{alarm}")).to_owned()
        })
        .collect()
}

fn queues(dead_end: bool) -> BTreeSet<String> {
    let here = here();
    let queues = here.all("AWS::SQS::Queue");
    let queues = queues.filter(|(_, queue)| queue["RedrivePolicy"].is_null() == dead_end);
    queues.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_failure_queue_raises_an_alarm_at_its_first_message() {
    assert_eq!(
        watched("ApproximateNumberOfMessagesVisible", "QueueName"),
        queues(true)
    );
    let here = here();
    for (name, alarm) in here.all("AWS::CloudWatch::Alarm") {
        if alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" {
            assert_eq!(alarm["Threshold"], 0, "{name}");
        }
    }
}

#[test]
fn every_queue_with_a_consumer_is_watched_for_old_messages() {
    assert_eq!(
        watched("ApproximateAgeOfOldestMessage", "QueueName"),
        queues(false)
    );
}

#[test]
fn every_relay_is_watched_for_the_age_of_its_records() {
    let here = here();
    let relays = here.functions.iter();
    let relays = relays.filter(|(_, function)| function.binary == "relay");
    let relays: BTreeSet<_> = relays.map(|(name, _)| name.clone()).collect();
    assert_eq!(watched("IteratorAge", "FunctionName"), relays);
}

#[test]
fn every_subscriber_is_watched_for_quarantined_documents() {
    let subscribers = marketplace().subscribers();
    let subscribers: BTreeSet<_> = subscribers.map(|s| s.name.to_owned()).collect();
    assert_eq!(watched("Quarantined", "Subscriber"), subscribers);
}

#[test]
fn every_subscriber_is_watched_for_failed_runs_and_differences() {
    let subscribers = marketplace().subscribers();
    let subscribers: BTreeSet<_> = subscribers.map(|s| s.name.to_owned()).collect();
    assert_eq!(watched("RunsFailed", "Subscriber"), subscribers);
    assert_eq!(watched("Differences", "Subscriber"), subscribers);
}

#[test]
fn every_view_is_watched_for_its_lag_by_its_slowest_commits() {
    let views = marketplace().subscribers();
    let views = views.filter(|s| s.kind == Kind::View);
    let views: BTreeSet<_> = views.map(|s| s.name.to_owned()).collect();
    assert_eq!(watched("Lag", "Subscriber"), views);
    for (name, alarm) in here().all("AWS::CloudWatch::Alarm") {
        if alarm["MetricName"] == "Lag" {
            assert_eq!(alarm["ExtendedStatistic"], "p99", "{name}");
        }
    }
}

#[test]
fn an_alarm_is_named_after_what_it_watches() {
    for subscriber in marketplace().subscribers() {
        let here = here();
        let alarm = here.properties(&format!("{}QuarantineAlarm", pascal::case(subscriber.name)));
        assert_eq!(alarm["Dimensions"][0]["Value"], subscriber.name);
    }
}

#[test]
fn every_function_is_watched_for_errors_and_throttles() {
    let functions: BTreeSet<_> = here().functions.into_keys().collect();
    assert_eq!(watched("Errors", "FunctionName"), functions);
    assert_eq!(watched("Throttles", "FunctionName"), functions);
}

#[test]
fn every_table_is_watched_for_throttles() {
    let here = here();
    let tables = here.all("AWS::DynamoDB::Table");
    let tables: BTreeSet<_> = tables.map(|(name, _)| name.to_owned()).collect();
    assert_eq!(watched("ReadThrottleEvents", "TableName"), tables);
    assert_eq!(watched("WriteThrottleEvents", "TableName"), tables);
}

#[test]
fn every_service_is_watched_for_conflicts() {
    let tables: BTreeSet<_> = marketplace()
        .event_tables()
        .map(|table| event_table(&table))
        .collect();
    assert_eq!(watched("Conflicts", "Table"), tables);
}

#[test]
fn the_api_is_watched_for_5xx_replies() {
    let here = here();
    let alarm = here.properties("Api5xxAlarm");
    assert_eq!(
        metric_of(alarm),
        metric("AWS/ApiGateway", "5XXError", &["ApiName", "Stage"])
    );
    let api = &source()["Resources"]["Api"]["Properties"];
    assert_eq!(alarm["Dimensions"][0]["Value"], api["Name"]);
    assert_eq!(alarm["Dimensions"][1]["Value"], api["StageName"]);
}

#[test]
fn every_alarm_notifies_the_topic_and_ignores_missing_data() {
    for (name, alarm) in here().all("AWS::CloudWatch::Alarm") {
        let told =
            json!({ "Fn::If": ["AlarmsNotify", [{ "Ref": "AlarmTopicArn" }], { "Ref": "AWS::NoValue" }] });
        assert_eq!(alarm["AlarmActions"], told, "{name}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}");
    }
}

#[test]
fn every_stack_has_metrics_of_its_own() {
    for (name, function) in here().functions {
        assert_eq!(plain(&function.variables["METRICS_NAMESPACE"]), OWN, "{name}");
    }
}

/// Returns the metrics that the code emits while an order is placed and read, and a sweep compares it. Recorded once for all
/// tests.
fn emitted() -> &'static BTreeSet<Metric> {
    static EMITTED: LazyLock<BTreeSet<Metric>> = LazyLock::new(|| {
        // A single thread, because metrics are captured on the thread that emits them.
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(order_and_look())
    });
    &EMITTED
}

async fn order_and_look() -> BTreeSet<Metric> {
    let captured = telemetry::capture();
    let stack = Stack::start(system::belvedere(), StackOptions::default())
        .await
        .expect("the embedded stack starts");
    let api = Api::at(stack.url());
    let consumer = Consumer::with_limit(&api, "100.00").await;
    let restaurant = Restaurant::ajanta(&api).await;
    let order = Order::place(&api, &consumer, &restaurant, 5).await;
    let _ = order.eventually_is(&api, "APPROVED").await;
    let sweeps = "/operations/views/order-history/sweeps";
    let sweep = api.post(sweeps, &json!({})).await.expect(202).json();
    eventually("the sweep has ended", async || {
        let sweep = api.get(&format!("{sweeps}/{}", sweep["id"])).await.expect(200);
        if sweep.json()["state"] == "DONE" {
            Ok(())
        } else {
            Err(sweep)
        }
    })
    .await;
    stack.stop().await;
    // Nothing in this run changes a history. The relays, subscribers and services emit it with this function alone.
    telemetry::history_changed("order-events", 1);
    let of = |event: &Metrics| -> Vec<Metric> {
        let dimensions: Vec<&str> = event.dimension_names().collect();
        let names = event.metric_names();
        names.map(|name| metric(OWN, name, &dimensions)).collect()
    };
    captured.events().iter().flat_map(of).collect()
}

fn of_aws() -> BTreeSet<Metric> {
    let all = OF_AWS.iter();
    all.map(|(namespace, name, dimensions)| metric(namespace, name, dimensions))
        .collect()
}

/// Returns what the dashboard shows: the metric of each search in it.
fn shown() -> BTreeSet<Metric> {
    let here = here();
    let body = plain(&here.properties("Dashboard")["DashboardBody"]).to_owned();
    let body: Value = serde_json::from_str(&body).expect("the dashboard is JSON");
    let widgets = body["widgets"].as_array().expect("widgets");
    let metrics = widgets
        .iter()
        .flat_map(|widget| widget["properties"]["metrics"].as_array().expect("metrics"));
    let expressions = metrics.map(|metric| metric[0]["expression"].as_str().expect("an expression"));
    expressions.filter_map(searched).collect()
}

/// Parses `SEARCH('{Namespace,Dimension} MetricName="Name" …', …)`. Returns `None` for an expression over others.
fn searched(expression: &str) -> Option<Metric> {
    let (_, search) = expression.split_once("SEARCH('{")?;
    // The stack's name is in braces, too.
    let (schema, terms) = search
        .split_once("} MetricName=\"")
        .expect("a schema, then a name");
    let (name, _) = terms.split_once('"').expect("the end of the name");
    let mut schema = schema.split(',').map(|part| part.trim_matches('"'));
    let namespace = schema.next().expect("a namespace");
    Some(metric(namespace, name, &schema.collect::<Vec<_>>()))
}

#[test]
fn alarms_and_dashboard_use_only_metrics_that_exist() {
    let here = here();
    let alarms = here
        .all("AWS::CloudWatch::Alarm")
        .map(|(_, alarm)| metric_of(alarm));
    let used: BTreeSet<_> = alarms.chain(shown()).collect();
    assert!(used.len() > 20, "{used:#?}");
    let there: BTreeSet<_> = emitted().union(&of_aws()).cloned().collect();
    let invented: Vec<_> = used.difference(&there).collect();
    assert!(invented.is_empty(), "not emitted: {invented:#?}");
}

#[test]
fn the_dashboard_shows_every_billed_metric() {
    let shown = shown();
    let unseen: Vec<_> = emitted().difference(&shown).collect();
    assert!(unseen.is_empty(), "not on the dashboard: {unseen:#?}");
}

#[test]
fn the_runbook_states_the_number_of_billed_metrics() {
    // The composition calls the services, and every function that reads a view has the view's table.
    let read = marketplace()
        .functions()
        .filter(|(_, function)| function.view.is_some());
    let values = BTreeMap::from([
        ("Subscriber", marketplace().subscribers().count()),
        ("Table", marketplace().event_tables().count()),
        ("View", read.count()),
    ]);
    let metrics = emitted();
    let count: usize = metrics
        .iter()
        // A metric without a dimension is one metric.
        .map(|(_, _, dimensions)| {
            dimensions
                .iter()
                .map(|name| values[name.as_str()])
                .sum::<usize>()
                .max(1)
        })
        .sum();
    let said = format!("{count} metrics of our own");
    assert!(
        text("docs/runbook.md").contains(&said),
        "docs/runbook.md does not say {said:?}"
    );
}

#[test]
fn deployment_is_judged_by_the_api_every_function_and_every_subscriber() {
    let here = here();
    let judge = &here.resources["DeploymentAlarm"];
    assert_eq!(judge["Type"], "AWS::CloudWatch::CompositeAlarm");
    assert_eq!(judge["Condition"], "DeploymentsJudged");
    assert_eq!(source()["Parameters"]["JudgeDeployments"]["Default"], "false");
    let rule = plain(&judge["Properties"]["AlarmRule"]);
    let named = rule.split(" OR ").map(|alarm| {
        let name = alarm
            .strip_prefix("ALARM(\"${")
            .and_then(|name| name.strip_suffix("}\")"));
        name.unwrap_or_else(|| panic!("{alarm}"))
    });
    let named: BTreeSet<_> = named.collect();
    let judges = here.all("AWS::CloudWatch::Alarm").map(|(name, _)| name);
    let judges = judges.filter(|name| {
        *name == "Api5xxAlarm" || name.ends_with("ErrorsAlarm") || name.ends_with("QuarantineAlarm")
    });
    assert_eq!(named, judges.collect());
}

/// A rule may name 100 alarms and have 10,240 characters.
#[test]
fn deployment_judge_is_within_cloudwatchs_limits() {
    let here = here();
    let rule = plain(&here.properties("DeploymentAlarm")["AlarmRule"]).to_owned();
    let alarms = rule.matches("ALARM(").count();
    assert!(alarms <= 100, "{alarms} alarms of 100");
    // CloudFormation puts the names of both stacks before a name, and a random ending after it.
    let size = rule.len() + alarms * "a-stack-with-a-name-Alarms-1A2B3C4D5E6F7--1A2B3C4D5E6F7".len();
    assert!(size <= 10_240, "{size} characters of 10240");
}

/// Returns the runbook's sections about alarms: the pattern in the heading, and the text.
fn sections() -> BTreeMap<String, String> {
    let runbook = text("docs/runbook.md");
    let sections = runbook.split("\n## ").skip(1);
    let sections = sections.filter_map(|section| {
        let (heading, text) = section.split_once('\n')?;
        let pattern = heading.split('`').nth(1)?;
        pattern
            .ends_with("Alarm")
            .then(|| (pattern.to_owned(), text.to_owned()))
    });
    sections.collect()
}

/// Returns whether a pattern matches an alarm: `…QueueAgeAlarm` matches every alarm with that ending.
fn is_about(pattern: &str, alarm: &str) -> bool {
    match pattern.strip_prefix('…') {
        Some(ending) => alarm.ends_with(ending),
        None => alarm == pattern,
    }
}

#[test]
fn the_runbook_has_one_section_for_every_alarm() {
    let sections = sections();
    for (name, _) in here().all("AWS::CloudWatch::Alarm") {
        let about = sections.keys().filter(|pattern| is_about(pattern, name));
        assert_eq!(about.count(), 1, "{name}");
    }
}

#[test]
fn every_alarm_section_of_the_runbook_names_an_existing_alarm() {
    let here = here();
    for pattern in sections().keys() {
        let mut alarms = here.all("AWS::CloudWatch::Alarm");
        assert!(alarms.any(|(name, _)| is_about(pattern, name)), "{pattern}");
    }
}

#[test]
fn every_alarm_section_has_its_three_parts_and_a_command() {
    for (pattern, text) in sections() {
        for part in ["**Means.**", "**Look.**", "**Do.**"] {
            assert!(text.contains(part), "{pattern} lacks {part}");
        }
        assert!(text.contains("```"), "{pattern} has nothing to copy");
    }
}

#[test]
fn the_runbook_states_the_cost_of_the_alarms() {
    let alarms = here().all("AWS::CloudWatch::Alarm").count();
    let said = format!("{alarms} alarms at 0.10");
    assert!(
        text("docs/runbook.md").contains(&said),
        "docs/runbook.md does not say {said:?}"
    );
}
