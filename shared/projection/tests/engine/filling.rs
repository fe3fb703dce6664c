//! The worker fills a view that was never built.

use crate::desk::{Desk, pass, pass_until};
use crate::library::{
    BookEvent, FixedLibrary, Library, LoanEvent, Town, bought, commit, lent, returned, stream, tagged,
};
use aws_sdk_dynamodb::Client;
use commit::Commit;
use jiff::Timestamp;
use local_dynamodb::Faults;
use projection::operations::{Phase, RebuildOptions, State};
use projection::{Filter, IndexQuery, ReadYourWrites, RowRange, RowsQuery, ViewReader, tell_filled};
use std::time::Duration;

/// The first pause after a failed attempt.
const PAUSE: Duration = Duration::from_secs(60);

/// Stores events from before the view existed. They are not delivered to it.
async fn past(town: &Town) {
    for book in 0..20 {
        town.commit(&history(book)).await;
    }
}

fn history(book: usize) -> Vec<Commit> {
    let title = format!("Title {book}");
    let mut commits = stream(
        &format!("book#b{book}"),
        &[bought(&title, "s1"), tagged("red"), tagged("blue")],
    );
    commits.extend(stream(&format!("loan#b{book}"), &[lent("ann"), returned(3)]));
    commits
}

/// Returns whether the view is filled, the serving generation, and the fed generations.
async fn standing(desk: &Desk) -> (bool, u64, Vec<u64>) {
    let overview = desk.control.overview().await.unwrap();
    let filled = overview.filled.expect("it is a view");
    (filled, overview.serving, overview.feeding.into_iter().collect())
}

async fn rebuilds(desk: &Desk) -> usize {
    desk.control.rebuilds().await.unwrap().len()
}

/// Checks with a deep sweep that all documents exist and equal the fold of their events.
async fn assert_complete(town: &Town, documents: u64) {
    let desk = town.desk();
    let sweep = desk.control.start_sweep(true, None).await.unwrap();
    desk.work().await;
    let counts = desk.control.sweep(sweep.number).await.unwrap().unwrap().counts;
    assert_eq!(
        (counts.documents, counts.behind, counts.differences),
        (documents, 0, 0)
    );
}

fn shelf() -> IndexQuery {
    IndexQuery {
        partition: "s1".into(),
        lower: None,
        upper: None,
        descending: false,
        limit: 50,
        filter: Filter::default(),
        start: None,
    }
}

#[tokio::test]
async fn view_with_empty_sources_is_filled_without_a_rebuild() {
    let town = Town::with_a_new_view().await;
    let desk = town.desk();
    assert_eq!(standing(&desk).await, (false, 1, vec![1]));
    desk.fill(false).await;
    assert_eq!(standing(&desk).await, (true, 1, vec![1]));
    assert_eq!(rebuilds(&desk).await, 0);
    // All later commits are delivered.
    town.publish(&history(1)).await;
    assert_complete(&town, 1).await;
}

#[tokio::test]
async fn commits_of_other_categories_do_not_require_a_rebuild() {
    let town = Town::with_a_new_view().await;
    town.commit(&stream("shop#s", &[tagged("red"), tagged("blue")]))
        .await;
    let desk = town.desk();
    desk.fill(false).await;
    assert_eq!(standing(&desk).await, (true, 1, vec![1]));
}

/// The check reads only a hundred commits, so commits of the view's sources may follow.
#[tokio::test]
async fn view_is_built_when_the_check_does_not_reach_the_end_of_the_table() {
    let town = Town::with_a_new_view().await;
    let others: Vec<BookEvent> = (0..150).map(|number| tagged(&number.to_string())).collect();
    town.commit(&stream("aisle#a", &others)).await;
    let desk = town.desk();
    desk.fill(false).await;
    desk.work().await;
    assert_eq!(standing(&desk).await, (true, 2, vec![2]));
}

