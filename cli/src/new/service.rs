use super::edit::{into_list, line_before, open_list, sorted_line};
use super::plan::Plan;
use super::sources::{self, id_field, import};
use super::template::{self, CONTRACTS, REACTOR, SERVICE, Template, Values};
use super::view::name_the_part;
use super::workspace::{CONTRACTS_LIB, CONTRACTS_TESTS, Category, EVENTS, Workspace};
use super::{Name, NewError};
use crate::arguments::NewService;

/// The UUID in the examples of ids.
const EXAMPLE: &str = "0193a5b2c4d67e8f9a0b1c2d3e4f5066";

/// Plans a new service.
pub(super) fn plan(workspace: &Workspace, new: &NewService) -> Result<Plan, NewError> {
    let NewService { name, category, .. } = new;
    workspace.is_free(name)?;
    let prefix = is_free(workspace, new)?;
    let sources = workspace.sources(&new.reacts_to)?;
    let values = values(new, &prefix, &sources);

    let mut plan = Plan::new(workspace.root());
    plan.fill("shared/contracts", CONTRACTS, &values)?;
    let folder = format!("functions/{name}");
    plan.fill(&folder, SERVICE, &values)?;
    if !sources.is_empty() {
        plan.fill(&folder, REACTOR, &values)?;
    }
    name_the_part(&mut plan, name)?;
    publish(&mut plan, category, &prefix)?;
    Ok(plan)
}

/// Refuses a category that another service owns or whose names are in use. Returns the prefix of its ids.
fn is_free(
    workspace: &Workspace,
    NewService { category, prefix, .. }: &NewService,
) -> Result<String, NewError> {
    let taken = |by: String| NewError::Taken {
        name: category.clone(),
        by,
    };
    if workspace.categories()?.contains(category.kebab()) {
        return Err(taken("a category that a service owns".to_owned()));
    }
    if workspace.has_module(&category.snake()) {
        return Err(taken("a module of shared/contracts".to_owned()));
    }
    if workspace.describes(&category.pascal())? {
        return Err(taken("a schema of the API".to_owned()));
    }
    let words = [category.pascal(), category.snake()];
    let templates: Vec<Template> = [CONTRACTS, SERVICE, REACTOR].concat();
    if words.iter().any(|word| template::uses(&templates, word)) {
        return Err(NewError::Reserved(category.clone()));
    }
    let prefix = match prefix {
        Some(prefix) => format!("{prefix}_"),
        None => category
            .snake()
            .replace('_', "")
            .chars()
            .take(3)
            .chain(['_'])
            .collect(),
    };
    match workspace.prefixes()?.remove(&prefix) {
        Some(by) => Err(NewError::Prefix { prefix, by }),
        None => Ok(prefix),
    }
}

fn values(new: &NewService, prefix: &str, sources: &[Category]) -> Values {
    let NewService { name, category, .. } = new;
    let reacts = !sources.is_empty();
    let when = |text: &str| if reacts { text.to_owned() } else { String::new() };
    let (service, module, id) = (
        name.pascal(),
        category.snake(),
        format!("{}Id", category.pascal()),
    );
    let modules = || sources.iter().map(|source| source.name.snake());
    let ids = || sources.iter().map(|source| source.id.clone());
    let events = sources.iter().map(|source| source.events.clone());
    let created = |source: &Category| format!("begin(id::<{}>(event)?.uuid(), event)", source.id);
    let dependency = |name: &str| {
        if reacts {
            format!("{name}.workspace = true")
        } else {
            String::new()
        }
    };
    sources::values(sources)
        .with(
            "listens",
            if reacts {
                format!("consumes the events of {}", sources::names(sources))
            } else {
                "consumes no events".to_owned()
            },
        )
        .with("name", name.kebab())
        .with("crate", name.snake())
        .with("words", name.words())
        .with("Name", &service)
        .with("category", category.kebab())
        .with("thing", category.words())
        .with("module", &module)
        .with("Category", category.pascal())
        .with("CATEGORY", category.constant())
        .with("Id", &id)
        .with("id_field", id_field(&id))
        .with("prefix", prefix)
        .with("projection", dependency("projection"))
        .with("tracing", dependency("tracing"))
        .with("uuid", dependency("uuid"))
        .with("commit", dependency("commit"))
        .with("jiff", dependency("jiff"))
        .with("proptest", dependency("proptest"))
        .with("reactor_module", when("mod reactor;"))
        .with("and_reactor", when(", and of the reactor"))
        .with(
            "reactor_exports",
            when(&format!(
                "pub use reactor::{{Ask, {service}Effects, {service}Reactor}};"
            )),
        )
        .with("part_types", if reacts { "{Part, Subscriber}" } else { "Part" })
        .with(
            "reacts",
            when(&format!(
                ".reacts(Subscriber::reactor::<{service}Reactor, _>({service}Effects::new))"
            )),
        )
        .with(
            "contracts",
            import(modules().chain(events).chain(ids()).chain([id.clone()])),
        )
        .with(
            "test_contracts",
            import(modules().chain(ids()).chain([id, module])),
        )
        .with(
            "react",
            sources::each_type(sources, &created, "Ok(vec![])", "Ok(vec![])"),
        )
        .with(
            "golden",
            sources::golden(sources, &|source| format!("{}::PREFIX,\n", source.id)),
        )
}

