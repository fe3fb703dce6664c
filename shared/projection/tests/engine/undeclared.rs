//! Tests that a view that derives what its `USES` does not declare is refused, by the engine and by the checks.

use crate::library::{BookEvent, Town, bought, stream, tagged};
use commit::Commit;
use projection::testing::assert_commutes;
use projection::{ApplyError, Index, Published, Row, Tally, Uses, View};
use proptest::strategy::Just;
use serde_json::json;
use testkit::converges;

/// A view that derives something different for each kind of event, and declares nothing.
struct Careless;

fn row() -> Row {
    Row {
        partition: "place".into(),
        sort: "taken".into(),
        data: json!({}),
    }
}

impl View for Careless {
    type Document = String;
    const NAME: &'static str = "careless";
    const SOURCES: &'static [&'static str] = &["book"];
    const USES: Uses = Uses::NOTHING;

    fn apply(last: &mut String, event: &Published<'_>) -> Result<(), ApplyError> {
        event.event.kind.clone_into(last);
        Ok(())
    }

    fn index(last: &String) -> Option<Index> {
        (last == "Bought").then(Index::default)
    }

    fn rows(last: &String) -> Vec<Row> {
        (last == "Moved").then(row).into_iter().collect()
    }

    fn tallies(last: &String) -> Vec<Tally> {
        let tally = || Tally {
            key: "books".into(),
            amounts: [("tagged".to_owned(), 1)].into(),
        };
        (last == "Tagged").then(tally).into_iter().collect()
    }

    fn journal(last: &String, _: &Published<'_>) -> Vec<Row> {
        (last == "Untagged").then(row).into_iter().collect()
    }
}

/// Returns the error with which this event is quarantined.
async fn refusal(event: BookEvent) -> String {
    let town = Town::new().await;
    let commits = stream("book#b", &[event]);
    town.commit(&commits).await;
    let report = town.deliver_to::<Careless>(&commits).await;
    assert_eq!((report.quarantined, report.applied), (1, 0));
    town.held().await.remove(0).error
}

fn bought_one() -> Vec<Commit> {
    stream("book#b", &[bought("Emma", "a")])
}

#[tokio::test]
async fn undeclared_derivation_is_quarantined_with_the_missing_declaration() {
    let untagged = BookEvent::Untagged { tag: "x".into() };
    for (event, missing) in [
        (bought("Emma", "a"), "`.index()` to `View::USES`"),
        (
            BookEvent::Moved { shelf: "a".into() },
            "`.rows()` to `View::USES`",
        ),
        (tagged("x"), "`.tallies()` to `View::USES`"),
        (untagged, "`.journal()` to `View::USES`"),
    ] {
        let error = refusal(event).await;
        assert!(error.contains("careless") && error.contains(missing), "{error}");
    }
}

#[test]
#[should_panic = "add `.index()` to `View::USES`"]
fn commutation_check_refuses_undeclared_derivation() {
    assert_commutes::<Careless>(&bought_one());
}

#[test]
#[should_panic = "add `.index()` to `View::USES`"]
fn convergence_check_refuses_undeclared_derivation() {
    converges::<Careless>(Just(bought_one()), 1);
}
