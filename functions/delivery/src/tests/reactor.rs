use crate::delivery::DeliveryCommand;
use crate::tests::events::{commits, order_created, order_rejected, order_revised, ticket_accepted};
use crate::tests::fixture::{TestDelivery, cause};
use crate::{Ask, DeliveryReactor, OrderSoFar};
use commit::Commit;
use contracts::{
    CourierEvent, CourierId, DeliveryChange, DeliveryEvent, DeliveryStatus, OrderEvent, OrderId, TicketEvent,
};
use fixtures::address;
use projection::testing::assert_commutes;
use projection::{ApplyError, Effects, Published, Reactor, Uses, View};
use proptest::prelude::*;
use testkit::reacts_once;
use uuid::Uuid;

const SOON: &str = "2199-01-01T18:00:00Z";

fn elsewhere() -> DeliveryChange {
    DeliveryChange {
        delivery_address: Some(address("1 Other Street")),
        delivery_time: None,
    }
}

#[tokio::test]
async fn approved_order_gets_a_delivery() {
    let test = TestDelivery::start().await;
    let id = test.order().await;
    test.settle().await;
    assert_eq!(test.events_of(&format!("delivery#{id}")).await, [""; 0]);
    test.commit(id, OrderEvent::OrderApproved {}).await;
    test.settle().await;
    assert_eq!(
        test.events_of(&format!("delivery#{id}")).await,
        ["DeliveryCreated"]
    );
}

#[tokio::test]
async fn rejected_order_gets_no_delivery() {
    let test = TestDelivery::start().await;
    let id = test.order().await;
    test.commit(id, order_rejected()).await;
    test.settle().await;
    assert_eq!(test.events_of(&format!("delivery#{id}")).await, [""; 0]);
}

#[tokio::test]
async fn a_courier_is_requested_when_the_restaurant_accepts() {
    let test = TestDelivery::start().await;
    let id = test.order().await;
    test.commit(id, OrderEvent::OrderApproved {}).await;
    test.settle().await;
    test.commit_ticket(id, ticket_accepted(SOON)).await;
    test.settle().await;
    assert_eq!(
        test.events_of(&format!("delivery#{id}")).await,
        ["DeliveryCreated", "DeliveryCourierRequested"]
    );
}

#[tokio::test]
async fn acceptance_that_arrives_before_the_approval_takes_effect() {
    let test = TestDelivery::start().await;
    let id = test.order().await;
    test.commit_ticket(id, ticket_accepted(SOON)).await;
    test.settle().await;
    assert_eq!(test.events_of(&format!("delivery#{id}")).await, [""; 0]);
    test.commit(id, OrderEvent::OrderApproved {}).await;
    test.settle().await;
    assert_eq!(
        test.events_of(&format!("delivery#{id}")).await,
        ["DeliveryCreated", "DeliveryCourierRequested"]
    );
}

#[tokio::test]
async fn revision_changes_the_delivery_address() {
    let test = TestDelivery::start().await;
    let id = test.accepted_order(SOON).await;
    test.commit(id, order_revised(1, Some(elsewhere()))).await;
    test.settle().await;
    let delivery = test.delivery(id).await;
    assert_eq!(delivery.delivery_address, address("1 Other Street"));
    assert_eq!(delivery.delivery_time, "2026-12-24T18:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn next_revision_keeps_the_changes_of_the_previous_one() {
    let test = TestDelivery::start().await;
    let id = test.accepted_order(SOON).await;
    test.commit(id, order_revised(1, Some(elsewhere()))).await;
    let later = DeliveryChange {
        delivery_address: None,
        delivery_time: Some("2026-12-24T20:00:00Z".parse().unwrap()),
    };
    test.commit(id, order_revised(2, Some(later))).await;
    test.settle().await;
    let delivery = test.delivery(id).await;
    assert_eq!(delivery.delivery_address, address("1 Other Street"));
    assert_eq!(delivery.delivery_time, "2026-12-24T20:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn revision_of_the_lines_does_not_revise_the_delivery() {
    let test = TestDelivery::start().await;
    let id = test.accepted_order(SOON).await;
    test.commit(id, order_revised(1, None)).await;
    test.settle().await;
    assert_eq!(
        test.events_of(&format!("delivery#{id}")).await,
        ["DeliveryCreated", "DeliveryCourierRequested"]
    );
}

#[tokio::test]
async fn cancelled_order_cancels_the_delivery() {
    let test = TestDelivery::start().await;
    let id = test.accepted_order(SOON).await;
    test.settle().await;
    test.commit(id, OrderEvent::OrderCancelled {}).await;
    test.settle().await;
    assert_eq!(test.delivery(id).await.status, DeliveryStatus::Cancelled);
}

#[tokio::test]
async fn cancellation_after_pickup_is_not_an_error() {
    let test = TestDelivery::start().await;
    let courier = test.available_courier().await;
    let id = test.accepted_order(SOON).await;
    test.settle().await;
    test.tell_delivery(id, DeliveryCommand::PickUp).await;
    test.commit(id, OrderEvent::OrderCancelled {}).await;
    test.settle().await;
    assert_eq!(test.delivery(id).await.status, DeliveryStatus::PickedUp);
    assert_eq!(test.order_of(courier).await, Some(id));
}

#[tokio::test]
async fn command_to_a_missing_delivery_is_not_an_error() {
    let test = TestDelivery::start().await;
    let ask = Ask::Tell {
        order_id: OrderId::from_uuid(Uuid::now_v7()),
        command: DeliveryCommand::Cancel,
    };
    assert_eq!(test.effects.run(ask, &cause("cancellation")).await, Ok(()));
}

/// The reactor's document, as a view.
struct Memory;

impl View for Memory {
    type Document = OrderSoFar;
    const NAME: &'static str = "delivery-reactor";
    const SOURCES: &'static [&'static str] = DeliveryReactor::SOURCES;
    const USES: Uses = Uses::NOTHING;

    fn apply(document: &mut OrderSoFar, event: &Published<'_>) -> Result<(), ApplyError> {
        DeliveryReactor::react(document, event).map(drop)
    }
}

fn order_life(id: OrderId, end: OrderEvent) -> Vec<Commit> {
    let events = [
        order_created(),
        OrderEvent::OrderApproved {},
        order_revised(1, Some(elsewhere())),
        end,
    ];
    commits(&format!("order#{id}"), &events)
}

fn ticket_life(id: OrderId) -> Vec<Commit> {
    let events = [
        TicketEvent::TicketConfirmed {},
        ticket_accepted(SOON),
        TicketEvent::TicketPreparationStarted {},
    ];
    commits(&format!("ticket#{id}"), &events)
}

fn delivery_life(id: OrderId, courier_id: CourierId) -> Vec<Commit> {
    let ready_by = SOON.parse().unwrap();
    let events = [
        DeliveryEvent::DeliveryCourierRequested { ready_by },
        DeliveryEvent::DeliveryPickedUp {},
        DeliveryEvent::DeliveryDelivered { courier_id },
    ];
    commits(&format!("delivery#{id}"), &events)
}

fn courier_life(order_id: OrderId, id: CourierId) -> Vec<Commit> {
    let (pickup_time, delivery_time) = (SOON.parse().unwrap(), SOON.parse().unwrap());
    let events = [
        CourierEvent::CourierAvailabilityChanged { available: true },
        CourierEvent::CourierAssigned {
            order_id,
            pickup_time,
            delivery_time,
        },
        CourierEvent::CourierReleased { order_id },
    ];
    commits(&format!("courier#{id}"), &events)
}

fn order_id(number: u128) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(number))
}

