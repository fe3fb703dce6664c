use crate::combine::{Combined, PER_TRANSACTION, Write, addition};
use crate::deadline::EntryChange;
use crate::item::{
    DATA, Item, OWNER, PK, SK, has_room, key, n, partition, quarantine_partition, tally_place, text,
};
use crate::ledger::Change;
use crate::mark::Mark;
use crate::report::Meter;
use crate::state::State;
use crate::stored::Stored;
use crate::subscriber::Subscriber;
use crate::table::{Table, Written, keep_away};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use commit::{StreamId, lane};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use tokio::time::Instant;

/// One item of a transaction is the document.
const BESIDE_THE_DOCUMENT: usize = PER_TRANSACTION - 1;

/// How a document is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How<'a> {
    pub(crate) table: &'a Table,
    /// The other writes of the batch.
    pub(crate) combined: &'a Combined,
    /// When a write that conflicts with others is no longer tried again.
    pub(crate) deadline: Instant,
    pub(crate) meter: &'a Meter,
}

/// Writes a document and the items that changed outside it.
///
/// With no other item: one conditional put. With up to 99 items: one transaction, which it shares with other documents of
/// the batch when they add to the same counters. With more: several transactions, each with the document's ledger, so that
/// a crash in between leaves a document that records exactly which rows it has; the next delivery continues from there. The
/// document and its versions change with the last transaction. Journal rows come first and are in no ledger: the next
/// delivery writes the same rows again.
///
/// A write that DynamoDB cancels because it overlaps with another one has changed nothing, and is tried again after a
/// pause with jitter, until the deadline.
///
/// When only commits were held back, the document is unchanged, and one conditional put of its mark counts them.
pub(crate) async fn write<S: Subscriber>(
    how: How<'_>,
    generation: u64,
    document: &str,
    stored: &Stored<S>,
    state: &State<S>,
    changed: bool,
) -> Written {
    let How { table, meter, .. } = how;
    let counted = counted(generation, document, stored, state);
    if !changed && let Some((item, revision)) = counted {
        // The document is read again if the mark has changed: it may have been lifted without this commit. The item of
        // the refusal is the mark, and not the document.
        return match patiently(how, || table.put(item.clone(), revision, meter)).await {
            Written::Lost(_) => Written::Outdated("the mark of the document has changed".to_owned()),
            written => written,
        };
    }
    let changes = match changes(stored, state) {
        Ok(changes) => changes,
        Err(reason) => return Written::Invalid(reason),
    };
    let build = |changes: &[Change]| -> Result<Vec<TransactWriteItem>, String> {
        let mut items = Vec::with_capacity(changes.len());
        for change in changes {
            items.extend(transact_item::<S>(table, generation, document, change)?);
        }
        Ok(items)
    };
    let marks = mark_items(table, generation, document, stored, state);
    let deadlines = deadline_items(table, document, stored, state);
    let beside = match (marks, deadlines) {
        (Ok(marks), Ok(deadlines)) => [marks, deadlines].concat(),
        (Err(reason), _) | (_, Err(reason)) => return Written::Failed(reason),
    };
    let mut revision = stored.revision;
    let mut ledger = stored.ledger.clone();
    let mut rest = &changes[..];
    while rest.len() + beside.len() > BESIDE_THE_DOCUMENT {
        let (part, later) = rest.split_at(BESIDE_THE_DOCUMENT.min(rest.len()));
        rest = later;
        part.iter().for_each(|change| ledger.note(change));
        let item = stored.between(generation, document, revision + 1, &ledger);
        if let Err(reason) = has_room(&item) {
            return Written::Invalid(reason);
        }
        let written = match build(part) {
            Ok(others) => {
                patiently(how, || {
                    table.transact(item.clone(), revision, others.clone(), meter)
                })
                .await
            }
            Err(reason) => Written::Invalid(reason),
        };
        if !matches!(written, Written::Done) {
            return written;
        }
        revision += 1;
    }
    rest.iter().for_each(|change| ledger.note(change));
    let item = match stored.next(generation, document, revision + 1, state, &ledger) {
        Ok(item) => item,
        Err(reason) => return Written::Invalid(reason),
    };
    // A document as it was stored may be larger, if it was stored before documents had to leave room for flags.
    if state.derived.is_some()
        && let Err(reason) = has_room(&item)
    {
        return Written::Invalid(reason);
    }
    let (additions, rows): (Vec<Change>, Vec<Change>) = rest
        .iter()
        .cloned()
        .partition(|change| matches!(change, Change::Add { .. }));
    let others = match build(&rows) {
        Ok(others) => others.into_iter().chain(beside).collect::<Vec<_>>(),
        Err(reason) => return Written::Invalid(reason),
    };
    let amounts = amounts::<S>(generation, document, additions);
    if amounts.is_empty() && others.is_empty() {
        patiently(how, || table.put(item.clone(), revision, meter)).await
    } else if amounts.is_empty() {
        patiently(how, || {
            table.transact(item.clone(), revision, others.clone(), meter)
        })
        .await
    } else {
        match table.put_unchanged(item, revision) {
            Ok(document) => {
                let write = Write {
                    document,
                    others,
                    amounts,
                };
                how.combined.write(table, write, how.deadline, meter).await
            }
            Err(reason) => Written::Failed(reason),
        }
    }
}

