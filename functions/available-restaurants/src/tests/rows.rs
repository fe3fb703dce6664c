//! The fold alone, and the largest restaurant.

use crate::AvailableRestaurants;
use crate::tests::commits::{
    Life, WEEK, ZIP, always, area_changed, closed, created, hours, hours_changed, menu_revised,
};
use crate::tests::stack::{all_rows, rows_of, start};
use contracts::restaurant::{DayOfWeek, MAX_SERVICE_AREA, RestaurantEvent};
use projection::View;
use projection::testing::{assert_commutes, fold};

/// Returns the partitions of a restaurant's rows after these events.
fn after(events: &[RestaurantEvent]) -> Vec<String> {
    let mut life = Life::new(1);
    let commits: Vec<_> = events.iter().map(|event| life.commit(event)).collect();
    let rows = AvailableRestaurants::rows(&fold::<AvailableRestaurants>(&commits));
    rows.into_iter().map(|row| row.partition).collect()
}

#[test]
fn restaurant_has_a_row_for_each_zip_code_and_open_day() {
    let weekend = [
        hours(DayOfWeek::Saturday, "11:00", "14:00"),
        hours(DayOfWeek::Saturday, "18:00", "22:00"),
        hours(DayOfWeek::Sunday, "18:00", "22:00"),
    ];
    assert_eq!(
        after(&[created(&weekend, &[ZIP, "94613", ZIP], "UTC")]),
        ["94612#SATURDAY", "94612#SUNDAY", "94613#SATURDAY", "94613#SUNDAY"]
    );
}

#[test]
fn restaurant_without_hours_has_no_rows() {
    assert_eq!(after(&[created(&[], &[ZIP], "UTC")]), [""; 0]);
}

#[test]
fn revised_menu_does_not_change_the_rows() {
    let created = created(&always(), &[ZIP], "UTC");
    assert_eq!(after(&[created.clone(), menu_revised()]), after(&[created]));
}

#[test]
fn closed_restaurant_has_no_rows_whatever_follows() {
    let events = [
        created(&always(), &[ZIP], "UTC"),
        closed(),
        area_changed(&["94613"]),
        hours_changed(&always(), "UTC"),
        menu_revised(),
    ];
    assert_eq!(after(&events), [""; 0]);
}

#[test]
fn duplicate_commits_give_the_same_document() {
    let mut life = Life::new(1);
    let events = [
        created(&always(), &[ZIP], "UTC"),
        area_changed(&["94613"]),
        hours_changed(&[], "UTC"),
        closed(),
    ];
    assert_commutes::<AvailableRestaurants>(&events.map(|event| life.commit(&event)));
}

#[tokio::test]
async fn largest_restaurant_is_created_moved_and_closed_completely() {
    let stack = start().await;
    let mut life = Life::new(1);
    let zips =
        |first: usize| -> Vec<String> { (first..first + MAX_SERVICE_AREA).map(|n| n.to_string()).collect() };
    let (before, after) = (zips(10_000), zips(20_000));
    let before: Vec<&str> = before.iter().map(String::as_str).collect();
    let after: Vec<&str> = after.iter().map(String::as_str).collect();

    stack
        .publish(&[life.commit(&created(&always(), &before, "UTC"))])
        .await;
    assert_eq!(rows_of(&stack, 1).await, MAX_SERVICE_AREA * WEEK.len());
    stack.publish(&[life.commit(&area_changed(&after))]).await;
    let rows = all_rows(&stack).await;
    assert_eq!(rows.len(), MAX_SERVICE_AREA * WEEK.len());
    assert!(
        rows.iter().all(|(partition, _)| partition.contains("#2")),
        "{rows:?}"
    );
    stack.publish(&[life.commit(&closed())]).await;
    assert_eq!(all_rows(&stack).await, []);
}
