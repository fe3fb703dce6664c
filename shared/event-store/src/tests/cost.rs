//! C11: the cost of a command, as DynamoDB reports it (G5).

use crate::CommandContext;
use crate::tests::fixture::{Fixture, once};
use crate::tests::jar::Command;
use commit::Metadata;

/// Returns a context with the metadata that the HTTP layer sets.
fn from_http() -> CommandContext {
    let mut context = once();
    context.metadata = Metadata {
        actor: Some("con_0199a1b2c3d47e5f8091a2b3c4d5e6f7".into()),
        correlation_id: Some("0199a1b2-c3d4-7e5f-8091-a2b3c4d5e6f7".into()),
        causation_id: None,
        on_behalf_of: None,
        traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
    };
    context
}

#[tokio::test]
async fn c11_a_command_costs_one_read_and_one_write_unit_however_long_the_stream_is() {
    let fixture = Fixture::new().await;
    let command = Command::AddLabelled(1, 150);
    for length in [1, 100, 1000] {
        let id = format!("at-{length}");
        let seeding = fixture.cold();
        for _ in 0..length {
            seeding.execute(&id, &command, &from_http()).await.unwrap();
        }
        let store = fixture.cold();
        let cold = store.execute(&id, &command, &from_http()).await.unwrap().consumed;
        assert_eq!(
            (cold.calls, cold.read_units, cold.write_units),
            (2, 1.0, 1.0),
            "cold, at {length}"
        );
        let warm = store.execute(&id, &command, &from_http()).await.unwrap().consumed;
        assert_eq!(
            (warm.calls, warm.read_units, warm.write_units),
            (1, 0.0, 1.0),
            "warm, at {length}"
        );
    }
}

#[tokio::test]
async fn c11_a_creation_costs_one_write_unit_and_no_read() {
    let fixture = Fixture::new().await;
    let created = fixture
        .cold()
        .create("a", &Command::AddLabelled(1, 150), &from_http())
        .await
        .unwrap();
    let cost = created.consumed;
    assert_eq!((cost.calls, cost.read_units, cost.write_units), (1, 0.0, 1.0));
}

#[tokio::test]
async fn c11_three_events_cost_the_same_as_one() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store
        .create("a", &Command::Add(vec![1]), &from_http())
        .await
        .unwrap();
    let three = store
        .execute("a", &Command::Add(vec![1, 2, 3]), &from_http())
        .await
        .unwrap();
    assert_eq!((three.consumed.calls, three.consumed.write_units), (1, 1.0));
}

#[tokio::test]
async fn small_snapshot_costs_no_extra_write_unit() {
    let fixture = Fixture::new().await;
    for note in (0..1_500).step_by(50) {
        let id = format!("note-{note}");
        let store = fixture.cold();
        store.create(&id, &Command::Write(note), &once()).await.unwrap();
        // At version 2 and 3 no snapshot is due, so a snapshot there is one that costs nothing extra.
        for _ in 2..=3 {
            let executed = store.execute(&id, &Command::Add(vec![1]), &once()).await.unwrap();
            assert_eq!(executed.consumed.write_units, 1.0, "at a note of {note} bytes");
        }
    }
}

#[tokio::test]
async fn refused_append_counts_the_units_it_is_billed() {
    let fixture = Fixture::new().await;
    fixture
        .cold()
        .create("a", &Command::Write(3_000), &once())
        .await
        .unwrap();
    let created = fixture
        .cold()
        .create("a", &Command::Write(10), &once())
        .await
        .unwrap();
    // The append is refused by an item of more than 3 KB, then stored after it.
    assert!(created.consumed.write_units >= 5.0, "{:?}", created.consumed);
}