/// Repeats a write while it conflicts with others, until the deadline.
async fn patiently<F: Future<Output = Written>>(how: How<'_>, write: impl Fn() -> F) -> Written {
    let mut attempt = 0;
    loop {
        match write().await {
            Written::Busy(_) if Instant::now() < how.deadline => {
                how.meter.note(|report| report.conflicts += 1);
                attempt += 1;
                keep_away(attempt).await;
            }
            written => return written,
        }
    }
}

/// Returns the shard of a counter to which a document contributes. It depends on the document's key alone, so that the
/// difference to an earlier contribution goes where that one is. Documents of a lane share their shard when the number
/// of shards divides that of lanes: a batch is mostly one lane, and so takes one shard.
pub(crate) fn shard_of<S: Subscriber>(tally: &str, document: &str) -> u32 {
    lane(document, S::tally_shards(tally))
}

fn amounts<S: Subscriber>(
    generation: u64,
    document: &str,
    additions: Vec<Change>,
) -> BTreeMap<(String, String), BTreeMap<String, i128>> {
    let additions = additions.into_iter().filter_map(|change| match change {
        Change::Add { tally, amounts, .. } => {
            let shard = shard_of::<S>(&tally, document);
            Some((tally_place(generation, &tally, shard), amounts))
        }
        _ => None,
    });
    additions.collect()
}

/// Returns the changes outside the document. An error is a defect of the view's code.
fn changes<S: Subscriber>(stored: &Stored<S>, state: &State<S>) -> Result<Vec<Change>, String> {
    let Some(derived) = &state.derived else {
        return Ok(Vec::new());
    };
    let mut changes: Vec<Change> = state.journal.changes().collect();
    for change in stored.ledger.changes(derived)? {
        if let Change::Put { partition, sort, .. } | Change::Delete { partition, sort } = &change
            && state.journal.has(partition, sort)
        {
            return Err(format!(
                "a row and a journal row have the same place {partition:?}, {sort:?}"
            ));
        }
        changes.push(change);
    }
    Ok(changes)
}

/// Returns the item of a row. A derived row contains the key of its document, so that readers can replace it by a
/// current one.
pub(crate) fn row_item(
    generation: u64,
    row: &str,
    sort: &str,
    data: &Value,
    owner: Option<&str>,
) -> Result<Item, String> {
    let mut item = key(partition(generation, row), sort);
    let data = serde_dynamo::to_attribute_value(data).map_err(|e| e.to_string())?;
    item.insert(DATA.to_owned(), data);
    if let Some(owner) = owner {
        item.insert(OWNER.to_owned(), AttributeValue::S(owner.to_owned()));
    }
    Ok(item)
}

fn transact_item<S: Subscriber>(
    table: &Table,
    generation: u64,
    document: &str,
    change: &Change,
) -> Result<Option<TransactWriteItem>, String> {
    match change {
        Change::Put {
            partition,
            sort,
            data,
        } => {
            let item = row_item(generation, partition, sort, data, Some(document))?;
            put(table, item, None).map(Some)
        }
        Change::Append {
            partition,
            sort,
            data,
        } => put(table, row_item(generation, partition, sort, data, None)?, None).map(Some),
        Change::Delete { partition: row, sort } => {
            delete(table, key(partition(generation, row), sort.as_str()), None).map(Some)
        }
        Change::Add { tally, amounts, .. } => {
            let place = tally_place(generation, tally, shard_of::<S>(tally, document));
            let amounts = amounts.iter().map(|(name, amount)| (name.as_str(), *amount));
            addition(table, &place, amounts)
        }
    }
}

