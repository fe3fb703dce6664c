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

/// A view's table. Each call asks for what it consumed.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// How a write ended.
#[derive(Debug)]
pub(crate) enum Written {
    Done,
    /// The document has another revision by now: the item, if DynamoDB sent it along.
    Lost(Option<Item>),
    /// Another transaction was at it, or DynamoDB is busy: try again.
    Busy(String),
    /// DynamoDB will never take it, for example because it is too large.
    Invalid(String),
    Failed(String),
}

/// The answer to a batch read.
#[derive(Debug, Default)]
pub(crate) struct Many {
    /// By partition key.
    pub(crate) found: HashMap<String, Item>,
    /// What could not be read, with the reason.
    pub(crate) unread: HashMap<String, String>,
}

/// Which items a batch read is for, and how it looks at them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look<'a> {
    /// The sort key of all of them.
    pub(crate) sort: &'a str,
    pub(crate) consistent: bool,
    /// The attributes to return; none: whole items.
    pub(crate) projection: Option<&'a [&'a str]>,
}

impl Look<'_> {
    /// Documents, whole and as they are now.
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
        // Another item's condition: whoever asks again has to look at it again, as after a conflict.
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

/// 10 ms, doubled with each attempt up to 640 ms, and half of it left to chance so that rivals part.
pub(crate) async fn back_off(attempt: u32) {
    let ceiling = 10_u64 << attempt.min(6);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(ceiling / 2..ceiling))).await;
}
