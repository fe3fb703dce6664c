//! Effects that pause at any step while others run to completion. Every effect runs once here, so no repetition can find
//! a match that was missed.

use crate::Ask;
use crate::courier::{CourierCommand, Plan};
use crate::delivery::DeliveryCommand;
use crate::tests::fixture::{TestDelivery, cause};
use jiff::Timestamp;
use projection::Effects;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

const SOON: &str = "2199-01-01T18:00:00Z";

/// Polls the work this many times, pauses until `meanwhile` is complete, and then continues to the end. Returns whether
/// the work was complete before the pause.
async fn stands_still_after(
    steps: u32,
    work: impl Future<Output = ()>,
    meanwhile: impl Future<Output = ()>,
) -> bool {
    let mut work = pin!(work);
    let mut left = steps;
    let finished = poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(context).map(|()| true)
    })
    .await;
    meanwhile.await;
    if !finished {
        work.await;
    }
    finished
}

async fn run(test: &TestDelivery, ask: Ask) {
    test.effects.run(ask, &cause("it")).await.unwrap();
}

/// Alone, either effect reads its own stream, writes its row and reads the other rows: it can pause before each of the
/// three and after the last.
fn enough(steps: u32) {
    assert!(steps >= 4, "{steps} steps are too few for an effect");
}

#[tokio::test]
async fn delivery_created_during_an_offer_is_matched() {
    for steps in 1.. {
        let test = TestDelivery::start().await;
        let courier_id = test.available_courier().await;
        let order_id = test.waiting(SOON).await;
        let offer = run(&test, Ask::Offer { courier_id });
        let request = run(&test, Ask::FindCourier { order_id });
        let finished = stands_still_after(steps, offer, request).await;
        assert_eq!(test.order_of(courier_id).await, Some(order_id), "{steps} steps");
        if finished {
            return enough(steps);
        }
    }
}

#[tokio::test]
async fn courier_available_during_a_request_is_matched() {
    for steps in 1.. {
        let test = TestDelivery::start().await;
        let courier_id = test.available_courier().await;
        let order_id = test.waiting(SOON).await;
        let request = run(&test, Ask::FindCourier { order_id });
        let offer = run(&test, Ask::Offer { courier_id });
        let finished = stands_still_after(steps, request, offer).await;
        assert_eq!(test.order_of(courier_id).await, Some(order_id), "{steps} steps");
        if finished {
            return enough(steps);
        }
    }
}

/// The courier is busy when a request reads the old row, and becomes free before the request removes that row.
#[tokio::test]
async fn courier_who_becomes_free_during_a_row_removal_is_found_by_the_next_request() {
    for steps in 1.. {
        let test = TestDelivery::start().await;
        let courier_id = test.available_courier().await;
        run(&test, Ask::Offer { courier_id }).await;
        let before = test.waiting(SOON).await;
        let plan = Plan::new(before, SOON.parse().unwrap(), Timestamp::now());
        test.tell_courier(courier_id, CourierCommand::Assign(plan)).await;

        let cancelled = test.waiting(SOON).await;
        let request = run(&test, Ask::FindCourier { order_id: cancelled });
        let meanwhile = async {
            test.tell_delivery(cancelled, DeliveryCommand::Cancel).await;
            test.tell_courier(courier_id, CourierCommand::Release { order_id: before })
                .await;
            run(&test, Ask::Offer { courier_id }).await;
        };
        let finished = stands_still_after(steps, request, meanwhile).await;
        let next = test.waiting(SOON).await;
        run(&test, Ask::FindCourier { order_id: next }).await;
        // A courier can be claimed for the cancelled delivery only before the cancellation; that claim leads to a release.
        let has = test.order_of(courier_id).await;
        assert!(
            has == Some(next) || has == Some(cancelled),
            "{steps} steps: {has:?}"
        );
        if finished {
            return enough(steps);
        }
    }
}
