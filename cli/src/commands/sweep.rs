use super::{Context, differences, views};
use crate::api::Api;
use crate::arguments;
use crate::failure::Failure;
use crate::model::{Sweep, View};
use crate::progress::Progress;
use crate::table::table;
use serde_json::{Value, json};

pub(super) async fn sweep(context: &Context, asked: &arguments::Sweep) -> Result<(), Failure> {
    let mut answers = match &asked.view {
        Some(view) => vec![start(&context.api, view, asked.deep).await?],
        None => start_all(context, asked.deep).await?,
    };
    if !asked.no_wait {
        finish(context, &mut answers).await?;
    }
    let sweeps = read(&context.api, &answers)?;
    let shown = match &answers[..] {
        [only] if !asked.all => only.clone(),
        _ => json!({ "sweeps": answers }),
    };
    context.output.show(&shown, || text(&sweeps))?;
    judge(&sweeps)
}

async fn start(api: &Api, view: &str, deep: bool) -> Result<Value, Failure> {
    let path = format!("/operations/views/{view}/sweeps");
    api.post(&path, &json!({ "deep": deep })).await
}

/// Starts one sweep of each view and reactor. For one that is being swept, returns the running sweep.
async fn start_all(context: &Context, deep: bool) -> Result<Vec<Value>, Failure> {
    let mut answers = Vec::new();
    for View { name, kind, .. } in views::all(context).await? {
        let answer = match start(&context.api, &name, deep && kind == "VIEW").await {
            Err(failure) if failure.is("SWEEP_UNDER_WAY") => {
                let Some(id) = views::view(context, &name).await?.sweeping else {
                    return Err(failure);
                };
                context
                    .api
                    .get(&format!("/operations/views/{name}/sweeps/{id}"))
                    .await?
            }
            answer => answer?,
        };
        answers.push(answer);
    }
    Ok(answers)
}

async fn finish(context: &Context, answers: &mut [Value]) -> Result<(), Failure> {
    let mut progress = Progress::new();
    loop {
        let sweeps = read(&context.api, answers)?;
        let done = sweeps.iter().map(|sweep| sweep.segments.done).sum();
        let of = sweeps.iter().map(|sweep| sweep.segments.of).sum();
        let streams: u64 = sweeps.iter().map(|sweep| sweep.counts.streams).sum();
        let running = sweeps.iter().filter(|sweep| sweep.state == "RUNNING").count();
        if running == 0 {
            return Ok(());
        }
        let text = format!(
            "segments {done}/{of}, {streams} streams, {running} of {} sweeps running",
            sweeps.len()
        );
        progress.at(done, of, "sweep", &text);
        context
            .pause(|| format!("{running} sweeps had not ended"))
            .await?;
        for (sweep, answer) in sweeps.iter().zip(&mut *answers) {
            if sweep.state == "RUNNING" {
                let path = format!("/operations/views/{}/sweeps/{}", sweep.view, sweep.id);
                *answer = context.api.get(&path).await?;
            }
        }
    }
}

fn read(api: &Api, answers: &[Value]) -> Result<Vec<Sweep>, Failure> {
    answers.iter().map(|answer| api.read(answer)).collect()
}

fn text(sweeps: &[Sweep]) -> String {
    let head = [
        "VIEW",
        "SWEEP",
        "STATE",
        "STREAMS",
        "DOCUMENTS",
        "HEALED",
        "QUARANTINED",
        "COMPARED",
        "DIFFERENCES",
    ];
    let rows: Vec<_> = sweeps.iter().map(row).collect();
    let found: String = sweeps
        .iter()
        .map(|sweep| differences(&sweep.differences))
        .collect();
    format!("{}{found}", table(head, &rows))
}

fn row(sweep: &Sweep) -> [String; 9] {
    [
        sweep.view.clone(),
        sweep.id.to_string(),
        sweep.state.clone(),
        sweep.counts.streams.to_string(),
        sweep.counts.documents.to_string(),
        sweep.counts.behind.to_string(),
        sweep.counts.quarantined.to_string(),
        sweep.counts.compared.to_string(),
        sweep.counts.differences.to_string(),
    ]
}

fn judge(sweeps: &[Sweep]) -> Result<(), Failure> {
    let failed = sweeps.iter().find_map(|sweep| {
        let reason = sweep.failure.as_deref()?;
        Some(format!(
            "sweep {} of {} failed: {reason}\nSweep again.",
            sweep.id, sweep.view
        ))
    });
    if let Some(failed) = failed {
        return Err(Failure::Ended(failed));
    }
    match sweeps.iter().find(|sweep| sweep.counts.differences > 0) {
        Some(Sweep { view, counts, .. }) => Err(Failure::Ended(format!(
            "{} documents of {view} differ from the fold of their events\n`belvedere rebuild {view}` builds them again.",
            counts.differences
        ))),
        None => Ok(()),
    }
}