/// Returns the item of the only mark that changed, and the revision that it must still have, if the mark remains in its
/// place and is stored.
fn counted<S: Subscriber>(
    generation: u64,
    document: &str,
    stored: &Stored<S>,
    state: &State<S>,
) -> Option<(Item, u64)> {
    let (before, after) = (&stored.state.marks, &state.marks);
    let mut changed = after
        .iter()
        .filter(|(source, mark)| before.get(*source) != Some(mark));
    let ((source, mark), None) = (changed.next()?, changed.next()) else {
        return None;
    };
    let revision = before.get(source)?.revision;
    (revision > 0).then(|| (mark.item(generation, source, document), revision))
}

/// Returns the changes of marks. Each has the condition that the mark is as it was read: another commit may have been
/// counted, which a source that continues without its mark has to apply.
fn mark_items<S: Subscriber>(
    table: &Table,
    generation: u64,
    document: &str,
    stored: &Stored<S>,
    state: &State<S>,
) -> Result<Vec<TransactWriteItem>, String> {
    let (before, after) = (&stored.state.marks, &state.marks);
    let place = |source: &str, mark: &Mark| mark.place(generation, source, document);
    let mut items = Vec::new();
    for (source, mark) in after {
        let known = before.get(source);
        let known = known.filter(|known| place(source, known) == place(source, mark));
        let revision = known.map_or(0, |known| known.revision);
        let mark = Mark {
            revision,
            ..mark.clone()
        };
        if known != Some(&mark) {
            let item = mark.item(generation, source, document);
            items.push(put(table, item, known.map(|known| known.revision))?);
        }
    }
    for (source, mark) in before {
        let remains = after
            .get(source)
            .is_some_and(|now| place(source, now) == place(source, mark));
        if !remains {
            items.push(delete(table, place(source, mark), Some(mark.revision))?);
        }
    }
    Ok(items)
}

/// Returns the changes of the entries of deadlines. They have no conditions: nothing else writes them, and the document's
/// condition is enough.
fn deadline_items<S: Subscriber>(
    table: &Table,
    document: &str,
    stored: &Stored<S>,
    state: &State<S>,
) -> Result<Vec<TransactWriteItem>, String> {
    let changes = stored.state.deadlines.changes(&state.deadlines, document);
    let items = changes.into_iter().map(|change| match change {
        EntryChange::Put(item) => put(table, item, None),
        EntryChange::Delete(key) => delete(table, key, None),
    });
    items.collect()
}

/// The condition that a mark has this revision, if it has to have one. A mark without a revision is from an earlier version, or
/// missing.
fn has_revision(revision: Option<u64>) -> (Option<String>, Option<HashMap<String, AttributeValue>>) {
    match revision {
        None => (None, None),
        Some(0) => (Some("attribute_not_exists(r)".to_owned()), None),
        Some(revision) => (
            Some("r = :r".to_owned()),
            Some([(":r".to_owned(), n(revision))].into()),
        ),
    }
}

/// Returns a put, with the condition that the item has this revision if there is one.
fn put(table: &Table, item: Item, revision: Option<u64>) -> Result<TransactWriteItem, String> {
    let (condition, values) = has_revision(revision);
    let put = Put::builder()
        .table_name(&table.name)
        .set_item(Some(item))
        .set_condition_expression(condition)
        .set_expression_attribute_values(values);
    let put = put.build().map_err(|e| e.to_string())?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Returns a delete, with the condition that the item has this revision if there is one.
fn delete(table: &Table, key: Item, revision: Option<u64>) -> Result<TransactWriteItem, String> {
    let (condition, values) = has_revision(revision);
    let delete = Delete::builder()
        .table_name(&table.name)
        .set_key(Some(key))
        .set_condition_expression(condition)
        .set_expression_attribute_values(values);
    let delete = delete.build().map_err(|e| e.to_string())?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// A quarantined source of a document, as listed in the view's quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The stream; its id is the document's key.
    pub stream: StreamId,
    /// The generation of the document.
    pub generation: u64,
    /// The version of the event that cannot be applied.
    pub version: u64,
    /// The reason.
    pub error: String,
    /// The commit time of that event.
    pub time: Timestamp,
    /// The number of commits that were held back. A commit that was delivered again counts again.
    pub count: u64,
}

impl Quarantined {
    pub(crate) fn read(generation: u64, item: &Item) -> Option<Self> {
        debug_assert_eq!(text(item, PK), Some(quarantine_partition(generation)));
        let mark = Mark::read(item, None)?;
        Some(Self {
            stream: text(item, SK)?.parse().ok()?,
            generation,
            version: mark.version,
            error: mark.error,
            time: mark.time,
            count: mark.count,
        })
    }
}
