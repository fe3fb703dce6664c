use crate::item::Item;
use crate::item_size::{item_size, kilobytes};
use crate::load::Table;
use crate::stored::{Stored, read_stored};
use crate::{Consumed, StoreError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};

/// The outcome of an append.
pub(crate) enum Appended {
    /// The commit is stored.
    Done,
    /// The version exists, in this commit. It may be the writer's own commit (G3, G4).
    Taken(Box<Stored>),
}

impl Table {
    /// Appends one item (G1, G2). 1 PutItem: 1 write unit per KB. A refused append is billed by the size of the
    /// existing item.
    ///
    /// A retry by the SDK after a lost reply is refused by the item that the first attempt stored, so the caller
    /// compares commit ids.
    pub(crate) async fn append(&self, item: Item, consumed: &mut Consumed) -> Result<Appended, StoreError> {
        match self.put_new(item, consumed).await? {
            None => Ok(Appended::Done),
            Some(taken_by) => Ok(Appended::Taken(Box::new(read_stored(taken_by)?))),
        }
    }

    /// Stores an item if its place is free; otherwise returns the item that is there. 1 PutItem: 1 write unit per KB. A
    /// refused one is billed by the size of the existing item.
    pub(crate) async fn put_new(
        &self,
        item: Item,
        consumed: &mut Consumed,
    ) -> Result<Option<Item>, StoreError> {
        let result = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match result {
            Ok(output) => {
                consumed.written(output.consumed_capacity());
                return Ok(None);
            }
            Err(error) => error,
        };
        let Some(PutItemError::ConditionalCheckFailedException(refused)) = error.as_service_error() else {
            return Err(StoreError::from_sdk("PutItem", error));
        };
        let Some(taken_by) = refused.item.clone() else {
            let reason = "DynamoDB refused a write without returning the existing item";
            return Err(StoreError::damaged(&self.name, reason));
        };
        consumed.refused(kilobytes(item_size(&taken_by)));
        Ok(Some(taken_by))
    }
}
