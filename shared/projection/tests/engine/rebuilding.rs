//! C9, G8, G9: a generation is built while another one serves, and replaces it in one step.

use crate::desk::{Desk, now, pass};
use crate::library::{
    BookEvent, FixedLibrary, Library, LoanEvent, Town, bought, commit, lent, returned, stream, tagged,
};
use aws_sdk_dynamodb::Client;
use local_dynamodb::{Fault, Faults};
use projection::ReadYourWrites;
use projection::operations::{ControlError, ControlOptions, Phase, RebuildOptions, State};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Barrier;

async fn town() -> (Town, Desk) {
    let town = Town::new().await;
    for book in 0..20 {
        let shelf = format!("s{}", book % 3);
        town.publish(&stream(
            &format!("book#b{book}"),
            &[
                bought(&format!("Title {book}"), &shelf),
                tagged("red"),
                tagged("blue"),
            ],
        ))
        .await;
        town.publish(&stream(&format!("loan#b{book}"), &[lent("ann"), returned(3)]))
            .await;
    }
    let desk = town.desk();
    (town, desk)
}

fn refusal(result: Result<impl Sized, ControlError>) -> String {
    match result {
        Err(ControlError::Refused(reason)) => reason,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was not refused"),
    }
}

#[tokio::test]
async fn a_rebuilt_generation_equals_the_one_that_serves() {
    let (town, desk) = town().await;
    let rebuild = desk.rebuilt().await;
    assert_eq!((rebuild.state, rebuild.generation), (State::Ready, 2));
    assert_eq!(town.generation(2).await, town.generation(1).await);
}

#[tokio::test]
async fn every_document_is_written_once_however_many_sources_it_has() {
    let (_town, desk) = town().await;
    let rebuild = desk.rebuilt().await;
    assert_eq!((rebuild.scanned.written, rebuild.scanned.applied), (20, 100));
    assert_eq!(rebuild.verified.behind, 0);
}

#[tokio::test]
async fn stream_of_many_pages_is_written_once() {
    let town = Town::new().await;
    // The book is not bought, so it is in no list: an index key would be too long.
    let long: Vec<BookEvent> = (0..8)
        .map(|n| BookEvent::Moved {
            shelf: n.to_string().repeat(300_000),
        })
        .collect();
    for moved in stream("book#b", &long) {
        town.publish(&[moved]).await;
    }
    let desk = town.desk();
    let rebuild = desk.rebuilt().await;
    assert_eq!((rebuild.scanned.written, rebuild.scanned.applied), (1, 8));
    assert_eq!(town.generation(2).await, town.generation(1).await);
}

#[tokio::test]
async fn document_without_the_first_source_is_created_by_the_verification() {
    let town = Town::new().await;
    town.publish(&stream("loan#b", &[lent("ann"), returned(3)])).await;
    let rebuild = town.desk().rebuilt().await;
    assert_eq!((rebuild.scanned.written, rebuild.verified.written), (0, 1));
    assert_eq!(town.generation(2).await, town.generation(1).await);
}

#[tokio::test]
async fn sweep_skips_a_generation_that_is_being_built() {
    let (town, desk) = town().await;
    let options = RebuildOptions::default();
    desk.control.start_rebuild(&options).await.unwrap();
    // The rebuild's own tasks wait on its desk, so nothing is built yet.
    let sweeper = town.desk();
    let sweep = sweeper.control.start_sweep(false, None).await.unwrap();
    sweeper.work().await;
    let swept = sweeper.control.sweep(sweep.number).await.unwrap().unwrap();
    assert_eq!((swept.counts.behind, swept.counts.documents), (0, 20));
    assert_eq!(town.generation(2).await.len(), 0);
    desk.work().await;
    assert_eq!(town.generation(2).await, town.generation(1).await);
}

#[tokio::test]
async fn readers_see_the_new_generation_after_a_flip_and_the_old_one_after_a_rollback() {
    let (town, desk) = town().await;
    desk.rebuilt().await;
    let read = async || {
        let read = town.reader().get("b1", &ReadYourWrites::default()).await;
        read.unwrap().unwrap().generation
    };
    assert_eq!(read().await, 1);
    assert_eq!(desk.control.flip(2).await.unwrap().state, State::Serving);
    assert_eq!(read().await, 2);
    assert_eq!(desk.control.rollback(2).await.unwrap().state, State::RolledBack);
    assert_eq!(read().await, 1);
    assert_eq!(desk.control.flip(2).await.unwrap().state, State::Serving);
    assert_eq!(read().await, 2);
}