#[tokio::test]
async fn new_view_is_built_from_existing_events_and_its_first_generation_retired() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    let desk = town.desk();
    desk.fill(false).await;
    assert_eq!(standing(&desk).await, (false, 1, vec![1, 2]));
    desk.work().await;
    assert_eq!(standing(&desk).await, (true, 2, vec![2]));
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!(
        (rebuild.state, rebuild.fills, rebuild.scanned.written),
        (State::Serving, true, 20)
    );
    assert_complete(&town, 20).await;
}

#[tokio::test]
async fn incomplete_documents_are_deleted_after_the_view_is_filled() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    town.publish(&[commit("loan#b3", 3, &[lent("bob")])]).await;
    assert_ne!(town.generation(1).await.len(), 0);
    let desk = town.desk();
    desk.fill(false).await;
    desk.work().await;
    assert_eq!(town.generation(1).await.len(), 0);
    assert!(desk.control.overview().await.unwrap().clearing.is_empty());
}

#[tokio::test]
async fn commits_during_the_filling_are_included() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    let desk = town.desk();
    desk.fill(false).await;
    let mut book = 0;
    while desk.step().await {
        // Existing and new books, before, during and after the scan.
        match book {
            0..20 => drop(
                town.publish(&[commit(&format!("book#b{book}"), 4, &[tagged("new")])])
                    .await,
            ),
            20..30 => drop(town.publish(&history(book)).await),
            _ => {}
        }
        book += 1;
    }
    for book in book..30 {
        town.publish(&history(book)).await;
    }
    assert_eq!(standing(&desk).await, (true, 2, vec![2]));
    assert_complete(&town, 30).await;
}

#[tokio::test]
async fn two_workers_start_one_rebuild_of_a_new_view() {
    for built in [false, true] {
        let town = Town::with_a_new_view().await;
        if built {
            past(&town).await;
        }
        let (one, other) = (town.desk(), town.desk());
        tokio::join!(one.fill(false), other.fill(false));
        assert_eq!(rebuilds(&one).await, usize::from(built));
        tokio::join!(one.work(), other.work());
        assert!(standing(&one).await.0);
    }
}

#[tokio::test]
async fn check_of_a_filled_view_costs_one_call() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    let faults = Faults::default();
    let config = town.dynamo.config().http_client(faults.transport());
    let desk = town.desk_with::<Library>(&Client::from_conf(config.build()));
    desk.fill(false).await;
    desk.work().await;
    let requests = || {
        [
            "GetItem",
            "BatchGetItem",
            "Query",
            "Scan",
            "TransactWriteItems",
            "PutItem",
        ]
        .map(|operation| faults.requests(operation).len())
        .iter()
        .sum::<usize>()
    };
    let before = requests();
    desk.fill(false).await;
    assert_eq!(requests() - before, 1);
    assert!(!desk.step().await, "there is nothing to do");
}

/// Attempts to fill the view until this number of attempts has failed, and returns the end of the last one.
async fn failed(desk: &Desk, attempts: usize) -> Timestamp {
    for _ in rebuilds(desk).await..attempts {
        desk.fill(true).await;
        desk.work().await;
    }
    let last = desk.control.rebuilds().await.unwrap().remove(0);
    assert_eq!((last.state, last.fills), (State::Failed, true));
    assert!(last.failure.unwrap().contains("cursed"));
    last.ended.unwrap()
}

#[tokio::test]
async fn failed_filling_is_repeated_after_a_pause_that_doubles_up_to_an_hour() {
    let town = Town::with_a_new_view().await;
    town.commit(&stream("loan#a", &[LoanEvent::Cursed {}])).await;
    let desk = town.desk();
    for (attempts, minutes) in [(4, 8), (6, 32), (7, 60), (12, 60)] {
        let ended = failed(&desk, attempts).await;
        assert_eq!(standing(&desk).await, (false, 1, vec![1]));
        let second = Duration::from_secs(1);
        let pause = Duration::from_secs(60 * minutes);
        pass_until(ended + pause - second);
        desk.fill(false).await;
        assert_eq!(rebuilds(&desk).await, attempts, "too early");
        pass(second);
        desk.fill(false).await;
        desk.work().await;
        assert_eq!(rebuilds(&desk).await, attempts + 1, "too late");
    }
}

