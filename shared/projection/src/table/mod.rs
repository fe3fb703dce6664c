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

/// The outcome of a write.
#[derive(Debug)]
pub(crate) enum Written {
    Done,
    /// The document has another revision. Contains the item if DynamoDB returned it.
    Lost(Option<Item>),
    /// Another transaction is writing the item, or DynamoDB is busy: try again.
    Busy(String),
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
    } else if has(&[
        // The condition of another item failed: the caller reads that item again, as after a conflict.
        "ConditionalCheckFailed",
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
    let ceiling = 10_u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(ceiling / 2..ceiling))).await;
}
