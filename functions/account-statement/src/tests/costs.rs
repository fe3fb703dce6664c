//! The cost of an event, in write units of the view's table.

use crate::tests::commits::{Life, authorized, captured, opened};
use crate::tests::stack::start;

#[tokio::test]
async fn an_event_costs_two_write_units_for_the_document_and_two_for_the_movement() {
    let stack = start().await;
    let mut life = Life::new(7);
    let metrics = telemetry::capture();
    for event in [opened(), authorized(1, "61.70"), captured(1, "61.70")] {
        stack.publish(&[life.commit(&[event])]).await;
    }
    let batches = metrics.named("ProjectionBatch");
    let units: Vec<f64> = batches.iter().map(|batch| batch.sum("WriteUnits")).collect();
    assert_eq!(units, [4.0, 4.0, 4.0]);
}
