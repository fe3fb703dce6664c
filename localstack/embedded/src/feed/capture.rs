//! The interceptor in the services' DynamoDB clients that captures commits.

use super::Feed;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemInput};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use std::collections::HashMap;
use std::sync::Arc;

/// Passes every commit that reached an event table to the [`Feed`].
///
/// - The put succeeded: its item is the record.
/// - Its condition failed: the error returns the existing commit (`ALL_OLD`). It may be this write, whose reply was lost, so it
///   is passed on. If it is another write's, it is a harmless duplicate.
/// - No reply after every attempt: the outcome is unknown. The next commit of the stream, or a sweep, delivers it.
#[derive(Debug)]
pub(crate) struct Capture(Arc<Feed>);

impl Capture {
    pub(crate) fn new(feed: Arc<Feed>) -> Self {
        Self(feed)
    }
}

/// The put in progress, which is kept because the client consumes its input when it serializes it.
#[derive(Debug)]
struct Pending {
    table: String,
    item: HashMap<String, AttributeValue>,
}

impl Storable for Pending {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for Capture {
    fn name(&self) -> &'static str {
        "Capture"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(put) = context.input().downcast_ref::<PutItemInput>()
            && let (Some(table), Some(item)) = (put.table_name(), put.item())
            && self.0.is_fed_by(table)
        {
            cfg.interceptor_state().store_put(Pending {
                table: table.to_owned(),
                item: item.clone(),
            });
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Pending { table, item }) = cfg.load::<Pending>() else {
            return Ok(());
        };
        match context.output_or_error() {
            Some(Ok(_)) => self.0.written(table, item.clone()),
            Some(Err(error)) => {
                let refused = error
                    .as_operation_error()
                    .and_then(|error| error.downcast_ref::<PutItemError>());
                if let Some(PutItemError::ConditionalCheckFailedException(refused)) = refused
                    && let Some(item) = refused.item()
                {
                    self.0.written(table, item.clone());
                }
            }
            None => {}
        }
        Ok(())
    }
}
