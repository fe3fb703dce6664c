//! Whatever happens at the same time: in the end no courier is free while a delivery waits.

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

/// Something that somebody does.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// A new delivery wants a courier.
    Order,
    /// A new courier becomes available.
    Join,
    /// A courier goes home, or comes back.
    Turn { courier: usize, available: bool },
    /// A delivery is brought as far as it can be.
    Bring { order: usize },
    /// A delivery is cancelled, if it can be.
    Cancel { order: usize },
    /// The reactors take what there is.
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
    // Refusals belong to it: what cannot be brought or cancelled is not.
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
                "nobody is kept by what is over"
            );
        }
    }
    assert!(
        waiting == 0 || free == 0,
        "{waiting} deliveries wait and {free} couriers are free"
    );
}

/// All come at the same moment, and each looks once: what the messages that come twice in [`play`] could hide.
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
        "nobody claimed {waiting} deliveries, and {free} couriers are free"
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
    fn nobody_who_comes_at_the_same_moment_is_overlooked(couriers in 1..4_usize, orders in 1..4_usize) {
        on_two_threads(meet(couriers, orders));
    }
}

proptest! {
    #![proptest_config(at_most(24))]

    #[test]
    fn nobody_who_is_free_stands_beside_somebody_who_waits(rounds in vec(vec(deeds(), 1..8), 1..6)) {
        on_two_threads(play(rounds));
    }
}
