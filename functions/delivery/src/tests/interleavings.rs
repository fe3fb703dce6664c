//! Concurrent actions in any interleaving: in the end no courier is free while a delivery waits.

use crate::Ask;
use crate::courier::CourierCommand;
use crate::delivery::DeliveryCommand;
use crate::tests::fixture::{TestDelivery, cause};
use contracts::{CourierId, OrderId};
use event_store::CommandContext;
use futures::future::join_all;
use jiff::Timestamp;
use projection::Effects;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;
use testkit::cases;

const SOON: &str = "2199-01-01T18:00:00Z";

/// An action of a consumer, a courier or the reactors.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// Creates a delivery that waits for a courier.
    Order,
    /// Registers a courier who becomes available.
    Join,
    /// Sets the availability of a courier.
    Turn { courier: usize, available: bool },
    /// Advances a delivery as far as possible.
    Bring { order: usize },
    /// Cancels a delivery, if possible.
    Cancel { order: usize },
    /// Delivers the undelivered messages to the reactors.
    React,
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Order),
        3 => Just(Deed::Join),
        2 => (0..8_usize, any::<bool>()).prop_map(|(courier, available)| Deed::Turn { courier, available }),
        3 => (0..8_usize).prop_map(|order| Deed::Bring { order }),
        1 => (0..8_usize).prop_map(|order| Deed::Cancel { order }),
        4 => Just(Deed::React),
    ]
}

#[derive(Default)]
struct People {
    orders: Vec<OrderId>,
    couriers: Vec<CourierId>,
}

enum Came {
    Order(OrderId),
    Courier(CourierId),
    Nobody,
}

async fn act(test: &TestDelivery, people: &People, deed: Deed) -> Came {
    // Refusals are expected: an action that the status does not allow is skipped.
    let tell = async |order: OrderId, command| {
        let context = CommandContext::unrepeatable(Timestamp::now());
        let _ = test.deliveries.execute(&order, &command, &context).await;
    };
    let order = |number: usize| people.orders.get(number % people.orders.len().max(1)).copied();
    match deed {
        Deed::Order => return Came::Order(test.waiting(SOON).await),
        Deed::Join => return Came::Courier(test.available_courier().await),
        Deed::Turn { courier, available } => {
            if let Some(courier) = people.couriers.get(courier % people.couriers.len().max(1)) {
                test.tell_courier(*courier, CourierCommand::SetAvailability { available })
                    .await;
            }
        }
        Deed::Bring { order: number } => {
            if let Some(order) = order(number) {
                tell(order, DeliveryCommand::PickUp).await;
                tell(order, DeliveryCommand::Deliver).await;
            }
        }
        Deed::Cancel { order: number } => {
            if let Some(order) = order(number) {
                tell(order, DeliveryCommand::Cancel).await;
            }
        }
        Deed::React => test.settle().await,
    }
    Came::Nobody
}

async fn play(rounds: Vec<Vec<Deed>>) {
    let test = TestDelivery::start().await;
    let mut people = People::default();
    for round in rounds {
        for came in join_all(round.into_iter().map(|deed| act(&test, &people, deed))).await {
            match came {
                Came::Order(order) => people.orders.push(order),
                Came::Courier(courier) => people.couriers.push(courier),
                Came::Nobody => {}
            }
        }
    }
    test.settle().await;

    let mut waiting = 0;
    for order in &people.orders {
        waiting += u32::from(test.delivery(*order).await.waits_for_courier().is_some());
    }
    let mut free = 0;
    for courier in &people.couriers {
        let details = test.courier(*courier).await;
        free += u32::from(details.is_free());
        if let Some(plan) = details.plan {
            let delivery = test.delivery(plan.order_id).await;
            assert_eq!(delivery.schedule.unwrap().courier_id, *courier);
            assert!(
                delivery.status < contracts::DeliveryStatus::Delivered,
                "a courier has a delivery that is over"
            );
        }
    }
    assert!(
        waiting == 0 || free == 0,
        "{waiting} deliveries wait and {free} couriers are free"
    );
}

/// Runs all searches at the same moment, each once, without the duplicate messages that could hide a missed match in
/// [`play`].
async fn meet(couriers: usize, orders: usize) {
    let test = TestDelivery::start().await;
    let couriers = join_all((0..couriers).map(|_| test.available_courier())).await;
    let orders = join_all((0..orders).map(|_| test.waiting(SOON))).await;
    let offers = couriers.iter().map(|courier| Ask::Offer { courier_id: *courier });
    let requests = orders.iter().map(|order| Ask::FindCourier { order_id: *order });
    let mut asks: Vec<_> = offers.chain(requests).collect();
    fastrand::shuffle(&mut asks);
    let looks = asks.into_iter().map(|ask| {
        let effects = test.effects.clone();
        tokio::spawn(async move { effects.run(ask, &cause("it")).await })
    });
    for look in join_all(looks).await {
        look.unwrap().unwrap();
    }

    let mut claimed = BTreeSet::new();
    let mut free = 0;
    for courier in &couriers {
        match test.order_of(*courier).await {
            Some(order) => drop(claimed.insert(order)),
            None => free += 1,
        }
    }
    let waiting = orders.len() - claimed.len();
    assert!(
        waiting == 0 || free == 0,
        "{waiting} deliveries were not claimed while {free} couriers are free"
    );
}

fn on_two_threads(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work);
}

fn at_most(most: u32) -> ProptestConfig {
    ProptestConfig {
        cases: cases(most),
        failure_persistence: None,
        max_shrink_iters: 50,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(at_most(64))]

    #[test]
    fn simultaneous_searches_miss_no_match(couriers in 1..4_usize, orders in 1..4_usize) {
        on_two_threads(meet(couriers, orders));
    }
}

proptest! {
    #![proptest_config(at_most(24))]

    #[test]
    fn no_courier_is_free_while_a_delivery_waits(rounds in vec(vec(deeds(), 1..8), 1..6)) {
        on_two_threads(play(rounds));
    }
}
