use super::rebuild::{outcome, text};
use super::{Context, views};
use crate::arguments::Step;
use crate::failure::Failure;
use crate::model::{Rebuild, View};
use serde_json::json;

pub(super) async fn step(context: &Context, step: &str, Step { view, id }: Step) -> Result<(), Failure> {
    let id = match id {
        Some(id) => id,
        None => the_one(&views::view(context, &view).await?, step)?,
    };
    let path = format!("/operations/views/{view}/rebuilds/{id}/{step}");
    let answer = context.api.post(&path, &json!({})).await?;
    let rebuild: Rebuild = context.api.read(&answer)?;
    context.output.show(&answer, || match step {
        // A rollback is not possible from now on.
        "retire" => format!(
            "{}\nThe generation that it replaced is being deleted; a rollback is no longer possible.",
            outcome(&rebuild)
        ),
        _ => text(&rebuild),
    })
}

/// Returns the rebuild to which a step can apply; there is at most one.
fn the_one(view: &View, step: &str) -> Result<u64, Failure> {
    let name = &view.name;
    let found = match step {
        "flip" | "abort" => view.candidate,
        _ => view.previous.map(|_| view.generation),
    };
    found.ok_or_else(|| {
        Failure::Ended(match step {
            "flip" | "abort" => {
                format!("{name} has no rebuild to {step}\n`belvedere rebuild {name}` starts one.")
            }
            _ => format!("{name} has no generation before the serving one: there is nothing to {step}"),
        })
    })
}
