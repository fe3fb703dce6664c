//! Effects of a process that ends at any moment, after which its message is redelivered.

use crate::Ask;
use crate::tests::fixture::{TestDelivery, cause};
use local_dynamodb::{Fault, Faults};
use projection::{EffectError, Effects};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

const SOON: &str = "2199-01-01T18:00:00Z";

/// Polls the work this many times and then drops it, between two requests or during one. Returns its output if it completed.
async fn crash_after<T>(steps: u32, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = steps;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// Runs an effect with a crash after one step, after two, and so on until it completes, each time with new tables, and
/// then runs it again; in the end courier and delivery are matched.
async fn survives_a_crash_at_every_step(offers: bool) {
    for steps in 1.. {
        let test = TestDelivery::start().await;
        let courier_id = test.available_courier().await;
        let order_id = test.waiting(SOON).await;
        // The other side's effect ran before.
        let (before, effect) = if offers {
            (Ask::FindCourier { order_id }, Ask::Offer { courier_id })
        } else {
            (Ask::Offer { courier_id }, Ask::FindCourier { order_id })
        };
        test.effects.run(before, &cause("other side")).await.unwrap();

        let this_side = cause("this side");
        let run = test.effects.run(effect.clone(), &this_side);
        let finished = crash_after(steps, run).await.is_some();
        test.effects.run(effect, &this_side).await.unwrap();
        test.settle().await;
        assert_eq!(test.courier_of(order_id).await, Some(courier_id), "{steps} steps");
        assert_eq!(test.order_of(courier_id).await, Some(order_id), "{steps} steps");
        if finished {
            assert!(steps > 5, "an effect takes more than {steps} steps");
            return;
        }
    }
}

#[tokio::test]
async fn an_offer_survives_a_crash_at_every_step() {
    survives_a_crash_at_every_step(true).await;
}

#[tokio::test]
async fn a_request_survives_a_crash_at_every_step() {
    survives_a_crash_at_every_step(false).await;
}

#[tokio::test]
async fn failed_effect_is_retried_and_succeeds() {
    const NO: &str =
        r##"{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"no"}"##;
    for operation in ["Query", "PutItem", "DeleteItem"] {
        for offers in [true, false] {
            let test = TestDelivery::start().await;
            let courier_id = test.available_courier().await;
            let order_id = test.waiting(SOON).await;
            let asks = [Ask::FindCourier { order_id }, Ask::Offer { courier_id }];
            let [before, effect] = if offers {
                asks
            } else {
                let [request, offer] = asks;
                [offer, request]
            };
            test.effects.run(before, &cause("other side")).await.unwrap();

            let faults = Faults::default();
            let effects = test.effects_with(&faults);
            faults.next(operation, Fault::Refuse(NO.to_owned()));
            let failed = effects.run(effect.clone(), &cause("this side")).await;
            assert!(
                matches!(failed, Err(EffectError::Retry(_))),
                "{operation}: {failed:?}"
            );
            effects.run(effect, &cause("this side")).await.unwrap();
            assert_eq!(test.order_of(courier_id).await, Some(order_id), "{operation}");
        }
    }
}

#[tokio::test]
async fn repeated_schedule_changes_nothing() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    let order = test.waiting(SOON).await;
    test.settle().await;
    let plan = test.courier(courier).await.plan.unwrap();
    for of in ["claim", "claim", "the same claim from a dead letter"] {
        let schedule = Ask::Schedule {
            courier_id: courier,
            plan,
        };
        test.effects.run(schedule, &cause(of)).await.unwrap();
    }
    assert_eq!(test.order_of(courier).await, Some(order));
    assert_eq!(
        test.events_of(&format!("delivery#{order}")).await,
        ["DeliveryCreated", "DeliveryCourierRequested", "DeliveryScheduled"]
    );
}

#[tokio::test]
async fn repeated_release_does_not_affect_the_next_delivery() {
    let test = TestDelivery::start().await;
    let courier_id = test.available_courier().await;
    let first = test.waiting(SOON).await;
    test.settle().await;
    let second = test.waiting(SOON).await;
    test.tell_delivery(first, crate::delivery::DeliveryCommand::Cancel)
        .await;
    test.settle().await;
    assert_eq!(test.order_of(courier_id).await, Some(second));
    let release = Ask::Release {
        courier_id,
        order_id: first,
    };
    test.effects.run(release, &cause("cancellation")).await.unwrap();
    assert_eq!(test.order_of(courier_id).await, Some(second));
}
