//! Whatever part of the commits is delivered, with a token for all of them the counters are those of the fold.

use crate::library::{BookEvent, Library, LoanEvent, bought, lent, returned, stream, whole};
use crate::property::check;
use crate::tallies::{at_least, moved, shelves};
use commit::Commit;
use projection::testing::{batch, fold, message};
use projection::{Options, Projector, View, ViewReader};
use proptest::prelude::*;
use std::collections::BTreeMap;
use testkit::Bench;

const SHELVES: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
struct Life {
    moves: Vec<BookEvent>,
    loans: Vec<LoanEvent>,
    /// The delivered part of each stream.
    delivered: (usize, usize),
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let loan = prop_oneof![Just(lent("ann")), (1..30_i64).prop_map(returned),];
    let life = (
        prop::collection::vec("[a-c]".prop_map(|shelf| moved(&shelf)), 0..4),
        prop::collection::vec(loan, 0..5),
        (0..6_usize, 0..6_usize),
    );
    let life = life.prop_map(|(moves, loans, delivered)| Life {
        moves,
        loans,
        delivered,
    });
    prop::collection::vec(life, 1..4)
}

async fn case(bench: Bench, lives: Vec<Life>) {
    let client = bench.client.clone();
    let sources = bench.sources(Library::SOURCES);
    let options = Options::default();
    let projector = Projector::<Library>::new(client.clone(), &bench.view_table, sources.clone(), options);
    let reader = ViewReader::<Library>::new(client, &bench.view_table, sources);
    let mut expected: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    let mut positions: Vec<(String, u64)> = Vec::new();
    for (number, life) in lives.into_iter().enumerate() {
        let mut events = vec![bought(&format!("book {number}"), "a")];
        events.extend(life.moves);
        let book = stream(&format!("book#b{number}"), &events);
        let loan = stream(&format!("loan#b{number}"), &life.loans);
        let streams = [(book, life.delivered.0), (loan, life.delivered.1)];
        let mut all: Vec<Commit> = Vec::new();
        for (commits, delivered) in streams {
            bench.store(&commits).await.unwrap();
            for commit in commits.iter().take(delivered) {
                let event = batch(vec![message("m", 1, vec![whole(commit)])]);
                projector.handle_batch(event).await;
            }
            positions.extend(commits.last().map(|last| (last.stream.to_string(), last.last())));
            all.extend(commits);
        }
        for tally in Library::tallies(&fold::<Library>(&all)) {
            let counters = expected.entry(tally.key).or_default();
            for (name, amount) in tally.amounts {
                *counters.entry(name).or_default() += amount;
            }
        }
    }
    let positions: Vec<(&str, u64)> = positions.iter().map(|(s, v)| (s.as_str(), *v)).collect();
    let tallied = reader
        .tallies(&shelves(&SHELVES), &at_least(&positions))
        .await
        .unwrap();
    for tallied in tallied {
        let mut expected = expected.remove(&tallied.key).unwrap_or_default();
        expected.retain(|_, amount| *amount != 0);
        assert_eq!(tallied.amounts, expected, "{}", tallied.key);
    }
}

#[test]
fn counters_are_those_of_the_fold_with_a_token_for_everything() {
    check(lives(), 200, case);
}
