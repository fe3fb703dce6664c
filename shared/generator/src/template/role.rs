//! A function's permissions: exactly those in its description, without those that all functions have.

use super::operations;
use super::text::{comment, entry, pascal};
use function::{Function, Part, ReadView, Subscriber, System, Trigger};

const INDENT: usize = 16;

/// Returns the statements of a function's policy, without the one for its log.
pub(super) fn statements(system: &System, part: &Part, function: &Function) -> String {
    let mut statements = String::new();
    if function.appends
        && let Some(table) = part.event_table()
    {
        statements += &allow(
            &["dynamodb:PutItem", "dynamodb:Query"],
            &[arn(&pascal(&table))],
            "",
        );
    }
    if let Some(view) = &function.view {
        statements += &reading(view, function.why);
    }
    if let Some(subscriber) = function.subscribes() {
        statements += &writing(subscriber);
    }
    if !function.reads.is_empty() {
        if function.view.is_none() {
            statements += &comment(INDENT - 2, function.why);
        }
        statements += &foreign_events(system, function);
    }
    if let Some(subscriber) = function.subscribes() {
        statements += &taking_and_hiding(&format!("{}Queue", pascal(subscriber.name)));
    }
    if !function.asks.is_empty() {
        let asked: Vec<_> = function.asks.iter().map(|part| arn(&pascal(part))).collect();
        statements += &allow(&["lambda:InvokeFunction"], &asked, "");
    }
    match &function.trigger {
        Trigger::Http(_) if operations::operates(part) => statements += &operations::asking(system, part),
        Trigger::Tasks => statements += &operations::working(system, part),
        _ => {}
    }
    statements
}

/// Returns a statement; `condition` is the text of its last lines.
pub(super) fn allow(actions: &[&str], resources: &[String], condition: &str) -> String {
    let actions: Vec<_> = actions.iter().map(|&action| action.to_owned()).collect();
    format!(
        "              - Effect: Allow\n{}{}{condition}",
        entry(INDENT, "Action", &actions),
        entry(INDENT, "Resource", resources)
    )
}

pub(super) fn arn(resource: &str) -> String {
    format!("!GetAtt {resource}.Arn")
}

/// The condition that excludes private state from events.
pub(super) const PUBLISHED: &str = "                Condition:
                  ForAllValues:StringEquals: {dynamodb:Attributes: [pk, sk, n, i, c, p, t, m, e]}
                  StringEquals: {dynamodb:Select: SPECIFIC_ATTRIBUTES}
";

/// The actions by which Lambda receives from a queue.
const TAKING: [&str; 3] = [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
];

/// Returns the statement for receiving from queues.
pub(super) fn taking(queues: &[String]) -> String {
    let queues: Vec<_> = queues.iter().map(|queue| arn(queue)).collect();
    allow(&TAKING, &queues, "")
}

/// Returns the statement for receiving from a subscriber's queue. The function itself decides how long a message that failed
/// is hidden.
fn taking_and_hiding(queue: &str) -> String {
    let actions = [&TAKING[..], &["sqs:ChangeMessageVisibility"]].concat();
    allow(&actions, &[arn(queue)], "")
}

fn reading(view: &ReadView, why: &str) -> String {
    let table = format!("{}Table", pascal(view.name));
    if !view.lists {
        return comment(INDENT - 2, why) + &allow(&["dynamodb:GetItem"], &[arn(&table)], "") + &skips(&table);
    }
    let mut statements = if view.uses.rows || view.uses.journal {
        let actions = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];
        allow(&actions, &[arn(&table)], "")
    } else {
        allow(&["dynamodb:BatchGetItem", "dynamodb:GetItem"], &[arn(&table)], "") + &skips(&table)
    };
    if view.uses.index {
        statements += &allow(
            &["dynamodb:Query"],
            &[format!("!Sub ${{{table}.Arn}}/index/lists")],
            "",
        );
    }
    statements
}

fn writing(subscriber: &Subscriber) -> String {
    let table = format!("{}Table", pascal(subscriber.name));
    // DeleteItem lifts a document's quarantine.
    let mut actions = vec![
        "dynamodb:BatchGetItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
    ];
    if subscriber.own_rows.is_some() {
        actions.push("dynamodb:Query");
    }
    if subscriber.uses.tallies {
        actions.push("dynamodb:UpdateItem");
    }
    let documents = allow(&actions, &[arn(&table)], "");
    match subscriber.own_rows {
        Some(why) => comment(INDENT - 2, why) + &documents,
        None => documents + &skips(&table),
    }
}

fn skips(table: &str) -> String {
    let condition =
        "                Condition: {ForAllValues:StringEquals: {dynamodb:LeadingKeys: [skips]}}\n";
    comment(INDENT - 2, "The events that operators decided to skip.")
        + &allow(&["dynamodb:Query"], &[arn(table)], condition)
}

fn foreign_events(system: &System, function: &Function) -> String {
    let mut tables = Vec::new();
    for table in function
        .reads
        .iter()
        .filter_map(|category| system.owner(category))
    {
        let table = arn(&pascal(&table.name));
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    let remark =
        "Other services' events without their private state: `s` and `f` are not among the attributes.";
    comment(INDENT - 2, remark) + &allow(&["dynamodb:Query"], &tables, PUBLISHED)
}
