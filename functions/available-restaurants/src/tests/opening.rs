//! B7: which restaurants are open at a moment, in their local time.

use crate::tests::commits::{
    Life, WEEK, ZIP, always, area_changed, closed, created, hours, hours_changed, id,
};
use crate::tests::stack::{Stack, all_rows, open_at, rows_of, start};
use contracts::restaurant::{DayOfWeek, OpeningHours};
use serde_json::json;

/// Returns a stack with one restaurant of these hours.
async fn with(hours: &[OpeningHours], zone: &str) -> (Stack, Life) {
    let stack = start().await;
    let mut life = Life::new(1);
    stack.publish(&[life.commit(&created(hours, &[ZIP], zone))]).await;
    (stack, life)
}

/// Asserts at which times restaurant 1 is open.
async fn assert_open(stack: &Stack, times: &[(&str, bool)]) {
    for (at, open) in times {
        let expected: &[u128] = if *open { &[1] } else { &[] };
        assert_eq!(open_at(stack, ZIP, at).await, expected, "{at}");
    }
}

// 2026-11-23 is a Monday.

#[tokio::test]
async fn b7_restaurant_is_open_within_its_hours_only() {
    let (stack, _) = with(&[hours(DayOfWeek::Monday, "06:00", "22:00")], "UTC").await;
    assert_open(
        &stack,
        &[
            ("2026-11-23T08:00:00Z", true),
            ("2026-11-23T04:00:00Z", false),
            ("2026-11-24T08:00:00Z", false),
            ("2026-11-30T08:00:00Z", true),
            ("2026-11-23T05:59:59.999Z", false),
            ("2026-11-23T06:00:00Z", true),
            ("2026-11-23T21:59:59.999Z", true),
            ("2026-11-23T22:00:00Z", false),
        ],
    )
    .await;
}

#[tokio::test]
async fn open_restaurant_is_shown_with_address_and_closing_time() {
    let (stack, _) = with(
        &[hours(DayOfWeek::Monday, "18:00", "02:00")],
        "America/Los_Angeles",
    )
    .await;
    let answer = stack
        .get(&format!(
            "/restaurants/available?zip={ZIP}&at=2026-11-24T08:30:00Z"
        ))
        .await;
    assert_eq!(
        answer.json(),
        json!({ "restaurants": [{
            "restaurantId": id(1),
            "name": "Ajanta",
            "address": { "street1": "1888 Solano Ave", "city": "Berkeley", "state": "CA", "zip": "94707" },
            "timeZone": "America/Los_Angeles",
            "openUntil": "02:00",
        }] })
    );
}

#[tokio::test]
async fn b7_updated_hours_replace_the_previous_ones() {
    let (stack, mut life) = with(&[hours(DayOfWeek::Monday, "06:00", "22:00")], "UTC").await;
    let tuesdays = [hours(DayOfWeek::Tuesday, "03:00", "05:00")];
    stack
        .publish(&[life.commit(&hours_changed(&tuesdays, "UTC"))])
        .await;
    assert_open(
        &stack,
        &[("2026-11-23T08:00:00Z", false), ("2026-11-24T04:00:00Z", true)],
    )
    .await;
    assert_eq!(rows_of(&stack, 1).await, 1);
}

#[tokio::test]
async fn updated_hours_can_change_the_zone() {
    let mondays = [hours(DayOfWeek::Monday, "06:00", "07:00")];
    let (stack, mut life) = with(&mondays, "UTC").await;
    stack
        .publish(&[life.commit(&hours_changed(&mondays, "America/Los_Angeles"))])
        .await;
    assert_open(
        &stack,
        &[("2026-11-23T06:30:00Z", false), ("2026-11-23T14:30:00Z", true)],
    )
    .await;
}

#[tokio::test]
async fn b7_sunday_hours_past_midnight_reach_into_monday() {
    let (stack, _) = with(&[hours(DayOfWeek::Sunday, "23:00", "02:00")], "UTC").await;
    assert_open(
        &stack,
        &[
            ("2026-11-22T22:59:00Z", false),
            ("2026-11-22T23:00:00Z", true),
            ("2026-11-23T00:00:00Z", true),
            ("2026-11-23T01:59:00Z", true),
            ("2026-11-23T02:00:00Z", false),
            ("2026-11-22T01:00:00Z", false),
        ],
    )
    .await;
}

#[tokio::test]
async fn restaurant_is_closed_between_two_hours_of_one_day() {
    let monday = [
        hours(DayOfWeek::Monday, "11:30", "14:00"),
        hours(DayOfWeek::Monday, "18:00", "22:00"),
    ];
    let (stack, _) = with(&monday, "UTC").await;
    assert_open(
        &stack,
        &[
            ("2026-11-23T12:00:00Z", true),
            ("2026-11-23T16:00:00Z", false),
            ("2026-11-23T20:00:00Z", true),
        ],
    )
    .await;
    assert_eq!(rows_of(&stack, 1).await, 1);
}

