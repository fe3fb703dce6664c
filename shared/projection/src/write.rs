use crate::item::{DATA, Item, OWNER, PK, SK, TALLY, key, partition, quarantine_partition, text};
use crate::ledger::Change;
use crate::mark::{read_mark, write_mark};
use crate::report::Meter;
use crate::state::State;
use crate::stored::Stored;
use crate::subscriber::Subscriber;
use crate::table::{Table, Written};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use commit::StreamId;
use jiff::Timestamp;
use serde_json::Value;

/// `TransactWriteItems` takes 100 items; one is the document.
const BESIDE_THE_DOCUMENT: usize = 99;

/// Writes a document and the items that changed outside it.
///
/// With no other item: one conditional put. With up to 99 items: one transaction. With more: several transactions, each
/// with the document's ledger, so that a crash in between leaves a document that records exactly which rows it has; the
/// next delivery continues from there. The document and its versions change with the last transaction. Journal rows
/// come first and are in no ledger: the next delivery writes the same rows again.
pub(crate) async fn write<S: Subscriber>(
    table: &Table,
    generation: u64,
    document: &str,
    stored: &Stored<S>,
    state: &State<S>,
    meter: &Meter,
) -> Written {
    let changes = match changes(stored, state) {
        Ok(changes) => changes,
        Err(reason) => return Written::Invalid(reason),
    };
    let build = |changes: &[Change]| -> Result<Vec<TransactWriteItem>, String> {
        changes
            .iter()
            .map(|change| transact_item(table, generation, document, change))
            .collect()
    };
    let marks = match mark_items(table, generation, document, stored, state) {
        Ok(marks) => marks,
        Err(reason) => return Written::Failed(reason),
    };
    let mut revision = stored.revision;
    let mut ledger = stored.ledger.clone();
    let mut rest = &changes[..];
    while rest.len() + marks.len() > BESIDE_THE_DOCUMENT {
        let (part, later) = rest.split_at(BESIDE_THE_DOCUMENT.min(rest.len()));
        rest = later;
        part.iter().for_each(|change| ledger.note(change));
        let item = stored.between(generation, document, revision + 1, &ledger);
        let written = match build(part) {
            Ok(others) => table.transact(item, revision, others, meter).await,
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
    let others = match build(rest) {
        Ok(others) => others.into_iter().chain(marks).collect::<Vec<_>>(),
        Err(reason) => return Written::Invalid(reason),
    };
    if others.is_empty() {
        table.put(item, revision, meter).await
    } else {
        table.transact(item, revision, others, meter).await
    }
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

fn transact_item(
    table: &Table,
    generation: u64,
    document: &str,
    change: &Change,
) -> Result<TransactWriteItem, String> {
    match change {
        Change::Put {
            partition,
            sort,
            data,
        } => put(
            table,
            row_item(generation, partition, sort, data, Some(document))?,
        ),
        Change::Append {
            partition,
            sort,
            data,
        } => put(table, row_item(generation, partition, sort, data, None)?),
        Change::Delete { partition: row, sort } => {
            delete(table, key(partition(generation, row), sort.as_str()))
        }
        Change::Add { tally, amounts, .. } => {
            let mut update = Update::builder()
                .table_name(&table.name)
                .set_key(Some(key(partition(generation, tally), TALLY)));
            let mut terms = Vec::new();
            for (i, (name, amount)) in amounts.iter().enumerate() {
                update = update
                    .expression_attribute_names(format!("#a{i}"), name)
                    .expression_attribute_values(format!(":a{i}"), AttributeValue::N(amount.to_string()));
                terms.push(format!("#a{i} :a{i}"));
            }
            let update = update
                .update_expression(format!("ADD {}", terms.join(", ")))
                .build()
                .map_err(|e| e.to_string())?;
            Ok(TransactWriteItem::builder().update(update).build())
        }
    }
}

/// Returns the quarantine rows of marks that are new, changed or removed.
fn mark_items<S: Subscriber>(
    table: &Table,
    generation: u64,
    document: &str,
    stored: &Stored<S>,
    state: &State<S>,
) -> Result<Vec<TransactWriteItem>, String> {
    let (before, after) = (&stored.state.quarantine, &state.quarantine);
    let row = |source: &str| key(quarantine_partition(generation), format!("{source}#{document}"));
    let mut items = Vec::new();
    for (source, mark) in after {
        if before.get(source) != Some(mark) {
            let mut item = row(source);
            item.extend(write_mark(mark));
            items.push(put(table, item)?);
        }
    }
    for source in before.keys().filter(|source| !after.contains_key(*source)) {
        items.push(delete(table, row(source))?);
    }
    Ok(items)
}

fn put(table: &Table, item: Item) -> Result<TransactWriteItem, String> {
    let put = Put::builder().table_name(&table.name).set_item(Some(item));
    let put = put.build().map_err(|e| e.to_string())?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn delete(table: &Table, key: Item) -> Result<TransactWriteItem, String> {
    let delete = Delete::builder().table_name(&table.name).set_key(Some(key));
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
        let mark = read_mark(item)?;
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