#[tokio::test]
async fn fill_with_now_does_not_wait_for_the_pause() {
    let town = Town::with_a_new_view().await;
    town.commit(&stream("loan#a", &[LoanEvent::Cursed {}])).await;
    let desk = town.desk();
    desk.fill(false).await;
    desk.work().await;
    let fixed = town.desk_of::<FixedLibrary>();
    fixed.fill(true).await;
    fixed.work().await;
    assert!(standing(&fixed).await.0);
}

#[tokio::test]
async fn aborted_filling_is_repeated_after_a_pause() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    let desk = town.desk();
    desk.fill(false).await;
    desk.step().await;
    desk.control.abort(2).await.unwrap();
    desk.fill(false).await;
    assert_eq!(standing(&desk).await, (false, 1, vec![1]));
    pass(PAUSE);
    desk.fill(false).await;
    desk.work().await;
    assert_eq!(standing(&desk).await, (true, 3, vec![3]));
}

#[tokio::test]
async fn rebuild_of_an_operator_is_left_to_the_operator() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    let desk = town.desk();
    desk.control
        .start_rebuild(&RebuildOptions::default())
        .await
        .unwrap();
    desk.fill(true).await;
    desk.work().await;
    desk.fill(true).await;
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!((rebuild.state, rebuild.fills), (State::Ready, false));
    assert_eq!(standing(&desk).await, (false, 1, vec![1, 2]));

    desk.control.flip(2).await.unwrap();
    assert_eq!(standing(&desk).await, (true, 2, vec![1, 2]));
    // The rollback leads to the first generation, which was never built.
    desk.control.rollback(2).await.unwrap();
    assert_eq!(standing(&desk).await, (false, 1, vec![1, 2]));
    desk.fill(true).await;
    assert_eq!(
        rebuilds(&desk).await,
        1,
        "the operator may still flip to it again"
    );
    desk.control.abort(2).await.unwrap();
    desk.fill(false).await;
    desk.work().await;
    assert_eq!(standing(&desk).await, (true, 3, vec![3]));
}

#[tokio::test]
async fn view_filled_from_the_start_is_filled_after_a_rollback() {
    let town = Town::with_a_new_view().await;
    let desk = town.desk();
    desk.fill(false).await;
    town.publish(&history(1)).await;
    desk.rebuilt().await;
    desk.control.flip(2).await.unwrap();
    desk.control.rollback(2).await.unwrap();
    assert_eq!(standing(&desk).await, (true, 1, vec![1, 2]));
}

/// The worker died after it had stored the rebuild and before it sent the task.
#[tokio::test]
async fn lost_task_of_a_filling_is_sent_again() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    let desk = town.desk();
    desk.fill(false).await;
    desk.queue.lose();
    desk.fill(false).await;
    assert!(!desk.step().await, "it is only late");
    pass(Duration::from_secs(601));
    desk.fill(false).await;
    desk.work().await;
    assert_eq!(standing(&desk).await, (true, 2, vec![2]));
}

#[tokio::test]
async fn sweep_does_not_build_a_view_that_is_being_filled() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    town.desk().fill(false).await;
    let sweeper = town.desk();
    sweeper.control.start_sweep(false, None).await.unwrap();
    sweeper.work().await;
    assert_eq!(town.generation(1).await.len(), 0);
}

#[tokio::test]
async fn view_that_cannot_be_filled_has_all_documents_that_can_be_built() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    town.commit(&stream("loan#z", &[LoanEvent::Cursed {}])).await;
    let desk = town.desk();
    desk.fill(false).await;
    desk.work().await;
    assert_eq!(standing(&desk).await, (false, 1, vec![1]));
    let quarantined = desk.control.overview().await.unwrap().quarantined;
    assert_eq!(quarantined, 1);
    let list = town.reader().list(&shelf(), &ReadYourWrites::default()).await;
    assert_eq!(list.unwrap().items.len(), 20);
}

