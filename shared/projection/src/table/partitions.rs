//! Reads the items of a partition.

use super::Table;
use crate::item::Item;
use crate::report::Meter;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use std::collections::HashMap;

impl Table {
    /// Reads all items of a partition, consistently. 1 RU per 4 KB, one call per MB.
    pub(crate) async fn partition(&self, pk: &str, meter: &Meter) -> Result<Vec<Item>, String> {
        self.beginning(pk, "", meter).await
    }

    /// Reads all items of a partition whose sort keys begin with this prefix, consistently. 1 RU per 4 KB, one call per
    /// MB.
    pub(crate) async fn beginning(&self, pk: &str, prefix: &str, meter: &Meter) -> Result<Vec<Item>, String> {
        let mut values = HashMap::from([(":pk".to_owned(), AttributeValue::S(pk.to_owned()))]);
        let condition = if prefix.is_empty() {
            "pk = :pk"
        } else {
            values.insert(":prefix".to_owned(), AttributeValue::S(prefix.to_owned()));
            "pk = :pk AND begins_with(sk, :prefix)"
        };
        let (items, _) = self.pages(condition, values, None, None, meter).await?;
        Ok(items)
    }

    /// Reads up to `limit` items of a partition with sort keys after this one, consistently, and whether there may be
    /// more. 1 RU per 4 KB, one call per MB.
    pub(crate) async fn page(
        &self,
        pk: &str,
        after: Option<&str>,
        limit: usize,
        meter: &Meter,
    ) -> Result<(Vec<Item>, bool), String> {
        let values = HashMap::from([(":pk".to_owned(), AttributeValue::S(pk.to_owned()))]);
        let start = after.map(|after| crate::item::key(pk, after));
        self.pages("pk = :pk", values, start, Some(limit.max(1)), meter)
            .await
    }

    /// Reads up to `limit` items of a partition with sort keys below `end` and after `after`, consistently, and whether
    /// there may be more. 1 RU per 4 KB, one call per MB.
    pub(crate) async fn until(
        &self,
        pk: &str,
        end: &str,
        after: Option<&str>,
        limit: usize,
        meter: &Meter,
    ) -> Result<(Vec<Item>, bool), String> {
        let values = [(":pk", pk), (":end", end)];
        let values = values.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
        let start = after.map(|after| crate::item::key(pk, after));
        self.pages(
            "pk = :pk AND sk < :end",
            values.into(),
            start,
            Some(limit.max(1)),
            meter,
        )
        .await
    }

    /// Reads pages until there are enough items, or no more: DynamoDB ends a page at 1 MB, whatever the limit.
    async fn pages(
        &self,
        condition: &str,
        values: HashMap<String, AttributeValue>,
        mut start: Option<Item>,
        limit: Option<usize>,
        meter: &Meter,
    ) -> Result<(Vec<Item>, bool), String> {
        let mut items = Vec::new();
        loop {
            let left = limit.map(|limit| limit - items.len());
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression(condition)
                .set_expression_attribute_values(Some(values.clone()))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .set_limit(left.map(|left| i32::try_from(left).unwrap_or(i32::MAX)))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|e| DisplayErrorContext(e).to_string())?;
            meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() || limit.is_some_and(|limit| items.len() >= limit) {
                return Ok((items, start.is_some()));
            }
        }
    }
}
