//! Writes a document, alone or with the items derived from it.

use super::{Table, Transacted, Written, cancelled_many, ended};
use crate::item::{Item, n};
use crate::report::Meter;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};
use std::collections::HashMap;

impl Table {
    /// Writes one document, on the condition that it still has this revision. 1 WU per KB, and as much again for its
    /// index entry.
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

    /// Writes one document with at most 99 other items in a transaction. Every item costs twice as much as alone.
    pub(crate) async fn transact(
        &self,
        item: Item,
        revision: u64,
        others: Vec<TransactWriteItem>,
        meter: &Meter,
    ) -> Written {
        let document = match self.put_unchanged(item, revision) {
            Ok(document) => document,
            Err(error) => return Written::Failed(error),
        };
        match self.transact_many(vec![document], others, meter).await {
            Transacted::All(written) => written,
            Transacted::Lost(mut lost) => Written::Lost(lost.remove(&0).flatten()),
        }
    }

    /// Writes documents, each with the condition of [`Self::put_unchanged`], and other items in one transaction: at most
    /// 100 items, each at twice what it costs alone.
    pub(crate) async fn transact_many(
        &self,
        documents: Vec<TransactWriteItem>,
        others: Vec<TransactWriteItem>,
        meter: &Meter,
    ) -> Transacted {
        let count = documents.len();
        let items = documents.into_iter().chain(others).collect();
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
                Transacted::All(Written::Done)
            }
            Err(error) => {
                meter.wrote(None);
                let text = DisplayErrorContext(&error).to_string();
                match error.as_service_error() {
                    Some(TransactWriteItemsError::TransactionCanceledException(e)) => {
                        cancelled_many(e.cancellation_reasons(), count, text)
                    }
                    _ => Transacted::All(ended(error.code(), text)),
                }
            }
        }
    }

    /// Returns the part of a transaction that corresponds to [`Table::put`].
    pub(crate) fn put_unchanged(&self, item: Item, revision: u64) -> Result<TransactWriteItem, String> {
        let (condition, values) = unchanged(revision);
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values(values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|e| e.to_string())?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn unchanged(revision: u64) -> (&'static str, Option<HashMap<String, AttributeValue>>) {
    if revision == 0 {
        ("attribute_not_exists(pk)", None)
    } else {
        ("r = :r", Some([(":r".to_owned(), n(revision))].into()))
    }
}
