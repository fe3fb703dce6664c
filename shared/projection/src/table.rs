use crate::item::{Item, PK, SELF, n, text};
use crate::report::Meter;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, DeleteRequest, Get, KeysAndAttributes, Put, ReturnConsumedCapacity,
    ReturnValue, ReturnValuesOnConditionCheckFailure, TransactGetItem, TransactWriteItem, WriteRequest,
};
use futures::future::join_all;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::HashMap;
use std::time::Duration;

/// The DynamoDB calls on a view's table. Each one asks for what it consumed.
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

/// `BatchGetItem` takes that many keys.
const KEYS_PER_CALL: usize = 100;

/// `BatchWriteItem` takes that many.
const DELETES_PER_CALL: usize = 25;
const DELETES_AT_ONCE: usize = 8;

/// `TransactGetItems` takes that many.
pub(crate) const PER_SNAPSHOT: usize = 100;

impl Table {
    /// 1 RU per 4 KB when consistent, else half of that.
    pub(crate) async fn get(
        &self,
        key: Item,
        consistent: bool,
        meter: &Meter,
    ) -> Result<Option<Item>, String> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key))
            .consistent_read(consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| DisplayErrorContext(e).to_string())?;
        meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
        Ok(answer.item)
    }

    /// Items with these partition keys. 1 RU per item of up to 4 KB when consistent, else half of that; one call per 100.
    pub(crate) async fn get_many(
        &self,
        keys: &[String],
        look: Look<'_>,
        attempts: u32,
        meter: &Meter,
    ) -> Many {
        let mut calls = Vec::new();
        for keys in keys.chunks(KEYS_PER_CALL) {
            calls.push(self.get_chunk(keys, look, attempts, meter));
        }
        let mut many = Many::default();
        for chunk in join_all(calls).await {
            many.found.extend(chunk.found);
            many.unread.extend(chunk.unread);
        }
        many
    }

    /// At most 100 items.
    pub(crate) async fn get_chunk(
        &self,
        keys: &[String],
        look: Look<'_>,
        attempts: u32,
        meter: &Meter,
    ) -> Many {
        let mut many = Many::default();
        let mut left: Vec<Item> = keys
            .iter()
            .map(|pk| crate::item::key(pk.as_str(), look.sort))
            .collect();
        let mut reason = "DynamoDB left the key unprocessed".to_owned();
        for attempt in 0..attempts {
            if attempt > 0 {
                back_off(attempt).await;
            }
            let mut request = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut left)))
                .consistent_read(look.consistent);
            for (i, name) in look.projection.unwrap_or_default().iter().enumerate() {
                request = request.expression_attribute_names(format!("#p{i}"), *name);
            }
            if let Some(names) = look.projection {
                let names: Vec<String> = (0..names.len()).map(|i| format!("#p{i}")).collect();
                request = request.projection_expression(names.join(", "));
            }
            let answer = match request.build() {
                Ok(request) => {
                    self.client
                        .batch_get_item()
                        .request_items(&self.name, request)
                        .return_consumed_capacity(ReturnConsumedCapacity::Total)
                        .send()
                        .await
                }
                Err(error) => Err(SdkError::construction_failure(error)),
            };
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    reason = DisplayErrorContext(error).to_string();
                    break;
                }
            };
            let units = answer.consumed_capacity.unwrap_or_default();
            meter.read(units.iter().map(|c| c.capacity_units).sum());
            let items = answer.responses.unwrap_or_default().remove(&self.name);
            let items = items.unwrap_or_default().into_iter();
            many.found
                .extend(items.filter_map(|item| Some((text(&item, PK)?, item))));
            left = answer
                .unprocessed_keys
                .unwrap_or_default()
                .remove(&self.name)
                .map(|unprocessed| unprocessed.keys)
                .unwrap_or_default();
            if left.is_empty() {
                return many;
            }
        }
        // Either the call failed, or DynamoDB left these behind every time.
        let unread = keys.iter().filter(|pk| !many.found.contains_key(*pk));
        let unread: HashMap<String, String> = unread
            .filter(|pk| left.is_empty() || left.iter().any(|key| key_is(key, pk)))
            .map(|pk| (pk.clone(), reason.clone()))
            .collect();
        many.unread = unread;
        many
    }

    /// At most 100 items as they are at one moment, in this order. 2 RU per item of up to 4 KB; the same again each time
    /// that a writer was at one of them.
    pub(crate) async fn snapshot(
        &self,
        keys: &[Item],
        attempts: u32,
        meter: &Meter,
    ) -> Result<Vec<Option<Item>>, String> {
        let gets: Result<Vec<TransactGetItem>, _> = keys
            .iter()
            .map(|key| {
                let get = Get::builder().table_name(&self.name).set_key(Some(key.clone()));
                Ok(TransactGetItem::builder().get(get.build()?).build())
            })
            .collect();
        let gets = gets.map_err(|e: BuildError| e.to_string())?;
        let mut reason = String::new();
        for attempt in 0..attempts {
            if attempt > 0 {
                back_off(attempt).await;
            }
            let answer = self
                .client
                .transact_get_items()
                .set_transact_items(Some(gets.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let error = match answer {
                Ok(answer) => {
                    let units = answer.consumed_capacity.unwrap_or_default();
                    meter.read(units.iter().map(|c| c.capacity_units).sum());
                    let items = answer.responses.unwrap_or_default().into_iter();
                    return Ok(items.map(|response| response.item).collect());
                }
                Err(error) => error,
            };
            meter.read(None);
            let text = DisplayErrorContext(&error).to_string();
            let ended = match error.as_service_error() {
                Some(TransactGetItemsError::TransactionCanceledException(e)) => {
                    cancelled(e.cancellation_reasons(), text.clone())
                }
                _ => ended(error.code(), text.clone()),
            };
            if !matches!(ended, Written::Busy(_)) {
                return Err(text);
            }
            reason = text;
        }
        Err(reason)
    }

    /// All items of a partition, consistently. 1 RU per 4 KB, one call per MB.
    pub(crate) async fn partition(&self, pk: &str, meter: &Meter) -> Result<Vec<Item>, String> {
        self.beginning(pk, "", meter).await
    }

    /// All items of a partition whose sort keys begin so, consistently. 1 RU per 4 KB, one call per MB.
    pub(crate) async fn beginning(&self, pk: &str, prefix: &str, meter: &Meter) -> Result<Vec<Item>, String> {
        let (condition, prefix) = match prefix {
            "" => ("pk = :pk", None),
            _ => ("pk = :pk AND begins_with(sk, :prefix)", Some(prefix)),
        };
        let mut values = HashMap::from([(":pk".to_owned(), AttributeValue::S(pk.to_owned()))]);
        if let Some(prefix) = prefix {
            values.insert(":prefix".to_owned(), AttributeValue::S(prefix.to_owned()));
        }
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression(condition)
                .set_expression_attribute_values(Some(values.clone()))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|e| DisplayErrorContext(e).to_string())?;
            meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Up to so many items of a partition with sort keys after this one, consistently, and whether there may be more. 1
    /// RU per 4 KB, one call.
    pub(crate) async fn page(
        &self,
        pk: &str,
        after: Option<&str>,
        limit: usize,
        meter: &Meter,
    ) -> Result<(Vec<Item>, bool), String> {
        let start = after.map(|after| crate::item::key(pk, after));
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .consistent_read(true)
            .set_exclusive_start_key(start)
            .limit(i32::try_from(limit.max(1)).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| DisplayErrorContext(e).to_string())?;
        meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
        let more = answer.last_evaluated_key.is_some_and(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), more))
    }

    /// The keys of a page (up to 1 MB) of a segment of the table that are in a partition with this beginning, or in this
    /// one, and where the next page begins. Half a read unit per 4 KB of everything that is there.
    pub(crate) async fn keys_of(
        &self,
        beginning: &str,
        partition: &str,
        (segment, of): (u32, u32),
        start: Option<Item>,
        meter: &Meter,
    ) -> Result<(Vec<Item>, Option<Item>), String> {
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let answer = self
            .client
            .scan()
            .table_name(&self.name)
            .projection_expression("pk, sk")
            .filter_expression("begins_with(pk, :beginning) OR pk = :partition")
            .expression_attribute_values(":beginning", AttributeValue::S(beginning.to_owned()))
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
            .consistent_read(true)
            .segment(number(segment))
            .total_segments(number(of.max(1)))
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| DisplayErrorContext(e).to_string())?;
        meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
        let next = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), next))
    }

    /// Deletes items with these keys, 25 per call. 1 WU per KB of what was there, and as much again for its index entry.
    pub(crate) async fn delete(&self, keys: Vec<Item>, attempts: u32, meter: &Meter) -> Result<(), String> {
        let calls: Vec<_> = keys
            .chunks(DELETES_PER_CALL)
            .map(|chunk| self.delete_chunk(chunk.to_vec(), attempts, meter))
            .collect();
        stream::iter(calls)
            .buffer_unordered(DELETES_AT_ONCE)
            .try_collect()
            .await
    }

    async fn delete_chunk(&self, keys: Vec<Item>, attempts: u32, meter: &Meter) -> Result<(), String> {
        let requests: Result<Vec<WriteRequest>, BuildError> = keys
            .into_iter()
            .map(|key| {
                let delete = DeleteRequest::builder().set_key(Some(key)).build()?;
                Ok(WriteRequest::builder().delete_request(delete).build())
            })
            .collect();
        let mut left = requests.map_err(|e| e.to_string())?;
        for attempt in 0..attempts {
            if attempt > 0 {
                back_off(attempt).await;
            }
            let answer = self
                .client
                .batch_write_item()
                .request_items(&self.name, std::mem::take(&mut left))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|e| DisplayErrorContext(e).to_string())?;
            let units = answer.consumed_capacity.unwrap_or_default();
            meter.wrote(units.iter().map(|c| c.capacity_units).sum());
            left = answer
                .unprocessed_items
                .unwrap_or_default()
                .remove(&self.name)
                .unwrap_or_default();
            if left.is_empty() {
                return Ok(());
            }
        }
        Err("DynamoDB left deletions unprocessed every time".to_owned())
    }

    /// One document, on the condition that it still has this revision. 1 WU per KB, and as much again for its index
    /// entry.
    pub(crate) async fn put(&self, item: Item, revision: u64, meter: &Meter) -> Written {
        let (condition, values) = unchanged(revision);
        let answer = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .return_values(ReturnValue::None)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                meter.wrote(answer.consumed_capacity.and_then(|c| c.capacity_units));
                Written::Done
            }
            Err(error) => {
                meter.wrote(None);
                match error.as_service_error() {
                    Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                        Written::Lost(refused.item.clone())
                    }
                    _ => ended(error.code(), DisplayErrorContext(&error).to_string()),
                }
            }
        }
    }

    /// One document with at most 99 other items. Everything costs twice what it costs alone.
    pub(crate) async fn transact(
        &self,
        item: Item,
        revision: u64,
        others: Vec<TransactWriteItem>,
        meter: &Meter,
    ) -> Written {
        let (condition, values) = unchanged(revision);
        let document = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        let document = match document {
            Ok(document) => TransactWriteItem::builder().put(document).build(),
            Err(error) => return Written::Failed(error.to_string()),
        };
        let items = std::iter::once(document).chain(others).collect();
        let answer = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                let units = answer.consumed_capacity.unwrap_or_default();
                meter.wrote(units.iter().map(|c| c.capacity_units).sum());
                Written::Done
            }
            Err(error) => {
                meter.wrote(None);
                let text = DisplayErrorContext(&error).to_string();
                match error.as_service_error() {
                    Some(TransactWriteItemsError::TransactionCanceledException(e)) => {
                        cancelled(e.cancellation_reasons(), text)
                    }
                    _ => ended(error.code(), text),
                }
            }
        }
    }
}

fn unchanged(revision: u64) -> (&'static str, Option<HashMap<String, AttributeValue>>) {
    if revision == 0 {
        ("attribute_not_exists(pk)", None)
    } else {
        ("r = :r", Some([(":r".to_owned(), n(revision))].into()))
    }
}

fn key_is(key: &Item, pk: &str) -> bool {
    key.get(PK).and_then(|v| v.as_s().ok()).is_some_and(|s| s == pk)
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