#[tokio::test]
async fn commits_during_a_rebuild_are_in_both_generations() {
    let (town, desk) = town().await;
    let options = RebuildOptions::default();
    desk.control.start_rebuild(&options).await.unwrap();
    let mut book = 0;
    while desk.step().await {
        // Before, during and after the scan; known books and new ones.
        let id = format!("book#b{}", book % 40);
        let first = if book % 40 < 20 { 4 } else { 1 };
        if book < 40 {
            town.publish(&[commit(&id, first, &[bought(&format!("New {book}"), "s1")])])
                .await;
        }
        book += 1;
    }
    assert_eq!(
        desk.control.rebuild(2).await.unwrap().unwrap().state,
        State::Ready
    );
    assert_eq!(town.generation(2).await, town.generation(1).await);
    desk.control.flip(2).await.unwrap();
    town.publish(&[commit("book#b1", 5, &[tagged("green")])]).await;
    assert_eq!(town.generation(2).await, town.generation(1).await);
}

#[tokio::test]
async fn aborted_generation_is_deleted_and_nothing_else() {
    let (town, desk) = town().await;
    let before = town.generation(1).await;
    desk.rebuilt().await;
    assert_eq!(desk.control.abort(2).await.unwrap().state, State::Aborted);
    desk.work().await;
    assert_eq!(town.generation(2).await.len(), 0);
    assert_eq!(town.generation(1).await, before);
}

#[tokio::test]
async fn a_rebuild_may_be_aborted_at_every_step() {
    for steps in 0..12 {
        let (town, desk) = town().await;
        let options = RebuildOptions::default();
        desk.control.start_rebuild(&options).await.unwrap();
        for _ in 0..steps {
            desk.step().await;
        }
        desk.control.abort(2).await.unwrap();
        desk.work().await;
        assert_eq!(town.generation(2).await.len(), 0, "after {steps} steps");
    }
}

#[tokio::test]
async fn previous_generation_is_deleted_when_it_is_retired() {
    let (town, desk) = town().await;
    desk.rebuilt().await;
    desk.control.flip(2).await.unwrap();
    desk.control.retire(2).await.unwrap();
    desk.work().await;
    assert_eq!(town.generation(1).await.len(), 0);
    let read = town.reader().get("b1", &ReadYourWrites::default()).await;
    assert_eq!(read.unwrap().unwrap().generation, 2);
    assert!(refusal(desk.control.rollback(2).await).contains("nothing to roll back to"));
}

#[tokio::test]
async fn the_next_rebuild_replaces_a_generation_that_was_built() {
    let (town, desk) = town().await;
    desk.rebuilt().await;
    desk.control.flip(2).await.unwrap();
    assert!(
        refusal(desk.control.start_rebuild(&RebuildOptions::default()).await).contains("retire it first")
    );
    desk.control.retire(2).await.unwrap();
    desk.work().await;
    assert_eq!(desk.rebuilt().await.generation, 3);
    desk.control.flip(3).await.unwrap();
    assert_eq!(
        desk.control.rebuild(2).await.unwrap().unwrap().state,
        State::Ready
    );
    desk.control.rollback(3).await.unwrap();
    assert_eq!(
        desk.control.rebuild(2).await.unwrap().unwrap().state,
        State::Serving
    );
    desk.control.flip(3).await.unwrap();
    desk.control.retire(3).await.unwrap();
    desk.work().await;
    assert_eq!(
        desk.control.rebuild(2).await.unwrap().unwrap().state,
        State::Retired
    );
    assert_eq!(town.generation(2).await.len(), 0);
    assert_ne!(town.generation(3).await.len(), 0);
}

#[tokio::test]
async fn operation_in_the_wrong_state_is_refused_with_advice() {
    let (_town, desk) = town().await;
    let control = &desk.control;
    assert!(matches!(control.flip(2).await, Err(ControlError::NotFound(_))));
    control.start_rebuild(&RebuildOptions::default()).await.unwrap();
    assert!(refusal(control.start_rebuild(&RebuildOptions::default()).await).contains("abort it"));
    assert!(refusal(control.flip(2).await).contains("wait until it is READY"));
    assert!(refusal(control.rollback(2).await).contains("abort it"));
    assert!(refusal(control.retire(2).await).contains("does not serve"));
    desk.work().await;
    control.flip(2).await.unwrap();
    assert!(refusal(control.abort(2).await).contains("roll it back first"));
    control.rollback(2).await.unwrap();
    control.abort(2).await.unwrap();
    for refused in [
        control.flip(2).await,
        control.rollback(2).await,
        control.retire(2).await,
    ] {
        assert!(refusal(refused).contains("start a new one"));
    }
}

