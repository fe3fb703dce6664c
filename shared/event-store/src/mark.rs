//! Marks of commands without events (G4).
//!
//! A command with a client's key that changed nothing leaves a mark, because its repetition could change something later: it
//! would undo what happened in between. A mark is an item of its own and not a commit, because a commit without events would
//! need a version and would reach every subscriber.

use crate::item::Item;
use crate::load::Table;
use crate::{CommandContext, Consumed, StoreError};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use commit::{CommandId, Fingerprint, MARKS};
use std::collections::HashMap;
use std::time::Duration;

/// How long a mark is kept. DynamoDB deletes it up to some days later, and until then it is still valid.
pub(crate) const MARK_AGE: Duration = Duration::from_secs(25 * 3_600);

/// The attribute by which DynamoDB deletes marks: seconds since 1970.
pub(crate) const EXPIRES: &str = "x";
const FINGERPRINT: &str = "f";
const VERSION: &str = "v";

/// What is remembered of a command without events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) fingerprint: Fingerprint,
    /// The version of the stream at which the command changed nothing; 0 when it did not exist.
    pub(crate) version: u64,
}

impl Mark {
    fn item(&self, context: &CommandContext) -> Item {
        let expires = context.now.as_second() + MARK_AGE.as_secs().cast_signed();
        let n = |number: String| AttributeValue::N(number);
        let mut item = key(&context.command_id);
        item.insert(
            FINGERPRINT.to_owned(),
            AttributeValue::S(self.fingerprint.to_string()),
        );
        item.insert(VERSION.to_owned(), n(self.version.to_string()));
        item.insert(EXPIRES.to_owned(), n(expires.to_string()));
        item
    }

    fn read(item: &Item) -> Option<Self> {
        match (item.get(FINGERPRINT)?, item.get(VERSION)?) {
            (AttributeValue::S(fingerprint), AttributeValue::N(version)) => Some(Self {
                fingerprint: fingerprint.parse().ok()?,
                version: version.parse().ok()?,
            }),
            _ => None,
        }
    }
}

fn partition(command: &CommandId) -> String {
    format!("{MARKS}#{command}")
}

fn key(command: &CommandId) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(partition(command))),
        ("sk".to_owned(), AttributeValue::N("0".to_owned())),
    ])
}

impl Table {
    /// Returns the mark of this command, if it left one. 1 RU: one consistent Query, which the service's role allows for
    /// streams anyway.
    pub(crate) async fn mark(
        &self,
        command: &CommandId,
        consumed: &mut Consumed,
    ) -> Result<Option<Mark>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(partition(command)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| StoreError::from_sdk("Query", e))?;
        consumed.read(output.consumed_capacity());
        Ok(output.items().first().and_then(Mark::read))
    }

    /// Leaves a mark, or returns the one that the command left before. 1 WU: one PutItem of about 120 bytes.
    pub(crate) async fn leave(
        &self,
        mark: Mark,
        context: &CommandContext,
        consumed: &mut Consumed,
    ) -> Result<Option<Mark>, StoreError> {
        let Some(left) = self.put_new(mark.item(context), consumed).await? else {
            return Ok(None);
        };
        Mark::read(&left)
            .map(Some)
            .ok_or_else(|| StoreError::damaged(partition(&context.command_id), "it is not a mark"))
    }
}