fn courier_id(number: u128) -> CourierId {
    CourierId::from_uuid(Uuid::from_u128(number))
}

#[test]
fn document_does_not_depend_on_the_order_of_sources() {
    for end in [OrderEvent::OrderCancelled {}, OrderEvent::OrderCompleted {}] {
        let life = [
            order_life(order_id(1), end),
            ticket_life(order_id(1)),
            delivery_life(order_id(1), courier_id(2)),
        ];
        assert_commutes::<Memory>(&life.concat());
    }
}

/// Returns the reactor's commands when these commits are delivered in this order.
fn asked<'a>(commits: impl IntoIterator<Item = &'a Commit>) -> Vec<Ask> {
    let mut document = OrderSoFar::default();
    let mut asks = Vec::new();
    for commit in commits {
        let published = Published {
            commit,
            version: commit.first,
            event: &commit.events[0],
        };
        asks.extend(DeliveryReactor::react(&mut document, &published).unwrap());
    }
    asks
}

#[test]
fn a_courier_is_requested_once_and_never_before_the_delivery_is_created() {
    let order = commits(
        &format!("order#{}", order_id(1)),
        &[order_created(), OrderEvent::OrderApproved {}],
    );
    let accepted = &ticket_life(order_id(1))[1];
    for place in 0..=order.len() {
        let (before, after) = order.split_at(place);
        let asks = asked(before.iter().chain([accepted]).chain(after));
        let names: Vec<_> = asks
            .iter()
            .map(|ask| match ask {
                Ask::Tell { command, .. } => match command {
                    DeliveryCommand::Create { .. } => "create",
                    DeliveryCommand::RequestCourier { .. } => "request",
                    _ => "other",
                },
                _ => "other",
            })
            .collect();
        assert_eq!(names, ["create", "request"], "accepted after {place}");
    }
}

#[test]
fn no_courier_is_requested_for_an_order_that_is_over() {
    let over = order_life(order_id(1), OrderEvent::OrderCancelled {});
    let late = &ticket_life(order_id(1))[1];
    assert_eq!(asked(over.iter().chain([late])), asked(&over));
}

/// Without tickets: whether the order's or the ticket's event requests the courier depends on which arrives first.
#[test]
fn reactor_reacts_once_to_every_event() {
    let histories = (1..4_u128, any::<bool>()).prop_map(|(orders, cancelled)| {
        let end = if cancelled {
            OrderEvent::OrderCancelled {}
        } else {
            OrderEvent::OrderCompleted {}
        };
        (0..orders)
            .flat_map(|number| {
                let (order, courier) = (order_id(number), courier_id(100 + number));
                [
                    order_life(order, end.clone()),
                    delivery_life(order, courier),
                    courier_life(order, courier),
                ]
                .concat()
            })
            .collect()
    });
    reacts_once::<DeliveryReactor>(histories, 12);
}
