//! The alarms, in a template of their own, and the dashboard that shows the whole pipeline.

use super::text::{fill, pascal};
use super::{operations, relay};
use function::{Function, Part, System, Trigger};
use std::collections::BTreeMap;

/// The name of the alarms' template, beside the system's.
pub(crate) const FILE: &str = "template.alarms.yaml";

/// Returns the template of the alarms.
pub(super) fn template(system: &System) -> String {
    let alarms = alarms(system);
    let parameters = watched(&alarms).into_keys();
    let parameters: String = parameters
        .map(|name| format!("  {name}: {{Type: String}}\n"))
        .collect();
    let head = fill(
        include_str!("alarms_head.yaml"),
        &[("title", system.title), ("watched", &parameters)],
    );
    head + &alarms
}

/// Returns the system's own resources: the stack of the alarms, and the dashboard.
pub(super) fn resources(system: &System) -> String {
    let alarms = alarms(system);
    let parameters = watched(&alarms).into_iter();
    let parameters: String = parameters
        .map(|(name, value)| format!("        {name}: {value}\n"))
        .collect();
    let stack = fill(
        include_str!("alarms_stack.yaml"),
        &[("watched", parameters.trim_end())],
    );
    format!("{stack}\n{}", include_str!("dashboard.yaml"))
}

/// Returns the resources that the alarms watch, each with the expression for its physical name.
///
/// An alarm names a resource as its dimension does: `{Name: QueueName, Value: !Ref RelayFailures}`.
fn watched(alarms: &str) -> BTreeMap<&str, String> {
    let dimensions = alarms.split("{Name: ").skip(1);
    dimensions
        .filter_map(|text| {
            let (dimension, _) = text.split_once('}')?;
            let (dimension, resource) = dimension.split_once(", Value: !Ref ")?;
            let name = match dimension {
                // A queue's `Ref` is its URL.
                "QueueName" => format!("!GetAtt {resource}.QueueName"),
                _ => format!("!Ref {resource}"),
            };
            (resource != "System").then_some((resource, name))
        })
        .collect()
}

fn alarms(system: &System) -> String {
    let of_subscribers = system.subscribers().map(|subscriber| {
        let text = include_str!("alarms_subscriber.yaml");
        fill(
            &of(text, pascal(subscriber.name)),
            &[("subscriber", subscriber.name)],
        )
    });
    let of_views = system.views().map(|view| {
        let text = include_str!("alarms_view.yaml");
        fill(&of(text, pascal(view.name)), &[("subscriber", view.name)])
    });
    let services = system.event_tables();
    let of_services = services.map(|table| of(include_str!("alarms_service.yaml"), pascal(table.service)));
    let functions = functions(system).into_iter();
    let of_functions = functions.map(|name| of(include_str!("alarms_function.yaml"), name));
    let tables = tables(system).into_iter();
    let of_tables = tables.map(|name| of(include_str!("alarms_table.yaml"), name));
    let operating = system.parts().iter().filter(|part| operations::operates(part));
    let of_tasks = operating.map(|part| {
        let text = include_str!("alarms_tasks.yaml");
        fill(text, &[("tasks", &operations::queue(part))])
    });
    let of_all = [include_str!("alarms.yaml"), include_str!("alarms_api.yaml")];
    let all = of_all
        .map(str::to_owned)
        .into_iter()
        .chain(of_tasks)
        .chain(of_subscribers)
        .chain(of_views)
        .chain(of_services)
        .chain(of_functions)
        .chain(of_tables)
        .chain([judge(system)]);
    all.collect::<Vec<_>>().join("\n")
}

/// Returns the alarm over those that tell a bad deployment from a good one.
fn judge(system: &System) -> String {
    let errors = functions(system)
        .into_iter()
        .map(|name| format!("{name}ErrorsAlarm"));
    let quarantines = system.subscribers();
    let quarantines = quarantines.map(|subscriber| format!("{}QuarantineAlarm", pascal(subscriber.name)));
    let judges = ["Api5xxAlarm".to_owned()]
        .into_iter()
        .chain(errors)
        .chain(quarantines);
    let rule: Vec<_> = judges.map(|alarm| format!("ALARM(\"${{{alarm}}}\")")).collect();
    fill(
        include_str!("alarms_deployment.yaml"),
        &[("rule", &rule.join(" OR\n        "))],
    )
}

fn of(alarms: &str, name: String) -> String {
    fill(alarms, &[("name", &name)])
}

fn functions(system: &System) -> Vec<String> {
    let is_relay = |(_, function): &(&Part, &Function)| matches!(function.trigger, Trigger::Stream);
    let others = system.functions().filter(|function| !is_relay(function));
    others
        .map(|(_, function)| pascal(&function.name))
        .chain(relay::names(system))
        .collect()
}

fn tables(system: &System) -> Vec<String> {
    let events = system.event_tables().map(|table| pascal(&table.name));
    let documents = system
        .subscribers()
        .map(|subscriber| format!("{}Table", pascal(subscriber.name)));
    events.chain(documents).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watched_resources_are_passed_by_their_physical_names() {
        let alarms = "[{Name: QueueName, Value: !Ref Failures}]\n[{Name: TableName, Value: !Ref Baskets}]\n\
                      [{Name: ApiName, Value: !Ref System}, {Name: Stage, Value: v1}]\n";
        let expected = [
            ("Baskets", "!Ref Baskets"),
            ("Failures", "!GetAtt Failures.QueueName"),
        ];
        assert_eq!(
            watched(alarms),
            expected.map(|(name, value)| (name, value.to_owned())).into()
        );
    }
}
