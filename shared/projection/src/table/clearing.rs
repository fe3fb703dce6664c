//! Finds and deletes the rows of a generation.

use super::{Table, back_off};
use crate::item::Item;
use crate::report::Meter;
use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext};
use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, ReturnConsumedCapacity, WriteRequest};
use futures::{StreamExt, TryStreamExt, stream};

/// The maximum number of items in a page of a Scan, which also ends at 1 MB.
const SCANNED: i32 = 1_000;
/// The limit of `BatchWriteItem`.
const DELETES_PER_CALL: usize = 25;
const DELETES_AT_ONCE: usize = 8;

impl Table {
    /// Reads one page (up to 1 MB, 1,000 items) of a segment of the table. Returns the keys of the items whose
    /// partition begins with `beginning` or equals `partition`, and where the next page begins. Half a read unit per 4
    /// KB of all items in the page.
    pub(crate) async fn keys_of(
        &self,
        beginning: &str,
        partition: &str,
        (segment, of): (u32, u32),
        start: Option<Item>,
        meter: &Meter,
    ) -> Result<(Vec<Item>, Option<Item>), String> {
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let parallel = of > 1;
        let answer = self
            .client
            .scan()
            .table_name(&self.name)
            .projection_expression("pk, sk")
            .filter_expression("begins_with(pk, :beginning) OR pk = :partition")
            .expression_attribute_values(":beginning", AttributeValue::S(beginning.to_owned()))
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
            .consistent_read(true)
            .set_segment(parallel.then_some(number(segment)))
            .set_total_segments(parallel.then_some(number(of)))
            .limit(SCANNED)
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| DisplayErrorContext(e).to_string())?;
        meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
        let next = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), next))
    }

    /// Deletes the items with these keys, 25 per call. 1 WU per KB of each item, and as much again for its index entry.
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
        Err("DynamoDB left deletions unprocessed in every attempt".to_owned())
    }
}
