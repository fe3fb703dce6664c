use super::Context;
use crate::failure::Failure;
use crate::model::{View, Views};
use crate::table::{age, or_dash, table};

pub(super) async fn views(context: &Context) -> Result<(), Failure> {
    let answer = context.api.get("/operations/views").await?;
    let Views { views } = context.api.read(&answer)?;
    context.output.show(&answer, || text(&views))
}

/// Finds the view of this name in the list.
pub(super) async fn view(context: &Context, name: &str) -> Result<View, Failure> {
    all(context)
        .await?
        .into_iter()
        .find(|view| view.name == name)
        .ok_or_else(|| {
            let problem = serde_json::json!({
                "code": "UNKNOWN_VIEW", "detail": format!("There is no view or reactor {name}."),
            });
            Failure::refused(404, &problem)
        })
}

pub(super) async fn all(context: &Context) -> Result<Vec<View>, Failure> {
    let answer = context.api.get("/operations/views").await?;
    Ok(context.api.read::<Views>(&answer)?.views)
}

fn text(views: &[View]) -> String {
    let head = [
        "NAME",
        "KIND",
        "GENERATION",
        "FILLED",
        "DOCUMENTS",
        "LAG P99",
        "QUARANTINED",
        "WAITING",
        "IN FLIGHT",
        "OLDEST",
        "DEAD",
        "IN PROGRESS",
    ];
    let rows: Vec<_> = views.iter().map(row).collect();
    table(head, &rows)
}

fn row(view: &View) -> [String; 12] {
    let queue = view.queue.as_ref();
    [
        view.name.clone(),
        view.kind.clone(),
        view.generation.to_string(),
        or_dash(view.filled.map(|filled| if filled { "yes" } else { "no" })),
        or_dash(view.documents.as_ref().map(|documents| documents.count)),
        or_dash(
            view.lag
                .as_ref()
                .map(|lag| format!("{:.0} ms", lag.p99_milliseconds)),
        ),
        view.quarantined.to_string(),
        or_dash(queue.map(|queue| queue.messages)),
        or_dash(queue.map(|queue| queue.in_flight)),
        or_dash(queue.and_then(|queue| queue.oldest_seconds).map(age)),
        or_dash(queue.map(|queue| queue.dead_letters)),
        under_way(view),
    ]
}

fn under_way(view: &View) -> String {
    let rebuild = view.candidate.map(|id| format!("rebuild {id}"));
    let previous = view
        .previous
        .map(|generation| format!("rollback to {generation} possible"));
    let clearing = view
        .clearing
        .iter()
        .map(|generation| format!("deleting {generation}"));
    let sweep = view.sweeping.map(|id| format!("sweep {id}"));
    let all: Vec<_> = rebuild
        .into_iter()
        .chain(previous)
        .chain(clearing)
        .chain(sweep)
        .collect();
    or_dash((!all.is_empty()).then(|| all.join(", ")))
}
