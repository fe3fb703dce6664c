//! Tests of the fold: an entry for given events, and convergence (G6).

use crate::tests::{EVENTS, history, id};
use crate::__Name__;
use projection::testing::{assert_commutes, fold};
use proptest::prelude::*;
use testkit::converges;

#[test]
fn an_entry_counts_its_events_and_names_the_last_one_of_each_source() {
    let commits = history(7, 2);
    let entry = fold::<__Name__>(&commits).expect("there were events");
    assert_eq!((entry.__id_field__, entry.events), (id(7), commits.len() as u64));
    assert_eq!(entry.changed_at, commits.last().unwrap().time);
    for (source, _) in EVENTS {
        let last = commits.iter().rfind(|commit| commit.stream.category() == source);
        assert_eq!(entry.last_events[source], last.unwrap().events[0].kind);
    }
}

#[test]
fn entry_does_not_depend_on_delivery_of_the_events() {
    assert_commutes::<__Name__>(&history(1, 3));
}

#[test]
fn g6_the_entries_converge_under_any_delivery() {
    let lengths = prop::collection::vec(1..=3_usize, 1..4);
    let histories = lengths.prop_map(|lengths| {
        let numbered = (1..).zip(lengths);
        numbered.flat_map(|(number, events)| history(number, events)).collect()
    });
    converges::<__Name__>(histories, 100);
}
