//! Reading what a partition holds.

use super::Table;
use crate::item::Item;
use crate::report::Meter;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use std::collections::HashMap;

impl Table {
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

    /// So many items of a partition with sort keys after this one, or as many as there are, consistently, and whether there
    /// may be more. 1 RU per 4 KB, one call per MB.
    pub(crate) async fn page(
        &self,
        pk: &str,
        after: Option<&str>,
        limit: usize,
        meter: &Meter,
    ) -> Result<(Vec<Item>, bool), String> {
        let mut start = after.map(|after| crate::item::key(pk, after));
        let mut items = Vec::new();
        // DynamoDB ends a page at 1 MB, however many items were asked for.
        loop {
            let left = limit.saturating_sub(items.len()).max(1);
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .limit(i32::try_from(left).unwrap_or(i32::MAX))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|e| DisplayErrorContext(e).to_string())?;
            meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || items.len() >= limit {
                return Ok((items, start.is_some()));
            }
        }
    }
}
