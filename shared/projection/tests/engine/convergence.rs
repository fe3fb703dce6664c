//! G6, C5: whatever happens during delivery, the view is the fold of its sources.

use crate::diary::Diary;
use crate::library::{BookEvent, FixedLibrary, Library, LoanEvent, bought, commit, lent, stream, tagged};
use crate::reactor::Reminders;
use commit::Commit;
use projection::testing::assert_commutes;
use proptest::prelude::*;
use testkit::{converges, reacts_once};

#[derive(Debug, Clone)]
struct Life {
    book: Vec<Vec<BookEvent>>,
    loan: Vec<Vec<LoanEvent>>,
    /// How the two streams are interleaved.
    turns: Vec<bool>,
}

fn book_event() -> impl Strategy<Value = BookEvent> {
    prop_oneof![
        "[a-c]".prop_map(|shelf| BookEvent::Moved { shelf }),
        "[x-z]".prop_map(|tag| BookEvent::Tagged { tag }),
        "[x-z]".prop_map(|tag| BookEvent::Untagged { tag }),
    ]
}

fn loan_event() -> impl Strategy<Value = LoanEvent> {
    prop_oneof![
        "[m-p]".prop_map(|member| LoanEvent::Lent { member }),
        (1..30_i64).prop_map(|days| LoanEvent::Returned { days }),
    ]
}

fn life() -> impl Strategy<Value = Life> {
    (
        prop::collection::vec(prop::collection::vec(book_event(), 1..4), 0..4),
        prop::collection::vec(prop::collection::vec(loan_event(), 1..4), 0..4),
        prop::collection::vec(any::<bool>(), 10),
    )
        .prop_map(|(book, loan, turns)| Life { book, loan, turns })
}

/// Generates commits of one or two books, each bought first, then moved, tagged and lent.
fn histories() -> impl Strategy<Value = Vec<Commit>> {
    prop::collection::vec(life(), 1..=2).prop_map(|lives| {
        lives
            .into_iter()
            .enumerate()
            .flat_map(|(number, life)| history(number, life))
            .collect()
    })
}

fn history(number: usize, life: Life) -> Vec<Commit> {
    let mut version = 0;
    let mut book = Vec::new();
    let start = vec![bought(&format!("book {number}"), "a")];
    for events in std::iter::once(start).chain(life.book) {
        book.push(commit(&format!("book#b{number}"), version + 1, &events));
        version += events.len() as u64;
    }
    version = 0;
    let mut loan = Vec::new();
    for events in life.loan {
        loan.push(commit(&format!("loan#b{number}"), version + 1, &events));
        version += events.len() as u64;
    }
    let (mut book, mut loan) = (book.into_iter(), loan.into_iter());
    let mut history = Vec::new();
    for turn in life.turns {
        history.extend(if turn { book.next() } else { loan.next() });
    }
    history.extend(book.chain(loan));
    history
}

#[test]
fn a_view_with_index_rows_and_tallies_converges() {
    converges::<Library>(histories(), 650);
}

#[test]
fn a_view_with_a_journal_converges() {
    let of_loans = histories().prop_map(|mut history| {
        history.retain(|commit| commit.stream.category() == "loan");
        history
    });
    converges::<Diary>(of_loans, 250);
}

#[test]
fn reactor_runs_every_effect_once() {
    reacts_once::<Reminders>(histories(), 400);
}

#[test]
fn the_sources_of_the_library_commute() {
    let book = [
        bought("Emma", "a"),
        tagged("x"),
        BookEvent::Moved { shelf: "b".into() },
    ];
    let loan = [lent("m"), LoanEvent::Returned { days: 3 }, lent("n")];
    assert_commutes::<FixedLibrary>(&[stream("book#b", &book), stream("loan#b", &loan)].concat());
}

#[test]
#[should_panic = "does not commute"]
fn view_that_keeps_the_last_event_does_not_commute() {
    use projection::{ApplyError, Published, Uses, View};

    struct LastEvent;
    impl View for LastEvent {
        type Document = String;
        const NAME: &'static str = "last-event";
        const SOURCES: &'static [&'static str] = &["book", "loan"];
        const USES: Uses = Uses::NOTHING;
        fn apply(last: &mut String, event: &Published<'_>) -> Result<(), ApplyError> {
            event.event.kind.clone_into(last);
            Ok(())
        }
    }
    let commits = [
        stream("book#b", &[bought("Emma", "a")]),
        stream("loan#b", &[lent("m")]),
    ];
    assert_commutes::<LastEvent>(&commits.concat());
}

/// Shows that the property can fail.
#[test]
#[should_panic = "CONVERGENCE_SEED"]
fn property_detects_a_view_that_counts_deliveries() {
    use projection::{ApplyError, Published, Uses, View};
    use std::sync::atomic::{AtomicU64, Ordering};

    static DELIVERIES: AtomicU64 = AtomicU64::new(0);
    struct Counting;
    impl View for Counting {
        type Document = u64;
        const NAME: &'static str = "counting";
        const SOURCES: &'static [&'static str] = &["book", "loan"];
        const USES: Uses = Uses::NOTHING;
        fn apply(count: &mut u64, _: &Published<'_>) -> Result<(), ApplyError> {
            *count = DELIVERIES.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }
    converges::<Counting>(histories(), 5);
}

/// Shows that the property checks the journal, too.
#[test]
#[should_panic = "CONVERGENCE_SEED"]
fn property_detects_a_journal_that_counts_deliveries() {
    use projection::{ApplyError, Published, Row, Uses, View};
    use std::sync::atomic::{AtomicU64, Ordering};

    static DELIVERIES: AtomicU64 = AtomicU64::new(0);
    struct Counting;
    impl View for Counting {
        type Document = u64;
        const NAME: &'static str = "counting";
        const SOURCES: &'static [&'static str] = &["book", "loan"];
        const USES: Uses = Uses::NOTHING.journal();
        fn apply(_: &mut u64, _: &Published<'_>) -> Result<(), ApplyError> {
            Ok(())
        }
        fn journal(_: &u64, event: &Published<'_>) -> Vec<Row> {
            let delivery = DELIVERIES.fetch_add(1, Ordering::Relaxed);
            vec![Row {
                partition: event.id().to_owned(),
                sort: format!("{}-{}", event.category(), event.version),
                data: serde_json::json!({ "delivery": delivery }),
            }]
        }
    }
    converges::<Counting>(histories(), 5);
}
