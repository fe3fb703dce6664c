//! The cost of an event, in write units of the view's table.

use crate::tests::commits::{
    Life, approved, cancel_requested, cancelled, completed, created, proposed, rejected, revised,
};
use crate::tests::stack::start;
use contracts::OrderEvent;

/// Returns the write units of each of these events of one order, delivered one by one.
async fn units(events: &[OrderEvent]) -> Vec<f64> {
    let stack = start().await;
    let captured = telemetry::capture();
    for commit in Life::new(1, "2026-11-23T17:00:00Z").commits(events) {
        stack.publish(&[commit]).await;
    }
    let batches = captured.named("ProjectionBatch");
    batches.iter().map(|batch| batch.sum("WriteUnits")).collect()
}

#[tokio::test]
async fn an_event_costs_two_write_units_for_the_document_and_two_for_each_counter_that_it_changes() {
    let delivered = [created(), approved(), completed()];
    assert_eq!(units(&delivered).await, [4.0, 6.0, 4.0]);
    let rejected = [created(), rejected()];
    assert_eq!(units(&rejected).await, [4.0, 4.0]);
    let revised = [created(), approved(), proposed(9_900), revised(9_900)];
    assert_eq!(units(&revised).await, [4.0, 6.0, 4.0, 6.0]);
    let cancelled = [created(), approved(), cancel_requested(), cancelled()];
    assert_eq!(units(&cancelled).await, [4.0, 6.0, 4.0, 6.0]);
}
