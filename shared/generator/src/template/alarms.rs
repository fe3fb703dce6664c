//! The alarms, and the dashboard that shows the whole pipeline.

use super::text::{fill, pascal, wrapped};
use super::{operations, relay};
use function::{Function, Part, System, Trigger};

/// Returns alarms and dashboard.
pub(super) fn alarms(system: &System) -> String {
    let names = |names: Vec<String>| wrapped(LIST, &names);
    let subscribers = system.subscribers().map(|subscriber| pascal(subscriber.name));
    let views = system.views().map(|subscriber| pascal(subscriber.name));
    let services = system.event_tables().map(|table| pascal(table.service));
    let loops = fill(
        include_str!("alarms.yaml"),
        &[
            ("subscribers", &names(subscribers.collect())),
            ("views", &names(views.collect())),
            ("services", &names(services.collect())),
            ("functions", &names(functions(system))),
            ("tables", &names(tables(system))),
        ],
    );
    let of_tasks = system.parts().iter().filter(|part| operations::operates(part));
    let of_tasks = of_tasks.map(|part| {
        let alarms = fill(
            include_str!("alarms_tasks.yaml"),
            &[("tasks", &operations::queue(part))],
        );
        format!("{alarms}\n")
    });
    format!(
        "\n{loops}\n{}{}\n{}",
        of_tasks.collect::<String>(),
        include_str!("alarms_api.yaml"),
        include_str!("dashboard.yaml")
    )
}

/// The column at which the items of a loop's list begin.
const LIST: usize = 7;

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
