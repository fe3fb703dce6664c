//! The DynamoDB calls on a view's table.

mod clearing;
mod items;
mod partitions;
mod writes;

pub(crate) use items::PER_SNAPSHOT;

use crate::item::{Item, SELF};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::CancellationReason;
use std::collections::HashMap;
use std::time::Duration;

/// A view's table. Each call requests its consumed capacity.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// The outcome of a transaction with several documents.
#[derive(Debug)]
pub(crate) enum Transacted {
    /// The outcome of all of them.
    All(Written),
    /// These documents, by their place, have another revision, with the item if DynamoDB returned it. Nothing was written.
    Lost(HashMap<usize, Option<Item>>),
}

/// The outcome of a write.
#[derive(Debug, Clone)]
pub(crate) enum Written {
    Done,
    /// The document has another revision. Contains the item if DynamoDB returned it.
    Lost(Option<Item>),
    /// Another transaction is writing the item, or DynamoDB is busy: try again.
    Busy(String),
    /// The condition of an item beside the document failed: read it again first.
    Outdated(String),
    /// DynamoDB always refuses the write, for example because the item is too large.
    Invalid(String),
    Failed(String),
}

/// The result of a batch read.
#[derive(Debug, Default)]
pub(crate) struct Many {
    /// The items by partition key.
    pub(crate) found: HashMap<String, Item>,
    /// The keys that could not be read, with the reason.
    pub(crate) unread: HashMap<String, String>,
}

/// The items that a batch read returns, and how it reads them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    /// The sort key of all items.
    pub(crate) sort: &'a str,
    pub(crate) consistent: bool,
    /// The attributes to return; `None` for whole items.
    pub(crate) projection: Option<&'a [&'a str]>,
}

impl Look<'_> {
    /// Whole documents, read consistently.
    pub(crate) const DOCUMENTS: Self = Look {
        sort: SELF,
        consistent: true,
        projection: None,
    };
}

fn ended(code: Option<&str>, text: String) -> Written {
    match code {
        Some(
            "TransactionConflictException"
            | "TransactionInProgressException"
            | "ThrottlingException"
            | "ProvisionedThroughputExceededException",
        ) => Written::Busy(text),
        Some("ValidationException" | "ItemCollectionSizeLimitExceededException") => Written::Invalid(text),
        _ => Written::Failed(text),
    }
}

/// Tells which documents of a transaction have another revision.
fn cancelled_many(reasons: &[CancellationReason], documents: usize, text: String) -> Transacted {
    let lost: HashMap<usize, Option<Item>> = reasons
        .iter()
        .take(documents)
        .enumerate()
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(place, reason)| (place, reason.item.clone()))
        .collect();
    if lost.is_empty() {
        Transacted::All(cancelled(reasons, text))
    } else {
        Transacted::Lost(lost)
    }
}

fn cancelled(reasons: &[CancellationReason], text: String) -> Written {
    let has = |codes: &[&str]| {
        reasons
            .iter()
            .any(|reason| reason.code().is_some_and(|code| codes.contains(&code)))
    };
    let document = reasons.first();
    if document.and_then(|reason| reason.code()) == Some("ConditionalCheckFailed") {
        Written::Lost(document.and_then(|reason| reason.item.clone()))
    } else if has(&["ValidationError", "ItemCollectionSizeLimitExceeded"]) {
        Written::Invalid(text)
    } else if has(&["ConditionalCheckFailed"]) {
        Written::Outdated(text)
    } else if has(&[
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    ]) {
        Written::Busy(text)
    } else {
        Written::Failed(text)
    }
}

/// Waits 10 ms, doubled with each attempt up to 640 ms. Half of the time is random, so that concurrent writers do not
/// retry at the same moment.
pub(crate) async fn back_off(attempt: u32) {
    pause(attempt.min(6)).await;
}

/// Does the same after a write that overlapped with others, up to 2.6 s: the more writers there are, the longer they have to
/// keep away from one another.
pub(crate) async fn keep_away(attempt: u32) {
    pause(attempt.min(8)).await;
}

async fn pause(doublings: u32) {
    let ceiling = 10_u64 << doublings;
    tokio::time::sleep(Duration::from_millis(fastrand::u64(ceiling / 2..ceiling))).await;
}
