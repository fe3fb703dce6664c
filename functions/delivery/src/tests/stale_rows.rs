use crate::Ask;
use crate::courier::CourierCommand;
use crate::delivery::DeliveryCommand;
use crate::tests::fixture::{REACTIONS, TestDelivery, cause};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::{CourierId, OrderId};
use projection::{EffectError, Effects};
use uuid::Uuid;

const SOON: &str = "2199-01-01T18:00:00Z";

/// Writes rows of missing deliveries that sort before all others.
async fn stale_deliveries(test: &TestDelivery, count: u128) {
    for number in 0..count {
        let order = OrderId::from_uuid(Uuid::from_u128(number));
        test.put_row("waiting", &format!("{:014}#{order}", 0), 1).await;
    }
}

/// Writes rows of missing couriers that sort before all others.
async fn stale_couriers(test: &TestDelivery, count: u128) {
    for number in 0..count {
        let courier = CourierId::from_uuid(Uuid::from_u128(number));
        test.put_row("free", &courier.to_string(), 1).await;
    }
}

#[tokio::test]
async fn a_delivery_behind_pages_of_stale_rows_is_found() {
    let test = TestDelivery::start().await;
    let order = test.waiting(SOON).await;
    test.settle().await;
    stale_deliveries(&test, 60).await;
    let courier = test.available_courier().await;
    test.settle().await;
    assert_eq!(test.courier_of(order).await, Some(courier));
    assert_eq!(test.rows("waiting").await, []);
}

#[tokio::test]
async fn a_courier_behind_pages_of_stale_rows_is_found() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    test.settle().await;
    stale_couriers(&test, 60).await;
    let order = test.waiting(SOON).await;
    test.settle().await;
    assert_eq!(test.courier_of(order).await, Some(courier));
}

#[tokio::test]
async fn remaining_stale_rows_are_removed_by_the_next_run() {
    let test = TestDelivery::start().await;
    let order = test.waiting(SOON).await;
    test.settle().await;
    stale_deliveries(&test, 210).await;
    let courier_id = test.available_courier().await;
    let offer = || Ask::Offer { courier_id };
    let first = test.effects.run(offer(), &cause("available")).await;
    assert!(matches!(first, Err(EffectError::Retry(_))), "{first:?}");
    assert_eq!(test.effects.run(offer(), &cause("available")).await, Ok(()));
    assert_eq!(test.order_of(courier_id).await, Some(order));
}

#[tokio::test]
async fn row_of_a_cancelled_delivery_is_removed_by_the_next_courier() {
    let test = TestDelivery::start().await;
    let order = test.waiting(SOON).await;
    test.settle().await;
    test.tell_delivery(order, DeliveryCommand::Cancel).await;
    test.settle().await;
    assert_eq!(test.rows("waiting").await.len(), 1);

    let courier = test.available_courier().await;
    test.settle().await;
    assert_eq!(test.rows("waiting").await, []);
    assert_eq!(test.order_of(courier).await, None);
}

#[tokio::test]
async fn row_of_an_unavailable_courier_is_removed_by_the_next_delivery() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    test.settle().await;
    test.tell_courier(courier, CourierCommand::SetAvailability { available: false })
        .await;
    test.waiting(SOON).await;
    test.settle().await;
    assert_eq!(test.rows("free").await, []);
}

#[tokio::test]
async fn late_offer_does_not_replace_a_newer_row() {
    let test = TestDelivery::start().await;
    let courier_id = test.available_courier().await;
    test.put_row("free", &courier_id.to_string(), 99).await;
    let offer = Ask::Offer { courier_id };
    test.effects.run(offer, &cause("available")).await.unwrap();
    assert_eq!(test.rows("free").await, [(courier_id.to_string(), 99)]);
}

#[tokio::test]
async fn offer_of_a_taken_courier_does_not_remove_a_newer_row() {
    let test = TestDelivery::start().await;
    let order_id = test.waiting(SOON).await;
    test.settle().await;
    let courier_id = test.available_courier().await;
    test.put_row("free", &courier_id.to_string(), 99).await;
    let offer = Ask::Offer { courier_id };
    test.effects.run(offer, &cause("available")).await.unwrap();
    assert_eq!(test.order_of(courier_id).await, Some(order_id));
    assert_eq!(test.rows("free").await, [(courier_id.to_string(), 99)]);
}

#[tokio::test]
async fn rows_with_malformed_ids_are_removed() {
    let test = TestDelivery::start().await;
    test.put_row("free", "nobody", 1).await;
    // Sorts before all others.
    test.put_row("waiting", "#nothing", 1).await;
    test.waiting(SOON).await;
    test.settle().await;
    assert_eq!(test.rows("free").await, []);
    test.available_courier().await;
    test.settle().await;
    assert_eq!(test.rows("waiting").await, []);
}

#[tokio::test]
async fn damaged_row_does_not_hide_the_others() {
    let test = TestDelivery::start().await;
    for set in ["dispatch#free", "dispatch#waiting"] {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        test.client
            .put_item()
            .table_name(REACTIONS)
            .item("pk", text(set))
            .item("sk", text("00"))
            .send()
            .await
            .unwrap();
    }
    let order = test.waiting(SOON).await;
    test.settle().await;
    let courier = test.available_courier().await;
    test.settle().await;
    assert_eq!(test.courier_of(order).await, Some(courier));
}
