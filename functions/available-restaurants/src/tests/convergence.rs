//! G6 on the real view: after any delivery, the table equals the fold of the events.

use crate::AvailableRestaurants;
use crate::tests::commits::{
    Life, ZIP, always, area_changed, closed, created, hours, hours_changed, menu_revised,
};
use commit::Commit;
use contracts::restaurant::{DayOfWeek, OpeningHours, RestaurantEvent};
use proptest::prelude::*;
use testkit::converges;

const CASES: u32 = 100;

fn some_hours() -> impl Strategy<Value = Vec<OpeningHours>> {
    prop_oneof![
        Just(always()),
        Just(vec![]),
        Just(vec![hours(DayOfWeek::Sunday, "23:00", "02:00")]),
        Just(vec![
            hours(DayOfWeek::Monday, "11:00", "14:00"),
            hours(DayOfWeek::Monday, "18:00", "22:00"),
        ]),
    ]
}

fn some_zips() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(vec![ZIP, "94613", "94614", "SW1A 1AA"], 1..4)
}

fn change() -> impl Strategy<Value = RestaurantEvent> {
    prop_oneof![
        3 => some_hours().prop_map(|hours| hours_changed(&hours, "America/Los_Angeles")),
        3 => some_zips().prop_map(|zips| area_changed(&zips)),
        1 => Just(menu_revised()),
        1 => Just(closed()),
    ]
}

fn commits(number: u128) -> impl Strategy<Value = Vec<Commit>> {
    let changes = prop::collection::vec(change(), 0..5);
    (some_hours(), some_zips(), changes).prop_map(move |(hours, zips, changes)| {
        let mut life = Life::new(number);
        let creation = created(&hours, &zips, "UTC");
        std::iter::once(&creation)
            .chain(&changes)
            .map(|event| life.commit(event))
            .collect()
    })
}

#[test]
fn g6_the_view_converges_under_any_delivery() {
    let histories = (commits(1), commits(2)).prop_map(|(first, second)| [first, second].concat());
    converges::<AvailableRestaurants>(histories, CASES);
}