/// Adds the category to the crate `contracts`, to its tests, and to the events for `cargo lambda invoke`.
fn publish(plan: &mut Plan, category: &Name, prefix: &str) -> Result<(), NewError> {
    let (module, name) = (category.snake(), category.pascal());
    let declaration = format!("pub mod {module};");
    plan.change(CONTRACTS_LIB, "line `pub use …`", |text| {
        let first = || sorted_line(text, "pub use ", &format!("{declaration}\n"));
        sorted_line(text, "pub mod ", &declaration).or_else(first)
    })?;
    let export = format!("pub use {module}::{{{name}Event, {name}Id, {name}Name}};");
    plan.change(CONTRACTS_LIB, "line `pub use …`", |text| {
        sorted_line(text, "pub use ", &export)
    })?;
    let listed = format!("Category::of::<crate::{name}Event>(crate::{module}::CATEGORY),");
    plan.change(CONTRACTS_TESTS, "list of categories that ends with `]`", |text| {
        line_before(&open_list(text), &["]"], &listed)
    })?;

    let stream = format!("\"{category}\": \"{prefix}{EXAMPLE}\"");
    plan.change(EVENTS, "object \"streams\"", |text| {
        into_list(text, "\"streams\": {", &stream)
    })?;
    let told = format!("\"{category}/{name}Created.v1\"");
    plan.change(EVENTS, "list \"story\"", |text| {
        into_list(text, "\"story\": [", &told)
    })
}

pub(super) fn next(NewService { name, category, .. }: &NewService) -> String {
    format!(
        "Next:\n  cargo test -p {name}    tests the rules, and the answers over HTTP\n  \
         belvedere new view … --source {category}    creates a view of the new events, which nothing consumes yet\n  \
         functions/{name}/src/{}.rs and shared/contracts/src/{0}.rs    contain the decisions and the events: replace them before \
         the first event is stored (docs/adding-a-service.md)",
        category.snake()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new::workspace::here;

    fn planned(category: &str, reacts_to: &[&str]) -> Result<Plan, NewError> {
        let reacts_to = reacts_to.iter().map(|source| source.parse().unwrap()).collect();
        let new = NewService {
            name: "soups".parse().unwrap(),
            category: category.parse().unwrap(),
            reacts_to,
            prefix: None,
        };
        plan(&here(), &new)
    }

    #[test]
    fn every_placeholder_is_filled() {
        for reacts_to in [&[][..], &["order"], &["order", "courier"]] {
            for (path, text) in planned("soup", reacts_to).unwrap().files() {
                assert!(!path.contains("__") && !text.contains("__"), "{path}: {text}");
            }
        }
    }

    /// The templates contain the schemas as files, but the schema of a name comes from `values`.
    #[test]
    fn schema_of_a_name_matches_the_library() {
        let texts = include_str!("../../../shared/values/src/text.rs");
        for (path, schema) in CONTRACTS.iter().filter(|(path, _)| path.starts_with("schemas/")) {
            let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
            let name = &schema["$defs"]["__Category__Name"];
            if let Some(description) = name["description"].as_str() {
                assert!(texts.contains(description), "{path}");
            }
        }
    }

    #[test]
    fn service_without_sources_has_no_reactor() {
        let is_reactor = |path: &String| path.ends_with("reactor.rs");
        assert!(!planned("soup", &[]).unwrap().files().keys().any(is_reactor));
        assert!(
            planned("soup", &["order"])
                .unwrap()
                .files()
                .keys()
                .any(is_reactor)
        );
    }

    #[test]
    fn category_of_another_service_or_module_is_refused() {
        for category in ["order", "address"] {
            let refused = planned(category, &[]).unwrap_err();
            assert!(matches!(refused, NewError::Taken { .. }), "{refused}");
        }
    }

    #[test]
    fn prefix_of_other_ids_is_refused() {
        let refused = planned("order-note", &[]).unwrap_err();
        assert!(matches!(refused, NewError::Prefix { .. }), "{refused}");
    }
}
