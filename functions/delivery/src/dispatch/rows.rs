//! The rows through which deliveries and couriers are matched, in the table of `delivery-reactor`.
//!
//! | row | pk | sk | version |
//! | --- | --- | --- | --- |
//! | free courier | `dispatch#free` | the courier's id | of the courier's stream when the courier was seen free |
//! | waiting delivery | `dispatch#waiting` | `{readyBy in milliseconds, 14 digits}#{order id}` | of the delivery's stream when it was seen waiting |
//!
//! The engine's own documents have other partition keys (`g1#…`). The names are stored; version them with care.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::{CourierId, Moment, OrderId};
use projection::EffectError;
use std::collections::HashMap;
use std::error::Error;
use std::fmt::Debug;

/// The number of rows that one Query reads: 25 rows of about 100 bytes are one read unit.
pub(super) const PAGE: i32 = 25;

/// The set that a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Free,
    Waiting,
}

impl Set {
    fn partition(self) -> &'static str {
        match self {
            Self::Free => "dispatch#free",
            Self::Waiting => "dispatch#waiting",
        }
    }
}

/// One row of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) sort: String,
    pub(super) version: u64,
}

impl Row {
    pub(super) fn free(courier_id: CourierId, version: u64) -> Self {
        Self {
            sort: courier_id.to_string(),
            version,
        }
    }

    /// Returns a waiting row. 14 digits hold every millisecond up to the year 5138, so text order is time order.
    pub(super) fn waiting(order_id: OrderId, ready_by: Moment, version: u64) -> Self {
        Self {
            sort: format!("{:014}#{order_id}", ready_by.timestamp().as_millisecond()),
            version,
        }
    }

    /// Returns the courier of a free row.
    pub(super) fn courier_id(&self) -> Option<CourierId> {
        self.sort.parse().ok()
    }

    /// Returns the order of a waiting row.
    pub(super) fn order_id(&self) -> Option<OrderId> {
        self.sort.split_once('#')?.1.parse().ok()
    }
}

/// A page of the rows of a set, in order.
pub(super) struct Page {
    pub(super) rows: Vec<Row>,
    /// The sort key after which there may be more rows; `None` at the end.
    pub(super) next: Option<String>,
}

/// The table of the rows.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) client: Client,
    pub(super) table: String,
}

impl Rows {
    /// Writes a row, unless one of a later version exists. 1 WU.
    pub(super) async fn put(&self, set: Set, row: &Row) -> Result<(), EffectError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item("pk", AttributeValue::S(set.partition().to_owned()))
            .item("sk", AttributeValue::S(row.sort.clone()))
            .item("version", AttributeValue::N(row.version.to_string()))
            .condition_expression("attribute_not_exists(pk) OR version < :v")
            .expression_attribute_values(":v", AttributeValue::N(row.version.to_string()));
        unless_another(put.send().await)
    }

    /// Removes a row, unless another version was written since. 1 WU.
    pub(super) async fn remove(&self, set: Set, row: &Row) -> Result<(), EffectError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(set.partition().to_owned()))
            .key("sk", AttributeValue::S(row.sort.clone()))
            .condition_expression("version = :v")
            .expression_attribute_values(":v", AttributeValue::N(row.version.to_string()));
        unless_another(delete.send().await)
    }

    /// Returns the first rows, or the first ones after a sort key. One strongly consistent Query, 1 RU: an eventually
    /// consistent one could miss the decisive row (see [`super`]).
    pub(super) async fn page(&self, set: Set, after: Option<&str>) -> Result<Page, EffectError> {
        let partition = AttributeValue::S(set.partition().to_owned());
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", partition)
            .consistent_read(true)
            .limit(PAGE);
        if let Some(sort) = after {
            query = query
                .set_key_condition_expression(Some("pk = :pk AND sk > :after".to_owned()))
                .expression_attribute_values(":after", AttributeValue::S(sort.to_owned()));
        }
        let output = query.send().await.map_err(retry)?;
        let next = output.last_evaluated_key().and_then(|key| key.get("sk"));
        let next = next.and_then(|sort| sort.as_s().ok()).cloned();
        let rows = output.items().iter().filter_map(read).collect();
        Ok(Page { rows, next })
    }
}

/// Reads a row. A damaged row is skipped, because it must not hide the others.
fn read(item: &HashMap<String, AttributeValue>) -> Option<Row> {
    let sort = item.get("sk").and_then(|sort| sort.as_s().ok());
    let version = item.get("version").and_then(|version| version.as_n().ok());
    let row = sort.zip(version.and_then(|version| version.parse().ok()));
    if row.is_none() {
        tracing::error!(?sort, "skipped a damaged dispatch row");
    }
    row.map(|(sort, version)| Row {
        sort: sort.clone(),
        version,
    })
}

/// Treats a failed condition as success: the row has another version.
fn unless_another<T, E, R>(sent: Result<T, SdkError<E, R>>) -> Result<(), EffectError>
where
    E: ProvideErrorMetadata + Error + 'static,
    R: Debug + 'static,
{
    match sent {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some("ConditionalCheckFailedException") => Ok(()),
        Err(error) => Err(retry(error)),
    }
}

fn retry(error: impl Error) -> EffectError {
    EffectError::Retry(DisplayErrorContext(error).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn waiting_rows_sort_as_their_times_do(
            first in 946_684_800_000_i64..7_258_118_400_000,
            second in 946_684_800_000_i64..7_258_118_400_000,
        ) {
            let row = |millisecond| {
                let time = jiff::Timestamp::from_millisecond(millisecond).unwrap();
                Row::waiting(OrderId::from_uuid(Uuid::nil()), Moment::new(time).unwrap(), 1).sort
            };
            prop_assert_eq!(first.cmp(&second), row(first).cmp(&row(second)));
        }
    }

    #[test]
    fn row_returns_its_courier_or_order() {
        let order_id = OrderId::from_uuid(Uuid::from_u128(1));
        let waiting = Row::waiting(order_id, "2026-11-23T18:30:00Z".parse().unwrap(), 2);
        assert_eq!(waiting.order_id(), Some(order_id));
        let courier_id = CourierId::from_uuid(Uuid::from_u128(2));
        assert_eq!(Row::free(courier_id, 2).courier_id(), Some(courier_id));
    }
}