#[tokio::test]
async fn filling_waits_for_the_fence_before_the_scan() {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    let desk = town.desk();
    desk.fill(false).await;
    desk.step().await;
    let rebuild = desk.control.rebuild(2).await.unwrap().unwrap();
    assert_eq!(rebuild.phase, Phase::Fence);
}

/// Creates an unfilled view with stored events, of which one was delivered.
async fn with_one_new_event() -> (Town, ViewReader<Library>) {
    let town = Town::with_a_new_view().await;
    past(&town).await;
    town.publish(&[commit("loan#b3", 3, &[lent("bob")])]).await;
    let reader = town.reader();
    (town, reader)
}

#[tokio::test]
async fn single_document_is_complete_before_the_view_is_filled() {
    let (town, reader) = with_one_new_event().await;
    // The stored document lacks its other source.
    assert_eq!(
        town.stored("b3").await.unwrap().versions,
        [("loan".to_owned(), 3)].into()
    );
    let token = ReadYourWrites {
        positions: vec![("loan#b3".parse().unwrap(), 3)],
        wait: None,
    };
    for read in [ReadYourWrites::default(), token] {
        let fresh = reader.get("b3", &read).await.unwrap().unwrap();
        assert_eq!(
            fresh.versions,
            [("book".to_owned(), 3), ("loan".to_owned(), 3)].into()
        );
        assert_eq!(fresh.document.title.as_deref(), Some("Title 3"));
        assert_eq!(fresh.document.member.as_deref(), Some("bob"));
    }
    // This document is not stored.
    let fresh = reader.get("b4", &ReadYourWrites::default()).await.unwrap();
    assert_eq!(fresh.unwrap().document.title.as_deref(), Some("Title 4"));
    assert_eq!(reader.get("b99", &ReadYourWrites::default()).await, Ok(None));
}

#[tokio::test]
async fn list_with_a_token_shows_its_document_before_the_view_is_filled() {
    let (_town, reader) = with_one_new_event().await;
    let token = ReadYourWrites {
        positions: vec![("loan#b3".parse().unwrap(), 3)],
        wait: None,
    };
    let list = reader.list(&shelf(), &token).await.unwrap();
    assert_eq!(list.items.len(), 1);
    assert_eq!(list.items[0]["title"], "Title 3");
}

#[tokio::test]
async fn reads_of_many_documents_report_whether_the_view_is_filled() {
    let (town, reader) = with_one_new_event().await;
    let read = ReadYourWrites::default();
    let rows = RowsQuery {
        partition: "tag-red".into(),
        range: RowRange::All,
        limit: 50,
        ..RowsQuery::default()
    };
    let keys = ["shelf-s1".to_owned()];
    let told = async |reader: &ViewReader<Library>| {
        let (list, of_list) = tell_filled(reader.list(&shelf(), &read)).await;
        let (page, of_rows) = tell_filled(reader.rows(&rows, &read)).await;
        let (tallied, of_tallies) = tell_filled(reader.tallies(&keys, &read)).await;
        let (_, of_document) = tell_filled(reader.get("b3", &read)).await;
        let books = tallied.unwrap()[0].amount("books");
        let counts = (list.unwrap().items.len(), page.unwrap().rows.len(), books);
        (counts, [of_list, of_rows, of_tallies, of_document])
    };
    assert_eq!(
        told(&reader).await,
        ((0, 0, 0), [Some(false), Some(false), Some(false), None])
    );
    let desk = town.desk();
    desk.fill(false).await;
    desk.work().await;
    // An existing reader caches the serving generation for a second.
    assert_eq!(
        told(&town.reader()).await,
        ((20, 20, 20), [Some(true), Some(true), Some(true), None])
    );
}
