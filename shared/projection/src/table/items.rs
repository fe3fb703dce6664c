//! Reads items by their keys.

use super::{Look, Many, Table, Written, back_off, cancelled, ended};
use crate::item::{Item, PK, text};
use crate::report::Meter;
use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::types::{Get, KeysAndAttributes, ReturnConsumedCapacity, TransactGetItem};
use futures::future::join_all;
use std::collections::HashMap;

/// The limit of `BatchGetItem`.
const KEYS_PER_CALL: usize = 100;

/// The limit of `TransactGetItems`.
pub(crate) const PER_SNAPSHOT: usize = 100;

impl Table {
    /// Reads an item. 1 RU per 4 KB when consistent, else half of that.
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

    /// Reads the items with these partition keys. 1 RU per item of up to 4 KB when consistent, else half of that; one
    /// call per 100.
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

    /// Reads at most 100 items.
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
        // Either the call failed, or DynamoDB left these keys unprocessed in every attempt.
        let unread = keys.iter().filter(|pk| !many.found.contains_key(*pk));
        let unread: HashMap<String, String> = unread
            .filter(|pk| left.is_empty() || left.iter().any(|key| key_is(key, pk)))
            .map(|pk| (pk.clone(), reason.clone()))
            .collect();
        many.unread = unread;
        many
    }

    /// Reads at most 100 items in one snapshot, in this order. 2 RU per item of up to 4 KB; the same again for each
    /// conflict with a writer.
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
}

fn key_is(key: &Item, pk: &str) -> bool {
    key.get(PK).and_then(|v| v.as_s().ok()).is_some_and(|s| s == pk)
}