#[tokio::test]
async fn hours_are_local_to_the_zone() {
    let monday = [hours(DayOfWeek::Monday, "08:00", "09:00")];
    let stack = start().await;
    let zones = [
        "UTC",
        "America/Los_Angeles",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
    ];
    for (zone, number) in zones.into_iter().zip(1..) {
        let commit = Life::new(number).commit(&created(&monday, &[ZIP], zone));
        stack.publish(&[commit]).await;
    }
    for (at, open) in [
        ("2026-11-22T18:30:00Z", 3),
        ("2026-11-23T08:30:00Z", 1),
        ("2026-11-23T16:30:00Z", 2),
        ("2026-11-23T19:30:00Z", 4),
        ("2026-11-23T08:30:00-08:00", 2),
    ] {
        assert_eq!(
            open_at(&stack, ZIP, &at.replace('+', "%2B")).await,
            [open],
            "{at}"
        );
    }
}

#[tokio::test]
async fn three_simultaneous_weekdays_are_all_searched() {
    // At 10:30 UTC it is Sunday 23:30 on Pago Pago, Monday in London, and Tuesday 0:30 on Kiritimati.
    let stack = start().await;
    for (number, day, opens, closes, zone) in [
        (1, DayOfWeek::Sunday, "23:00", "00:00", "Pacific/Pago_Pago"),
        (2, DayOfWeek::Monday, "10:00", "11:00", "Europe/London"),
        (3, DayOfWeek::Tuesday, "00:00", "01:00", "Pacific/Kiritimati"),
    ] {
        let commit = Life::new(number).commit(&created(&[hours(day, opens, closes)], &[ZIP], zone));
        stack.publish(&[commit]).await;
    }
    let mut open = open_at(&stack, ZIP, "2026-11-23T10:30:00Z").await;
    open.sort_unstable();
    assert_eq!(open, [1, 2, 3]);
    assert_eq!(open_at(&stack, ZIP, "2026-11-23T11:30:00Z").await, [0; 0]);
}

#[tokio::test]
async fn local_time_decides_on_a_day_with_a_skipped_hour() {
    // On 2026-03-08 in Los Angeles 03:00 follows 01:59.
    let sunday = [hours(DayOfWeek::Sunday, "01:00", "02:30")];
    let (stack, mut life) = with(&sunday, "America/Los_Angeles").await;
    assert_open(
        &stack,
        &[
            ("2026-03-08T09:00:00Z", true),
            ("2026-03-08T09:59:00Z", true),
            ("2026-03-08T10:00:00Z", false),
        ],
    )
    .await;
    let skipped = [hours(DayOfWeek::Sunday, "02:10", "03:05")];
    stack
        .publish(&[life.commit(&hours_changed(&skipped, "America/Los_Angeles"))])
        .await;
    assert_open(
        &stack,
        &[
            ("2026-03-08T09:59:00Z", false),
            ("2026-03-08T10:00:00Z", true),
            ("2026-03-08T10:05:00Z", false),
        ],
    )
    .await;
}

#[tokio::test]
async fn restaurant_is_open_in_both_runs_of_a_repeated_hour() {
    // On 2026-11-01 in Los Angeles 01:00 follows 01:59.
    let (stack, _) = with(
        &[hours(DayOfWeek::Sunday, "01:00", "01:30")],
        "America/Los_Angeles",
    )
    .await;
    assert_open(
        &stack,
        &[
            ("2026-11-01T08:15:00Z", true),
            ("2026-11-01T08:45:00Z", false),
            ("2026-11-01T09:15:00Z", true),
            ("2026-11-01T09:45:00Z", false),
        ],
    )
    .await;
}

#[tokio::test]
async fn b7_closed_restaurant_is_never_listed_again() {
    let (stack, mut life) = with(&always(), "UTC").await;
    assert_open(&stack, &[("2026-11-23T08:00:00Z", true)]).await;
    stack.publish(&[life.commit(&closed())]).await;
    assert_open(&stack, &[("2026-11-23T08:00:00Z", false)]).await;
    stack.publish(&[life.commit(&area_changed(&[ZIP]))]).await;
    assert_open(&stack, &[("2026-11-23T08:00:00Z", false)]).await;
    assert_eq!(all_rows(&stack).await, []);
}

#[tokio::test]
async fn changed_service_area_replaces_the_previous_one() {
    let (stack, mut life) = with(&always(), "UTC").await;
    stack
        .publish(&[life.commit(&area_changed(&["94613", "SW1A 1AA"]))])
        .await;
    let at = "2026-11-23T08:00:00Z";
    assert_eq!(open_at(&stack, ZIP, at).await, [0; 0]);
    assert_eq!(open_at(&stack, "94613", at).await, [1]);
    assert_eq!(open_at(&stack, "SW1A+1AA", at).await, [1]);
    assert_eq!(rows_of(&stack, 1).await, 2 * WEEK.len());
}
