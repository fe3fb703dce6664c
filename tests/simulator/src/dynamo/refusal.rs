use super::table::Item;
use aws_sdk_dynamodb::error::ErrorMetadata;
use aws_sdk_dynamodb::types::CancellationReason;
use aws_sdk_dynamodb::types::error as types;
use aws_smithy_runtime_api::client::interceptors::context::Error;

/// An error reply of DynamoDB.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    /// The existing item, if it was requested.
    pub(crate) item: Option<Item>,
    pub(crate) reasons: Vec<CancellationReason>,
}

pub(crate) const CONDITION: &str = "ConditionalCheckFailedException";
pub(crate) const CANCELLED: &str = "TransactionCanceledException";
pub(crate) const CONFLICT: &str = "TransactionConflictException";
pub(crate) const INVALID: &str = "ValidationException";

impl Refusal {
    pub(crate) fn new(code: &'static str) -> Self {
        Self {
            code,
            item: None,
            reasons: Vec::new(),
        }
    }

    /// Returns the error of a transaction that failed by its own conditions, or conflicted with another one at its first item.
    pub(crate) fn cancelled(reasons: Vec<CancellationReason>) -> Self {
        Self {
            reasons,
            ..Self::new(CANCELLED)
        }
    }

    fn meta(&self) -> ErrorMetadata {
        ErrorMetadata::builder()
            .code(self.code)
            .message(self.code)
            .build()
    }
}

pub(crate) fn reason(code: &str, item: Option<Item>) -> CancellationReason {
    CancellationReason::builder().code(code).set_item(item).build()
}

/// The error of one operation, as the SDK would have parsed it.
pub(crate) trait IntoError {
    fn into_error(refusal: Refusal) -> Error;
}

macro_rules! plain {
    ($($name:ident in $module:ident),* $(,)?) => {$(
        impl IntoError for aws_sdk_dynamodb::operation::$module::$name {
            fn into_error(refusal: Refusal) -> Error {
                Error::erase(Self::generic(refusal.meta()))
            }
        }
    )*};
}
plain!(
    GetItemError in get_item, BatchGetItemError in batch_get_item, QueryError in query, ScanError in scan,
    BatchWriteItemError in batch_write_item, DescribeTableError in describe_table,
);

macro_rules! conditional {
    ($($name:ident in $module:ident),* $(,)?) => {$(
        impl IntoError for aws_sdk_dynamodb::operation::$module::$name {
            fn into_error(refusal: Refusal) -> Error {
                if refusal.code != CONDITION {
                    return Error::erase(Self::generic(refusal.meta()));
                }
                let meta = refusal.meta();
                let refused = types::ConditionalCheckFailedException::builder();
                let refused = refused.message(CONDITION).set_item(refusal.item).meta(meta);
                Error::erase(Self::ConditionalCheckFailedException(refused.build()))
            }
        }
    )*};
}
conditional!(PutItemError in put_item, UpdateItemError in update_item, DeleteItemError in delete_item);

macro_rules! transactional {
    ($($name:ident in $module:ident),* $(,)?) => {$(
        impl IntoError for aws_sdk_dynamodb::operation::$module::$name {
            fn into_error(refusal: Refusal) -> Error {
                if refusal.code != CANCELLED {
                    return Error::erase(Self::generic(refusal.meta()));
                }
                let meta = refusal.meta();
                let cancelled = types::TransactionCanceledException::builder();
                let cancelled = cancelled.message(CANCELLED).set_cancellation_reasons(Some(refusal.reasons));
                Error::erase(Self::TransactionCanceledException(cancelled.meta(meta).build()))
            }
        }
    )*};
}
transactional!(
    TransactWriteItemsError in transact_write_items, TransactGetItemsError in transact_get_items,
);
