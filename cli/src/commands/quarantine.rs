use super::{Context, views};
use crate::arguments::{Redrive, Skip};
use crate::failure::Failure;
use crate::model::{QuarantinePage, Quarantined, Skipped};
use crate::output::note;
use crate::progress::Progress;
use crate::table::{age, or_dash, table};
use serde_json::{Value, json};

/// The number of pages, of 100 entries each, that are read at most.
const MOST_PAGES: usize = 100;
/// How many empty queue lengths in a row end the wait for a redrive: the queue length that SQS reports is approximate.
const EMPTY_LOOKS: u32 = 4;

pub(super) async fn quarantine(context: &Context, view: &str) -> Result<(), Failure> {
    let (answer, page) = listed(context, view).await?;
    context.output.show(&answer, || text(&page))
}

/// Reads all pages and joins them.
async fn listed(context: &Context, view: &str) -> Result<(Value, QuarantinePage), Failure> {
    let path = format!("/operations/views/{view}/quarantine?limit=100");
    let mut all = context.api.get(&path).await?;
    let mut page: QuarantinePage = context.api.read(&all)?;
    for _ in 1..MOST_PAGES {
        let Some(cursor) = page.next_cursor.take() else {
            break;
        };
        let more = context.api.get(&format!("{path}&cursor={cursor}")).await?;
        let next: QuarantinePage = context.api.read(&more)?;
        page.quarantined.extend(next.quarantined);
        page.next_cursor = next.next_cursor;
        if let (Some(all), Some(more)) = (all["quarantined"].as_array_mut(), more["quarantined"].as_array()) {
            all.extend(more.iter().cloned());
        }
    }
    if let Some(cursor) = &page.next_cursor {
        note("There is more: these are the first 10,000.");
        all["nextCursor"] = cursor.as_str().into();
    } else if let Some(all) = all.as_object_mut() {
        all.remove("nextCursor");
    }
    Ok((all, page))
}

fn text(page: &QuarantinePage) -> String {
    let mut text = if page.quarantined.is_empty() {
        "No document is quarantined.".to_owned()
    } else {
        standing_still(&page.quarantined)
    };
    if !page.skipped.is_empty() {
        let head = ["SKIPPED", "VERSION", "BY", "TIME", "REASON"];
        let rows: Vec<_> = page.skipped.iter().map(left_out).collect();
        text += &format!("\n\n{}", table(head, &rows));
    }
    text
}

fn standing_still(quarantined: &[Quarantined]) -> String {
    let head = [
        "DOCUMENT",
        "STREAM",
        "VERSION",
        "GENERATION",
        "AGE",
        "HELD COMMITS",
        "REASON",
    ];
    let rows: Vec<_> = quarantined.iter().map(row).collect();
    table(head, &rows)
}

fn row(quarantined: &Quarantined) -> [String; 7] {
    [
        quarantined.document.clone(),
        quarantined.stream.clone(),
        quarantined.version.to_string(),
        quarantined.generation.to_string(),
        age(quarantined.age_seconds),
        quarantined.count.to_string(),
        quarantined.reason.clone(),
    ]
}

fn left_out(skipped: &Skipped) -> [String; 5] {
    [
        skipped.stream.clone(),
        skipped.version.to_string(),
        or_dash(skipped.by.as_ref()),
        skipped.time.to_string(),
        skipped.reason.clone(),
    ]
}

pub(super) async fn redrive(context: &Context, asked: &Redrive) -> Result<(), Failure> {
    let view = &asked.view;
    let body = match &asked.document {
        Some(document) => json!({ "document": document }),
        None => json!({ "all": true }),
    };
    let wanted = |quarantined: &Quarantined| {
        asked
            .document
            .as_ref()
            .is_none_or(|document| *document == quarantined.document)
    };
    let before: Vec<Quarantined> = listed(context, view)
        .await?
        .1
        .quarantined
        .into_iter()
        .filter(wanted)
        .collect();
    let path = format!("/operations/views/{view}/quarantine/redrive");
    let answer = context.api.post(&path, &body).await?;
    let left = settled(context, view, &before).await?;
    let count = &answer["redriven"];
    let shown = json!({ "redriven": count, "standingStill": left.iter().map(|left| &left.stream).collect::<Vec<_>>() });
    context.output.show(&shown, || {
        let gone = before.len() - left.len();
        format!(
            "{count} documents redriven: {gone} sources resumed, {} quarantined again",
            left.len()
        )
    })?;
    if left.is_empty() {
        return Ok(());
    }
    Err(Failure::Ended(format!(
        "quarantined again:\n{}\nDeploy a fix and redrive them again, or skip the event: belvedere skip {view} \
         STREAM VERSION --reason …",
        standing_still(&left)
    )))
}

/// Waits until all are resumed, or the subscriber has processed all its messages; returns those that are quarantined then.
async fn settled(context: &Context, view: &str, before: &[Quarantined]) -> Result<Vec<Quarantined>, Failure> {
    let mut progress = Progress::new();
    let mut empty_looks = 0;
    loop {
        // The order matters: an entry that is still listed after the queue was empty was quarantined again.
        let queue = views::view(context, view).await?.queue;
        let mut left = listed(context, view).await?.1.quarantined;
        left.retain(|left| before.iter().any(|before| before.stream == left.stream));
        let empty = queue.is_some_and(|queue| queue.messages + queue.in_flight == 0);
        empty_looks = if empty { empty_looks + 1 } else { 0 };
        if left.is_empty() || empty_looks >= EMPTY_LOOKS {
            return Ok(left);
        }
        let (done, of) = (
            before.len().saturating_sub(left.len()) as u64,
            before.len() as u64,
        );
        progress.at(done, of, "redrive", &format!("{done} of {of} sources resumed"));
        context
            .pause(|| format!("{} sources are still quarantined", left.len()))
            .await?;
    }
}

pub(super) async fn skip(context: &Context, asked: &Skip) -> Result<(), Failure> {
    let mut body = json!({ "stream": asked.stream, "version": asked.version, "reason": asked.reason });
    if let Some(by) = &asked.by {
        body["by"] = by.as_str().into();
    }
    let path = format!("/operations/views/{}/quarantine/skip", asked.view);
    let answer = context.api.post(&path, &body).await?;
    let skipped: Skipped = context.api.read(&answer)?;
    context.output.show(&answer, || {
        let Skipped {
            stream,
            version,
            reason,
            time,
            ..
        } = &skipped;
        format!("event {version} of {stream} is skipped since {time}: {reason}")
    })
}
