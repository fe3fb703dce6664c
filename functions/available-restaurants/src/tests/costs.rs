//! The cost of an event, in write units of the view's table.

use crate::tests::commits::{Life, ZIP, always, area_changed, closed, created, hours_changed, menu_revised};
use crate::tests::stack::start;
use contracts::restaurant::{MAX_SERVICE_AREA, RestaurantEvent};

/// Returns the write units of each of these events of one restaurant, delivered one by one.
async fn units(events: &[RestaurantEvent]) -> Vec<f64> {
    let stack = start().await;
    let mut life = Life::new(1);
    let metrics = telemetry::capture();
    for event in events {
        stack.publish(&[life.commit(event)]).await;
    }
    let batches = metrics.named("ProjectionBatch");
    batches.iter().map(|batch| batch.sum("WriteUnits")).collect()
}

#[tokio::test]
async fn an_event_costs_two_write_units_for_each_row_that_it_changes_and_for_each_kb_of_the_document() {
    let events = [
        created(&always(), &[ZIP, "94613"], "UTC"),
        menu_revised(),
        hours_changed(&[], "UTC"),
        closed(),
    ];
    // 14 rows and a document of 2 KB. An event that changes no row needs no transaction and costs half.
    assert_eq!(units(&events).await, [32.0, 2.0, 32.0, 1.0]);
}

#[tokio::test]
async fn largest_restaurant_costs_about_800_write_units_to_create_or_close_and_1_920_to_move() {
    let zips = |first: usize| -> Vec<String> {
        (first..first + MAX_SERVICE_AREA)
            .map(|zip| zip.to_string())
            .collect()
    };
    let (here, there) = (zips(10_000), zips(20_000));
    let here: Vec<&str> = here.iter().map(String::as_str).collect();
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    let events = [created(&always(), &here, "UTC"), area_changed(&there), closed()];
    // 343 rows in four parts, each with the document, which lists its rows and grows and shrinks with them.
    assert_eq!(units(&events).await, [820.0, 1_920.0, 804.0]);
}
