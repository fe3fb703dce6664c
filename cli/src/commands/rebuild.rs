use super::{Context, differences};
use crate::arguments;
use crate::failure::Failure;
use crate::model::{Rebuild, Rebuilds};
use crate::progress::Progress;
use crate::table::{age, or_dash, table};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) async fn rebuild(context: &Context, asked: &arguments::Rebuild) -> Result<(), Failure> {
    let api = &context.api;
    let mut body = json!({ "compare": asked.compare });
    if let Some(segments) = asked.segments {
        body["segments"] = segments.into();
    }
    let path = format!("/operations/views/{}/rebuilds", asked.view);
    let mut answer = api.post(&path, &body).await?;
    let started: Rebuild = api.read(&answer)?;
    if !asked.no_wait {
        answer = ready(context, &started, answer).await?;
    }
    if asked.flip {
        answer = api
            .post(&format!("{path}/{}/flip", started.id), &json!({}))
            .await?;
    }
    let rebuild: Rebuild = api.read(&answer)?;
    context.output.show(&answer, || text(&rebuild))
}

/// Waits until the rebuild can be flipped to.
async fn ready(context: &Context, started: &Rebuild, mut answer: Value) -> Result<Value, Failure> {
    let Rebuild { view, id, .. } = started;
    let mut progress = Progress::new();
    loop {
        let rebuild: Rebuild = context.api.read(&answer)?;
        match rebuild.state.as_str() {
            "BUILDING" => {}
            "READY" if rebuild.verification.differences == 0 => return Ok(answer),
            "READY" => {
                return Err(Failure::Ended(format!(
                    "rebuild {id} of {view} is READY, and {} of {} documents differ from the serving ones:{}\n\
                     Check them, then `belvedere flip {view} {id}` or `belvedere abort {view} {id}`.",
                    rebuild.verification.differences,
                    rebuild.verification.compared,
                    differences(&rebuild.differences)
                )));
            }
            "FAILED" => {
                return Err(Failure::Ended(format!(
                    "rebuild {id} of {view} failed: {}\nReaders still see the serving generation. Deploy a fix, or skip the event \
                     at which the view is quarantined, and rebuild again.",
                    rebuild.failure.as_deref().unwrap_or("the reason is unknown")
                )));
            }
            // Another operator flipped it already.
            "SERVING" => return Ok(answer),
            state => {
                return Err(Failure::Ended(format!(
                    "rebuild {id} of {view} is {state}: another operator ended it"
                )));
            }
        }
        show(&mut progress, &rebuild);
        let what = || format!("rebuild {id} of {view} was not ready");
        context.pause(what).await?;
        let path = format!("/operations/views/{view}/rebuilds/{id}");
        answer = context.api.get(&path).await?;
    }
}

fn show(progress: &mut Progress, rebuild: &Rebuild) {
    let Rebuild { view, id, phase, .. } = rebuild;
    let mut text = format!(
        "{view} rebuild {id}: {phase}, segments {}/{}, {} commits",
        rebuild.segments.done, rebuild.segments.of, rebuild.commits
    );
    if let Some(rate) = rebuild.rate_per_second {
        text += &format!(", {rate:.0}/s");
    }
    if let Some(end) = rebuild.estimated_end {
        let left = end.duration_since(Timestamp::now()).as_secs();
        text += &format!(", {} left", age(u64::try_from(left).unwrap_or(0)));
    }
    // The scan's own measure of progress, if known.
    let (done, of) = match rebuild.expected_items {
        Some(expected) if phase == "SCAN" => (rebuild.items.min(expected), expected),
        _ => (rebuild.segments.done, rebuild.segments.of),
    };
    progress.at(done, of, phase, &text);
}

/// Formats the outcome and the possible next steps.
pub(super) fn text(rebuild: &Rebuild) -> String {
    let Rebuild { view, id, state, .. } = rebuild;
    let next = match state.as_str() {
        "BUILDING" => format!("\nShow it: belvedere rebuilds {view}"),
        "READY" => format!("\nServe it to readers: belvedere flip {view} {id}"),
        "SERVING" => {
            format!(
                "\nServe the previous generation again: belvedere rollback {view} {id}. Delete it: belvedere retire {view} {id}"
            )
        }
        _ => String::new(),
    };
    format!("{}{next}", outcome(rebuild))
}

/// Formats the outcome.
pub(super) fn outcome(rebuild: &Rebuild) -> String {
    let Rebuild { view, id, state, .. } = rebuild;
    let found = differences(&rebuild.differences);
    format!(
        "rebuild {id} of {view} is {state}: {} commits, {} documents; verified {} streams, {} healed, {} of {} compared \
         differ{found}",
        rebuild.commits,
        rebuild.documents,
        rebuild.verification.streams,
        rebuild.verification.behind,
        rebuild.verification.differences,
        rebuild.verification.compared,
    )
}

pub(super) async fn rebuilds(context: &Context, view: &str) -> Result<(), Failure> {
    let answer = context
        .api
        .get(&format!("/operations/views/{view}/rebuilds"))
        .await?;
    let Rebuilds { rebuilds } = context.api.read(&answer)?;
    context.output.show(&answer, || {
        let head = [
            "ID",
            "STATE",
            "PHASE",
            "SEGMENTS",
            "COMMITS",
            "DOCUMENTS",
            "STARTED",
            "ENDED",
            "FAILURE",
        ];
        let rows: Vec<_> = rebuilds.iter().map(row).collect();
        table(head, &rows)
    })
}

fn row(rebuild: &Rebuild) -> [String; 9] {
    [
        rebuild.id.to_string(),
        rebuild.state.clone(),
        rebuild.phase.clone(),
        format!("{}/{}", rebuild.segments.done, rebuild.segments.of),
        rebuild.commits.to_string(),
        rebuild.documents.to_string(),
        rebuild.started.to_string(),
        or_dash(rebuild.ended),
        or_dash(rebuild.failure.as_ref()),
    ]
}
