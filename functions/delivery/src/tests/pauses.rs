//! One side may stand still anywhere, for as long as it likes, while others go their whole way: every effect runs once here,
//! and nobody comes a second time to find what was overlooked.

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

/// Goes so many steps, stands still until `meanwhile` is through, and then goes on to its end. Whether it had come to its end
/// before.
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

/// Alone, either side reads its own stream, writes its row and reads the other rows: a place to stand still before each of
/// the three and after the last.
fn enough(steps: u32) {
    assert!(steps >= 4, "{steps} steps are not enough to get anywhere");
}

#[tokio::test]
async fn a_delivery_that_comes_during_an_offer_is_found_or_finds() {
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
async fn a_courier_who_comes_during_a_request_is_found_or_finds() {
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
async fn a_courier_who_becomes_free_while_a_request_removes_the_row_is_found_by_the_next_one() {
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
        // For the one that is cancelled the courier can only have been claimed before; that claim leads to a release.
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
