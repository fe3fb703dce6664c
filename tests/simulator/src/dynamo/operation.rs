use super::refusal::{IntoError, Refusal};
use super::table::{Item, Key};
use super::{Engine, Look, Written};
use aws_sdk_dynamodb::operation as op;
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};

/// One call, as the SDK's client received it.
#[derive(Debug)]
pub(crate) enum Operation {
    Get(op::get_item::GetItemInput),
    BatchGet(op::batch_get_item::BatchGetItemInput),
    Query(op::query::QueryInput),
    Scan(op::scan::ScanInput),
    Describe(op::describe_table::DescribeTableInput),
    TransactGet(op::transact_get_items::TransactGetItemsInput),
    Put(op::put_item::PutItemInput),
    Update(op::update_item::UpdateItemInput),
    Delete(op::delete_item::DeleteItemInput),
    BatchWrite(op::batch_write_item::BatchWriteItemInput),
    TransactWrite(op::transact_write_items::TransactWriteItemsInput),
}

/// The result of a call.
pub(crate) type Answer = Result<Output, Refused>;

/// An error reply, and its code in traces.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) error: Error,
}

impl Operation {
    pub(crate) fn read(input: Input) -> Self {
        macro_rules! either {
            ($input:ident, $($variant:ident),*) => {{
                $(let $input = match $input.downcast() {
                    Ok(input) => return Self::$variant(input),
                    Err(input) => input,
                };)*
                panic!("the simulator's DynamoDB does not support the operation {:?}", $input)
            }};
        }
        either!(
            input,
            Get,
            BatchGet,
            Query,
            Scan,
            Describe,
            TransactGet,
            Put,
            Update,
            Delete,
            BatchWrite,
            TransactWrite
        )
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Get(_) => "GetItem",
            Self::BatchGet(_) => "BatchGetItem",
            Self::Query(_) => "Query",
            Self::Scan(_) => "Scan",
            Self::Describe(_) => "DescribeTable",
            Self::TransactGet(_) => "TransactGetItems",
            Self::Put(_) => "PutItem",
            Self::Update(_) => "UpdateItem",
            Self::Delete(_) => "DeleteItem",
            Self::BatchWrite(_) => "BatchWriteItem",
            Self::TransactWrite(_) => "TransactWriteItems",
        }
    }

    pub(crate) fn writes(&self) -> bool {
        matches!(
            self,
            Self::Put(_) | Self::Update(_) | Self::Delete(_) | Self::BatchWrite(_) | Self::TransactWrite(_)
        )
    }

    pub(crate) fn is_transaction(&self) -> bool {
        matches!(self, Self::TransactGet(_) | Self::TransactWrite(_))
    }

    /// Returns the number of items in a transaction or a batch.
    pub(crate) fn items(&self) -> usize {
        match self {
            Self::TransactGet(input) => input.transact_items().len(),
            Self::TransactWrite(input) => input.transact_items().len(),
            Self::BatchGet(input) => {
                let tables = input.request_items.iter().flatten();
                tables.map(|(_, keys)| keys.keys.len()).sum()
            }
            Self::BatchWrite(input) => {
                let tables = input.request_items.iter().flatten();
                tables.map(|(_, requests)| requests.len()).sum()
            }
            _ => 1,
        }
    }

    /// Returns the table, for several items that of the first.
    pub(crate) fn table(&self) -> &str {
        let name = match self {
            Self::Get(input) => input.table_name(),
            Self::BatchGet(input) => input
                .request_items()
                .and_then(|t| t.keys().next())
                .map(String::as_str),
            Self::Query(input) => input.table_name(),
            Self::Scan(input) => input.table_name(),
            Self::Describe(input) => input.table_name(),
            Self::TransactGet(input) => {
                let first = input.transact_items().first().and_then(|item| item.get());
                first.map(|get| get.table_name())
            }
            Self::Put(input) => input.table_name(),
            Self::Update(input) => input.table_name(),
            Self::Delete(input) => input.table_name(),
            Self::BatchWrite(input) => input
                .request_items()
                .and_then(|t| t.keys().next())
                .map(String::as_str),
            Self::TransactWrite(input) => {
                let first = input.transact_items().first();
                first.and_then(|item| {
                    let put = item.put().map(|put| put.table_name());
                    put.or(item.update().map(|u| u.table_name()))
                        .or(item.delete().map(|d| d.table_name()))
                        .or(item.condition_check().map(|c| c.table_name()))
                })
            }
        };
        name.unwrap_or_default()
    }

    /// Returns the items at which the operation conflicts with a transaction in flight: those of transactions and single
    /// writes ("Transaction conflict handling in DynamoDB" in its developer guide). Others never conflict.
    pub(crate) fn places(&self, engine: &Engine) -> Vec<(String, Key)> {
        let at = |name: &str, key: &Item| (name.to_owned(), engine.table(Some(name)).key(key));
        match self {
            Self::Put(input) => {
                let item = input.item().map(|item| at(self.table(), item));
                item.into_iter().collect()
            }
            Self::Update(input) => input.key().map(|key| at(self.table(), key)).into_iter().collect(),
            Self::Delete(input) => input.key().map(|key| at(self.table(), key)).into_iter().collect(),
            Self::TransactGet(input) => {
                let gets = input.transact_items().iter().filter_map(|item| item.get());
                gets.map(|get| at(&get.table_name, &get.key)).collect()
            }
            Self::TransactWrite(input) => {
                let parts = input.transact_items().iter().filter_map(|item| {
                    let put = item.put().map(|put| at(&put.table_name, &put.item));
                    put.or(item.update().map(|update| at(&update.table_name, &update.key)))
                        .or(item.delete().map(|delete| at(&delete.table_name, &delete.key)))
                        .or(item
                            .condition_check()
                            .map(|check| at(&check.table_name, &check.key)))
                });
                parts.collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the key of the item, for a trace.
    pub(crate) fn place(&self, engine: &Engine) -> Option<Key> {
        let table = engine.table(Some(self.table()));
        match self {
            Self::Get(input) => input.key().map(|key| table.key(key)),
            Self::Put(input) => input.item().map(|item| table.key(item)),
            Self::Update(input) => input.key().map(|key| table.key(key)),
            Self::Delete(input) => input.key().map(|key| table.key(key)),
            Self::TransactWrite(input) => {
                let put = input.transact_items().first().and_then(|item| item.put());
                put.map(|put| table.key(put.item()))
            }
            _ => None,
        }
    }

    /// Executes the operation. `process` selects the items of a batch that are processed.
    pub(crate) fn perform(
        &self,
        engine: &mut Engine,
        look: Look,
        written: &mut Written,
        process: &mut dyn FnMut(usize) -> bool,
    ) -> Answer {
        match self {
            Self::Get(input) => answer::<_, op::get_item::GetItemError>(engine.get(input, look)),
            Self::BatchGet(input) => {
                answer::<_, op::batch_get_item::BatchGetItemError>(engine.batch_get(input, look, process))
            }
            Self::Query(input) => answer::<_, op::query::QueryError>(engine.query(input, look)),
            Self::Scan(input) => answer::<_, op::scan::ScanError>(engine.scan(input, look)),
            Self::Describe(input) => {
                answer::<_, op::describe_table::DescribeTableError>(Ok(engine.describe(input)))
            }
            Self::TransactGet(input) => {
                answer::<_, op::transact_get_items::TransactGetItemsError>(engine.transact_get(input))
            }
            Self::Put(input) => answer::<_, op::put_item::PutItemError>(engine.put(input, written)),
            Self::Update(input) => {
                answer::<_, op::update_item::UpdateItemError>(engine.update(input, written))
            }
            Self::Delete(input) => {
                answer::<_, op::delete_item::DeleteItemError>(engine.delete(input, written))
            }
            Self::BatchWrite(input) => answer::<_, op::batch_write_item::BatchWriteItemError>(
                engine.batch_write(input, written, process),
            ),
            Self::TransactWrite(input) => answer::<_, op::transact_write_items::TransactWriteItemsError>(
                engine.transact_write(input, written),
            ),
        }
    }

    /// Returns an error instead of a result.
    pub(crate) fn refuse(&self, refusal: Refusal) -> Refused {
        let code = refusal.code;
        let error = match self {
            Self::Get(_) => op::get_item::GetItemError::into_error(refusal),
            Self::BatchGet(_) => op::batch_get_item::BatchGetItemError::into_error(refusal),
            Self::Query(_) => op::query::QueryError::into_error(refusal),
            Self::Scan(_) => op::scan::ScanError::into_error(refusal),
            Self::Describe(_) => op::describe_table::DescribeTableError::into_error(refusal),
            Self::TransactGet(_) => op::transact_get_items::TransactGetItemsError::into_error(refusal),
            Self::Put(_) => op::put_item::PutItemError::into_error(refusal),
            Self::Update(_) => op::update_item::UpdateItemError::into_error(refusal),
            Self::Delete(_) => op::delete_item::DeleteItemError::into_error(refusal),
            Self::BatchWrite(_) => op::batch_write_item::BatchWriteItemError::into_error(refusal),
            Self::TransactWrite(_) => op::transact_write_items::TransactWriteItemsError::into_error(refusal),
        };
        Refused { code, error }
    }
}

fn answer<T, E>(done: Result<T, Refusal>) -> Answer
where
    T: std::fmt::Debug + Send + Sync + 'static,
    E: IntoError,
{
    match done {
        Ok(output) => Ok(Output::erase(output)),
        Err(refusal) => Err(Refused {
            code: refusal.code,
            error: E::into_error(refusal),
        }),
    }
}
