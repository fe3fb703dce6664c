//! Generates `template.yaml`, with everything that is deployed, and `template.alarms.yaml`, for people to read.
//!
//! Text that is the same for every system is in the YAML files beside this one; `@name@` marks a placeholder.

mod alarms;
mod extra;
mod function;
mod operations;
mod relay;
mod role;
mod tables;
mod text;

use crate::GenerateError;
use ::function::{Function, Part, System, Trigger, settings};
pub use extra::ExtraError;
use function::Route;
use std::collections::BTreeMap;
use text::{comment, fill, rate, section};

/// The routes of each function, by its name.
type Routes = BTreeMap<String, Vec<Route>>;

pub(super) use alarms::FILE as ALARMS;

/// Returns the template of the alarms.
pub(super) fn alarms(system: &System) -> String {
    alarms::template(system)
}

/// Returns the template, with the additions that are written by hand.
///
/// # Errors
/// When a part reads a category that no part owns, or an added name exists already.
pub(super) fn template(system: &System, added: Option<&str>) -> Result<String, GenerateError> {
    let routes = routes(system)?;
    let mut template = head(system);
    for part in system.parts() {
        template += &of_part(system, part, &routes);
    }
    template += &section("Alarms");
    template += &alarms::resources(system);
    template += &format!("\n{}", include_str!("outputs.yaml"));
    match added {
        Some(added) => Ok(extra::merged(&template, added)?),
        None => Ok(template),
    }
}

fn head(system: &System) -> String {
    let head = [include_str!("head.yaml"), include_str!("api.yaml")];
    fill(
        &head.concat(),
        &[
            ("title", system.title),
            ("lanes", &settings::LANES.to_string()),
            (
                "subscriber_concurrency",
                &settings::SUBSCRIBER_CONCURRENCY.to_string(),
            ),
            ("worker_concurrency", &settings::WORKER_CONCURRENCY.to_string()),
            ("memory", &settings::MEMORY.to_string()),
            ("timeout", &settings::HTTP_TIMEOUT.as_secs().to_string()),
            ("retention", &settings::MESSAGE_RETENTION.as_secs().to_string()),
            ("min_token_key", &settings::MIN_TOKEN_KEY.to_string()),
            ("sweeps", &rate(settings::SWEEPS)),
            ("worker_visibility", &tables::worker_visibility()),
        ],
    )
}

/// Returns the section of a part. A relay has none of its own: it is in the section of the table that it reads.
fn of_part(system: &System, part: &Part, routes: &Routes) -> String {
    let mut resources = Vec::new();
    let table = system.event_tables().find(|table| table.service == part.name);
    if let Some(table) = &table {
        resources.push(tables::events(table));
    }
    let (others, subscribers): (Vec<_>, Vec<_>) = part
        .functions
        .iter()
        .filter(|function| !matches!(function.trigger, Trigger::Stream))
        .partition(|function| table.is_some() && function.subscribes().is_none());
    resources.extend(
        others
            .iter()
            .flat_map(|function| of_function(system, part, function, routes)),
    );
    if let Some(table) = &table
        && let Some((relay, function)) = system.function_of(|trigger| matches!(trigger, Trigger::Stream))
    {
        resources.push(relay::relay(system, table, relay, function));
    }
    resources.extend(
        subscribers
            .iter()
            .flat_map(|function| of_function(system, part, function, routes)),
    );
    if resources.is_empty() {
        return String::new();
    }
    section(&title(part.name)) + &comment(2, part.about) + &resources.join("\n")
}

/// Returns a function with the resources that only it uses.
fn of_function(system: &System, part: &Part, function: &Function, routes: &Routes) -> Vec<String> {
    let source = match &function.trigger {
        Trigger::Queue(subscriber) => Some(tables::of_subscriber(function, subscriber)),
        Trigger::Tasks => Some(operations::tasks(part, function)),
        Trigger::Http(_) | Trigger::Stream => None,
    };
    let routes = routes.get(&function.name).map_or(&[][..], Vec::as_slice);
    let function = function::function(system, part, function, routes);
    source.into_iter().chain([function]).collect()
}

/// Converts `order-history` to `Order history`.
fn title(name: &str) -> String {
    text::capitalized(&name.replace('-', " "))
}

fn routes(system: &System) -> Result<Routes, GenerateError> {
    let mut routes = Routes::new();
    for (function, description) in system.described_routes()? {
        let of_function = routes.entry(function.name.clone()).or_default();
        for (path, method, operation) in crate::operations(&description)? {
            let name = operation["operationId"].as_str();
            let name = name.ok_or_else(|| GenerateError::Unnamed(format!("{method} {path}")))?;
            of_function.push(Route {
                operation: name.to_owned(),
                method,
                path,
            });
        }
    }
    Ok(routes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa_axum::router::OpenApiRouter;

    fn nothing(_: &::function::Wiring) -> OpenApiRouter {
        OpenApiRouter::new()
    }

    fn shop() -> System {
        System::new("Shop", "Baskets.").with(Part::service("baskets", &["basket"]).commands(nothing))
    }

    #[test]
    fn every_placeholder_is_filled_in() {
        let template = template(&shop(), None).unwrap();
        assert!(!template.contains('@'));
        assert!(!alarms(&shop()).contains('@'));
    }

    #[test]
    fn system_without_operations_has_no_task_queue() {
        let template = template(&shop(), None).unwrap();
        assert!(template.contains("\n  BasketsEvents:\n"));
        assert!(!template.contains("Tasks"));
    }

    #[test]
    fn additions_by_hand_are_included() {
        let added = "Outputs:\n  Region:\n    Value: !Ref AWS::Region\n";
        let template = template(&shop(), Some(added)).unwrap();
        assert!(template.ends_with("  Region:\n    Value: !Ref AWS::Region\n"));
    }
}
