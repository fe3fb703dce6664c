use crate::Ask;
use crate::courier::{CourierCommand, Plan};
use crate::delivery::DeliveryCommand;
use crate::tests::fixture::{TestDelivery, cause};
use contracts::DeliveryStatus;
use jiff::Timestamp;
use projection::Effects;
use std::collections::{BTreeMap, BTreeSet};

const SOON: &str = "2199-01-01T18:00:00Z";
const LATER: &str = "2199-01-01T19:00:00Z";

#[tokio::test]
async fn waiting_delivery_gets_the_courier_who_becomes_available() {
    let test = TestDelivery::start().await;
    let order = test.accepted_order(SOON).await;
    test.settle().await;
    assert_eq!(test.delivery(order).await.status, DeliveryStatus::Pending);

    let courier = test.available_courier().await;
    test.settle().await;
    assert_eq!(test.courier_of(order).await, Some(courier));
    let schedule = test.delivery(order).await.schedule.unwrap();
    assert_eq!(schedule.pickup_time, SOON.parse().unwrap());
    assert_eq!(schedule.delivery_time, "2199-01-01T18:30:00Z".parse().unwrap());
}

#[tokio::test]
async fn free_courier_gets_a_new_delivery() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    test.settle().await;
    let order = test.accepted_order(SOON).await;
    test.settle().await;
    assert_eq!(test.order_of(courier).await, Some(order));
    assert_eq!(test.courier_of(order).await, Some(courier));
}

#[tokio::test]
async fn match_removes_both_rows() {
    let test = TestDelivery::start().await;
    test.accepted_order(SOON).await;
    test.settle().await;
    assert_eq!(test.rows("waiting").await.len(), 1);
    test.available_courier().await;
    test.settle().await;
    assert_eq!(test.rows("waiting").await, []);
    assert_eq!(test.rows("free").await, []);
}

#[tokio::test]
async fn delivery_that_is_ready_first_is_assigned_first() {
    let test = TestDelivery::start().await;
    let later = test.accepted_order(LATER).await;
    let sooner = test.accepted_order(SOON).await;
    test.settle().await;
    let courier = test.available_courier().await;
    test.settle().await;
    assert_eq!(test.order_of(courier).await, Some(sooner));
    assert_eq!(test.courier_of(later).await, None);
}

#[tokio::test]
async fn unavailable_courier_gets_no_delivery() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    test.settle().await;
    test.tell_courier(courier, CourierCommand::SetAvailability { available: false })
        .await;
    let order = test.accepted_order(SOON).await;
    test.settle().await;
    assert_eq!(test.courier_of(order).await, None);
}

#[tokio::test]
async fn courier_gets_the_next_delivery_after_a_drop_off() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    let first = test.accepted_order(SOON).await;
    test.settle().await;
    let second = test.accepted_order(SOON).await;
    test.settle().await;
    assert_eq!(test.courier_of(second).await, None);

    test.tell_delivery(first, DeliveryCommand::PickUp).await;
    test.tell_delivery(first, DeliveryCommand::Deliver).await;
    test.settle().await;
    assert_eq!(test.courier_of(second).await, Some(courier));
}

#[tokio::test]
async fn courier_gets_the_next_delivery_after_a_cancellation() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    let first = test.accepted_order(SOON).await;
    test.settle().await;
    let second = test.accepted_order(SOON).await;
    test.commit(first, contracts::OrderEvent::OrderCancelled {}).await;
    test.settle().await;
    assert_eq!(test.delivery(first).await.status, DeliveryStatus::Cancelled);
    assert_eq!(test.order_of(courier).await, Some(second));
}

#[tokio::test]
async fn second_courier_who_claims_a_delivery_is_released_and_gets_the_next() {
    let test = TestDelivery::start().await;
    let order = test.waiting(SOON).await;
    let couriers = [test.available_courier().await, test.available_courier().await];
    for courier in couriers {
        let plan = Plan::new(order, SOON.parse().unwrap(), Timestamp::now());
        test.tell_courier(courier, CourierCommand::Assign(plan)).await;
    }
    test.settle().await;
    let scheduled = test.courier_of(order).await.unwrap();
    let other = couriers
        .into_iter()
        .find(|courier| *courier != scheduled)
        .unwrap();
    assert_eq!(test.order_of(scheduled).await, Some(order));
    assert_eq!(test.order_of(other).await, None);

    let next = test.waiting(SOON).await;
    test.settle().await;
    assert_eq!(test.courier_of(next).await, Some(other));
}

/// A search read the delivery while it waited, and claims the courier only after the delivery is done.
#[tokio::test]
async fn courier_claimed_after_the_delivery_is_done_is_released() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    let order = test.waiting(SOON).await;
    test.settle().await;
    test.tell_delivery(order, DeliveryCommand::PickUp).await;
    test.tell_delivery(order, DeliveryCommand::Deliver).await;
    test.settle().await;

    let plan = Plan::new(order, SOON.parse().unwrap(), Timestamp::now());
    test.tell_courier(courier, CourierCommand::Assign(plan)).await;
    test.settle().await;
    assert_eq!(test.order_of(courier).await, None);
}

/// The courier's stream keeps the first search's claim. If the second search took that for its reply, it would remove the
/// row of a courier who is free again.
#[tokio::test]
async fn repeated_search_does_not_accept_an_earlier_claim() {
    let test = TestDelivery::start().await;
    let courier_id = test.available_courier().await;
    let order_id = test.waiting(SOON).await;
    test.put_row("free", &courier_id.to_string(), 2).await;
    for version in [4, 6] {
        let find = Ask::FindCourier { order_id };
        test.effects.run(find, &cause("request")).await.unwrap();
        assert_eq!(test.order_of(courier_id).await, Some(order_id));
        test.tell_courier(courier_id, CourierCommand::Release { order_id })
            .await;
        test.put_row("free", &courier_id.to_string(), version).await;
    }
}

#[tokio::test]
async fn deliveries_beyond_the_free_couriers_are_assigned_when_couriers_return() {
    for (couriers, orders) in [(3, 8), (8, 3), (5, 5)] {
        let test = TestDelivery::start().await;
        let made = futures::join!(
            futures::future::join_all((0..couriers).map(|_| test.available_courier())),
            futures::future::join_all((0..orders).map(|_| test.accepted_order(SOON))),
        );
        let (couriers, orders) = made;
        let mut brought = BTreeMap::new();
        let mut under_way = 0;
        while brought.len() < orders.len() {
            test.settle().await;
            let mut matched = BTreeMap::new();
            for courier in &couriers {
                if let Some(order) = test.order_of(*courier).await {
                    assert_eq!(test.courier_of(order).await, Some(*courier));
                    assert_eq!(matched.insert(order, *courier), None, "an order has one courier");
                }
            }
            let left = orders.len() - brought.len();
            assert_eq!(matched.len(), left.min(couriers.len()));
            for (order, courier) in matched {
                test.tell_delivery(order, DeliveryCommand::PickUp).await;
                test.tell_delivery(order, DeliveryCommand::Deliver).await;
                brought.insert(order, courier);
            }
            under_way += 1;
            assert!(under_way <= orders.len(), "every round assigns some orders");
        }
        for order in orders {
            let events = test.events_of(&format!("delivery#{order}")).await;
            let once: BTreeSet<_> = events.iter().collect();
            assert_eq!(once.len(), events.len(), "events are repeated: {events:?}");
        }
    }
}
