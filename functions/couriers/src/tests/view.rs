//! The courier that given events produce, and the convergence of the fold (G6).

use crate::tests::{assigned, available, created, life, order, released};
use crate::{Couriers, ListedCourier};
use contracts::CourierEvent;
use projection::testing::{assert_commutes, fold};
use proptest::prelude::*;
use testkit::converges;

#[track_caller]
fn shown(events: &[CourierEvent]) -> ListedCourier {
    fold::<Couriers>(&life(1, events)).expect("the courier was created")
}

#[test]
fn new_courier_is_not_available() {
    let courier = shown(&[created()]);
    assert_eq!((courier.available, courier.delivery), (false, None));
}

#[test]
fn courier_shows_the_assigned_delivery_until_it_is_released() {
    let events = [created(), available(true), assigned(7), released(7)];
    let under_way = shown(&events[..3]);
    assert_eq!(
        under_way.delivery.map(|delivery| delivery.order_id),
        Some(order(7))
    );
    let courier = shown(&events);
    assert_eq!((courier.delivery, courier.assigned), (None, 1));
}

#[test]
fn release_of_another_delivery_keeps_the_assigned_one() {
    let courier = shown(&[created(), assigned(7), released(8)]);
    assert_eq!(courier.delivery.map(|delivery| delivery.order_id), Some(order(7)));
}

#[test]
fn courier_does_not_depend_on_delivery_of_the_events() {
    assert_commutes::<Couriers>(&life(1, &[created(), available(true), assigned(7)]));
}

#[test]
fn g6_the_couriers_converge_under_any_delivery() {
    let change = prop_oneof![
        any::<bool>().prop_map(available),
        (1..3_u128).prop_map(assigned),
        (1..3_u128).prop_map(released),
    ];
    let courses = prop::collection::vec(prop::collection::vec(change, 0..6), 1..4);
    let histories = courses.prop_map(|courses| {
        let numbered = (1..).zip(&courses);
        let whole = |events: &Vec<CourierEvent>| [vec![created()], events.clone()].concat();
        numbered
            .flat_map(|(number, events)| life(number, &whole(events)))
            .collect()
    });
    converges::<Couriers>(histories, 100);
}
