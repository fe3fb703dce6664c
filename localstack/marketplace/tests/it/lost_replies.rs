//! Every write succeeds, but its first reply is lost (G3).

use crate::api::{Api, PATIENCE};
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, BeforeSerializationInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use embedded::{Stack, StackOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Turns the reply of every successful `PutItem` into an internal error, so that the SDK sends it again.
#[derive(Debug)]
struct LosesReplies(Arc<AtomicU64>);

/// Marks that the call in progress is a `PutItem`.
#[derive(Debug)]
struct Put;

impl Storable for Put {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for LosesReplies {
    fn name(&self) -> &'static str {
        "LosesReplies"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.input().downcast_ref::<PutItemInput>().is_some() {
            cfg.interceptor_state().store_put(Put);
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if cfg.load::<Put>().is_some() && context.response().status().is_success() {
            self.0.fetch_add(1, Relaxed);
            *context.response_mut().status_mut() = 500.try_into()?;
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commit_with_lost_reply_is_acknowledged_and_delivered_once() {
    let lost = Arc::<AtomicU64>::default();
    let options = StackOptions {
        interceptors: vec![SharedInterceptor::new(LosesReplies(lost.clone()))],
        ..StackOptions::default()
    };
    let stack = Stack::start(system::belvedere(), options).await.unwrap();
    let api = Api::new(stack.url());
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    let order = api.order(&consumer, &restaurant).await;
    stack.quiet(PATIENCE).await.unwrap();
    assert_eq!(api.listed(&consumer).await, [(order, "APPROVED".to_owned())]);
    assert!(
        lost.load(Relaxed) > 10,
        "only {} replies were lost",
        lost.load(Relaxed)
    );
    assert!(stack.dead_letter_counts().values().all(|count| *count == 0));
    stack.stop().await;
}