#[tokio::test]
async fn repeated_operations_have_one_effect() {
    let (_town, desk) = town().await;
    let control = &desk.control;
    let options = RebuildOptions {
        idempotency_key: Some("k".into()),
        ..RebuildOptions::default()
    };
    let first = control.start_rebuild(&options).await.unwrap();
    assert_eq!(
        control.start_rebuild(&options).await.unwrap().generation,
        first.generation
    );
    desk.work().await;
    control.flip(2).await.unwrap();
    assert_eq!(control.flip(2).await.unwrap().state, State::Serving);
    control.rollback(2).await.unwrap();
    assert_eq!(control.rollback(2).await.unwrap().state, State::RolledBack);
    control.abort(2).await.unwrap();
    assert_eq!(control.abort(2).await.unwrap().state, State::Aborted);
    assert_eq!(
        control.start_rebuild(&options).await.unwrap().state,
        State::Aborted
    );
}

#[tokio::test]
async fn event_that_cannot_be_applied_fails_only_the_rebuild() {
    let town = Town::new().await;
    for book in ["a", "b"] {
        let commits = stream(&format!("loan#{book}"), &[lent("ann"), LoanEvent::Cursed {}]);
        town.commit(&commits).await;
        town.deliver_to::<FixedLibrary>(&commits).await;
    }
    let before = town.generation(1).await;
    // The rebuild runs with the code that has the bug.
    let desk = town.desk();
    let captured = telemetry::capture();
    let failed = || {
        let ended = captured.named("RunEnded");
        ended.iter().map(|event| event.sum("RunsFailed")).sum::<f64>()
    };
    let rebuild = desk.rebuilt().await;
    assert_eq!(rebuild.state, State::Failed);
    let failure = rebuild.failure.unwrap();
    assert!(
        failure.contains("version 2") && failure.contains("cursed"),
        "{failure}"
    );
    assert_eq!(town.generation(1).await, before);
    assert_eq!(town.generation(2).await.len(), 0);
    // After the fix the rebuild succeeds.
    let fixed = town.desk_of::<FixedLibrary>();
    assert_eq!(failed(), 1.0);
    assert_eq!(fixed.rebuilt().await.state, State::Ready);
    assert_eq!(town.generation(3).await, before);
    assert_eq!((captured.named("RunEnded").len(), failed()), (2, 1.0));
}

#[tokio::test]
async fn a_commit_that_cannot_be_read_fails_the_rebuild() {
    let (town, desk) = town().await;
    let mut damaged = commit("book#z", 1, &[bought("Z", "s")]);
    damaged.count = 7;
    town.commit(&[damaged]).await;
    let rebuild = desk.rebuilt().await;
    assert_eq!(rebuild.state, State::Failed);
    assert!(rebuild.failure.unwrap().contains("book#z at version 1"));
}

#[tokio::test]
async fn live_event_that_cannot_be_applied_fails_the_rebuild() {
    let (town, desk) = town().await;
    let options = RebuildOptions::default();
    desk.control.start_rebuild(&options).await.unwrap();
    for _ in 0..3 {
        desk.step().await;
    }
    town.publish(&[commit("loan#b1", 3, &[LoanEvent::Cursed {}])])
        .await;
    desk.work().await;
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!(rebuild.state, State::Failed);
}

#[tokio::test]
async fn dead_workers_are_replaced_and_no_work_is_repeated() {
    let (town, desk) = town().await;
    let options = RebuildOptions::default();
    desk.control.start_rebuild(&options).await.unwrap();
    let mut deaths = 0;
    for step in 1.. {
        if !desk.step().await {
            break;
        }
        // All waiting tasks are lost, as when a process dies; the next worker reads the tables.
        if step % 4 == 0 && deaths < 5 {
            desk.queue.lose();
            deaths += 1;
            desk.worker.resume().await.unwrap();
        }
    }
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!((rebuild.state, rebuild.scanned.written), (State::Ready, 20));
    assert_eq!(town.generation(2).await, town.generation(1).await);
}

/// The request for the change may have waited, and other processes may have read the old registry until the change was
/// written.
#[tokio::test]
async fn fence_starts_when_the_change_is_known_to_be_written() {
    let (_town, desk) = town().await;
    let options = RebuildOptions::default();
    desk.control.start_rebuild(&options).await.unwrap();
    pass(Duration::from_secs(60));
    desk.step().await;
    let found = now();
    desk.step().await;
    let phase = desk.control.rebuild(2).await.unwrap().unwrap().phase;
    assert_eq!(phase, Phase::Scan);
    let fence = ControlOptions::default().fence;
    assert!(Duration::try_from(now().duration_since(found)).unwrap() >= fence);
}

