//! Deletes the rows of a generation that is no longer fed.

use super::page::{Page, PageError};
use super::record::Run;
use super::store::meter;
use super::task::Place;
use crate::item::{PK, SK, key, partition, quarantine_partition, text};
use crate::table::Table;
use serde::{Deserialize, Serialize};

/// A position in a view's table.
#[derive(Serialize, Deserialize)]
struct Start {
    pk: String,
    sk: String,
}

/// The number of attempts to delete what DynamoDB left unprocessed.
const ATTEMPTS: u32 = 8;

/// Clears one page (up to 1 MB) of the table: half a read unit per 4 KB of the page, and 1 WU per deleted KB.
pub(crate) async fn page(
    table: &Table,
    run: &Run,
    place: &Place,
    start: Option<&str>,
) -> Result<Page, PageError> {
    let start: Option<Start> = start
        .map(serde_json::from_str)
        .transpose()
        .map_err(|e| PageError::Never(format!("the saved position cannot be read: {e}")))?;
    let start = start.map(|start| key(start.pk, start.sk));
    let generation = run.id.number;
    let meter = meter();
    let (items, next) = table
        .keys_of(
            &partition(generation, ""),
            &quarantine_partition(generation),
            (place.segment, run.segments),
            start,
            &meter,
        )
        .await
        .map_err(PageError::Again)?;
    let mut page = Page::default();
    page.counts.deleted = items.len() as u64;
    table
        .delete(items, ATTEMPTS, &meter)
        .await
        .map_err(PageError::Again)?;
    if let Some(next) = next {
        let start = text(&next, PK).zip(text(&next, SK));
        let (pk, sk) = start.ok_or_else(|| PageError::Never("a page ended without a key".to_owned()))?;
        let start = serde_json::to_string(&Start { pk, sk });
        page.next = Some(start.map_err(|e| PageError::Never(e.to_string()))?);
    }
    Ok(page.metered(meter))
}
