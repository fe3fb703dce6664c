use super::edit::{line_before, sorted_line};
use super::plan::Plan;
use super::sources::{self, camel, id_field, import};
use super::template::{self, VIEW};
use super::workspace::{MANIFEST, SYSTEM, SYSTEM_MANIFEST, Workspace};
use super::{Name, NewError};
use crate::arguments::NewView;
use std::iter::once;

/// Plans a new view.
pub(super) fn plan(workspace: &Workspace, new: &NewView) -> Result<Plan, NewError> {
    let name = &new.name;
    workspace.is_free(name)?;
    if template::uses(VIEW, &name.pascal()) {
        return Err(NewError::Reserved(name.clone()));
    }
    for schema in ["Entry", "Page"].map(|end| name.pascal() + end) {
        if workspace.describes(&schema)? {
            return Err(NewError::Schema {
                name: name.clone(),
                schema,
            });
        }
    }
    let categories = workspace.sources(&new.source)?;
    let Some(first) = categories.first() else {
        return Err(NewError::UnknownCategory {
            name: name.clone(),
            known: workspace.categories()?,
        });
    };
    if let Some(other) = categories.iter().find(|category| category.id != first.id) {
        return Err(NewError::OtherIds {
            first: first.name.clone(),
            first_id: first.id.clone(),
            other: other.name.clone(),
            other_id: other.id.clone(),
        });
    }

    let id_field = id_field(&first.id);
    let modules = || categories.iter().map(|category| category.name.snake());
    let events = categories.iter().map(|category| category.events.clone());
    let whole = match &categories[..] {
        [_] => String::new(),
        _ => format!(
            "// An entry is listed only after an event of the first source.\n\
             if !entry.last_events.contains_key({}::CATEGORY) {{\nreturn None;\n}}",
            first.name.snake()
        ),
    };
    let values = sources::values(&categories)
        .with("name", name.kebab())
        .with("crate", name.snake())
        .with("words", name.words())
        .with("Name", name.pascal())
        .with("source", first.name.words())
        .with("SOURCE", first.name.constant())
        .with("Id", &first.id)
        .with("id_field", &id_field)
        .with("idField", camel(&id_field))
        .with(
            "contracts",
            import(modules().chain(events).chain(once(first.id.clone()))),
        )
        .with("test_contracts", import(modules().chain(once(first.id.clone()))))
        .with(
            "apply",
            sources::each_type(&categories, &|_| String::new(), "", "{}"),
        )
        .with("whole", whole)
        .with("golden", sources::golden(&categories, &|_| String::new()));

    let mut plan = Plan::new(workspace.root());
    plan.fill(&format!("functions/{name}"), VIEW, &values)?;
    name_the_part(&mut plan, name)?;
    Ok(plan)
}

/// Adds a part's crate to the workspace and to the system.
pub(super) fn name_the_part(plan: &mut Plan, name: &Name) -> Result<(), NewError> {
    let dependency = format!("{name} = {{ path = \"functions/{name}\" }}");
    plan.change(
        MANIFEST,
        "line `system = …` under [workspace.dependencies]",
        |text| sorted_line(text, "system = ", &dependency),
    )?;
    let dependency = format!("{name}.workspace = true");
    plan.change(SYSTEM_MANIFEST, "line `function.workspace = true`", |text| {
        sorted_line(text, "function.workspace", &dependency)
    })?;
    let part = format!(".with({}::part())", name.snake());
    plan.change(SYSTEM, "line `.with(operations::part())`", |text| {
        line_before(text, &[".with(operations::part())"], &part)
    })
}

pub(super) fn next(NewView { name, .. }: &NewView) -> String {
    format!(
        "Next:\n  cargo test -p {name}    tests the fold, the two laws, and the answers over HTTP\n  \
         cargo run, then curl http://127.0.0.1:3000/{name}\n  \
         functions/{name}/src/view.rs    contains the document: add the fields that the answers need (docs/adding-a-view.md)"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new::workspace::here;

    fn planned(name: &str, source: &[&str]) -> Result<Plan, NewError> {
        let source = source.iter().map(|source| source.parse().unwrap()).collect();
        let name = name.parse().unwrap();
        plan(&here(), &NewView { name, source })
    }

    #[test]
    fn every_placeholder_is_filled() {
        for source in [&["order"][..], &["consumer"], &["order", "ticket"]] {
            let plan = planned("soup-of-the-day", source).unwrap();
            assert_eq!(plan.files().len(), VIEW.len() + 3);
            for (path, text) in plan.files() {
                assert!(!text.contains("__"), "{path}: {text}");
            }
        }
    }

    #[test]
    fn sources_with_different_ids_are_refused() {
        let refused = planned("soup-of-the-day", &["order", "courier"]).unwrap_err();
        assert!(matches!(refused, NewError::OtherIds { .. }), "{refused}");
    }

    #[test]
    fn source_that_is_listed_twice_is_refused() {
        let refused = planned("soup-of-the-day", &["order", "ticket", "order"]).unwrap_err();
        assert!(matches!(refused, NewError::Twice(_)), "{refused}");
    }

    #[test]
    fn name_whose_schema_another_view_has_is_refused() {
        let refused = planned("order", &["order"]).unwrap_err();
        assert!(
            matches!(&refused, NewError::Schema { schema, .. } if schema == "OrderPage"),
            "{refused}"
        );
    }

    #[test]
    fn name_that_the_templates_use_is_refused() {
        let refused = planned("index", &["order"]).unwrap_err();
        assert!(matches!(refused, NewError::Reserved(_)), "{refused}");
    }
}