/// An abort that was in flight while workers saved the run twice must not overwrite what they saved: the second save
/// would have undone the abort, and the rebuild would have continued in a generation whose rows are deleted.
#[tokio::test]
async fn abort_is_kept_when_workers_save_the_run() {
    let (town, _) = town().await;
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    let desk = town.desk_with::<Library>(&Client::from_conf(config.build()));
    let options = RebuildOptions::default();
    desk.control.start_rebuild(&options).await.unwrap();

    let [abort, save] = [(); 2].map(|()| Arc::new(Barrier::new(2)));
    faults.next("TransactWriteItems", Fault::Late(abort.clone()));
    let aborting = async {
        let aborted = desk.control.abort(2).await;
        save.wait().await;
        aborted.unwrap()
    };
    let working = async {
        abort.wait().await;
        desk.step().await;
        faults.next("PutItem", Fault::Late(save.clone()));
        // The fence is over; the scan begins.
        desk.step().await;
    };
    let directing = async {
        save.wait().await;
        abort.wait().await;
    };
    let (aborted, _, ()) = tokio::join!(aborting, working, directing);
    assert_eq!(aborted.state, State::Aborted);
    desk.work().await;
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!((rebuild.state, rebuild.phase), (State::Aborted, Phase::End));
    assert_eq!(town.generation(2).await.len(), 0);
}

/// Otherwise the page could be written after the fence, in a generation that was given up.
#[tokio::test]
async fn page_that_takes_too_long_is_abandoned_and_repeated() {
    let (town, mut desk) = town().await;
    let options = RebuildOptions::default();
    desk.control.start_rebuild(&options).await.unwrap();
    // The fence, and sending the tasks for three segments.
    desk.step().await;
    desk.step().await;
    let hasty = town.worker::<Library>(&town.dynamo.client(), &desk.queue, Duration::ZERO);
    let patient = std::mem::replace(&mut desk.worker, hasty);
    for _ in 0..3 {
        desk.step().await;
    }
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!((rebuild.phase, rebuild.scanned.written), (Phase::Scan, 0));

    desk.worker = patient;
    desk.work().await;
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!(rebuild.state, State::Ready);
    assert_eq!(town.generation(2).await, town.generation(1).await);
}

#[tokio::test]
async fn lost_task_is_sent_again() {
    let (_town, desk) = town().await;
    let options = RebuildOptions::default();
    desk.control.start_rebuild(&options).await.unwrap();
    // The fence, and sending the tasks for the segments.
    desk.step().await;
    desk.step().await;
    // Only the heartbeat remains.
    assert!(desk.queue.lose() > 1);
    let heartbeat =
        r#"{"task":"advance","subscriber":"library","run":"rebuild#0000000002","heartbeat":true}"#;
    let task = serde_json::from_str(heartbeat).unwrap();
    desk.worker
        .handle(task, tokio::time::Instant::now())
        .await
        .unwrap();
    desk.work().await;
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!(rebuild.state, State::Ready);
}

#[tokio::test]
async fn documents_are_compared_with_the_serving_ones_on_request() {
    let (town, desk) = town().await;
    let tampered = town.dynamo.client().update_item();
    let key = |name: &str| aws_sdk_dynamodb::types::AttributeValue::S(name.to_owned());
    tampered
        .table_name(&town.bench.view_table)
        .key("pk", key("g1#b7"))
        .key("sk", key("-"))
        .update_expression("SET doc.shelf = :s")
        .expression_attribute_values(":s", key("moved by hand"))
        .send()
        .await
        .unwrap();
    let options = RebuildOptions {
        compare: true,
        ..RebuildOptions::default()
    };
    let captured = telemetry::capture();
    desk.control.start_rebuild(&options).await.unwrap();
    desk.work().await;
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!(rebuild.state, State::Ready);
    assert_eq!((rebuild.verified.compared, rebuild.verified.differences), (20, 1));
    // A difference is expected in a rebuild, and raises no alarm.
    let pages = captured.named("OperationsPage");
    assert!(pages.iter().all(|page| page.values("Differences") == [0.0]));
    let rebuilt = pages.iter().map(|page| page.sum("DocumentsRebuilt"));
    assert_eq!(rebuilt.sum::<f64>(), 20.0);
    let difference = &rebuild.differences[0];
    assert_eq!(difference.key, "b7");
    assert!(difference.expected.contains("moved by hand") && difference.stored.contains("s1"));
}

#[tokio::test]
async fn no_generation_number_is_used_twice() {
    let (_town, desk) = town().await;
    for generation in 2..5 {
        let rebuild = desk.rebuilt().await;
        assert_eq!(rebuild.generation, generation);
        desk.control.abort(generation).await.unwrap();
        desk.work().await;
    }
}
