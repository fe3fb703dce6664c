//! What the reactor asks, and that it asks for it once (G6).

use crate::{__Name__Effects, __Name__Reactor, router};
use commit::{Commit, Parcel};
__test_contracts__
use event_store::{CommitReader, event_table};
use function::Wiring;
use jiff::{SignedDuration, Timestamp};
use local_dynamodb::LocalDynamo;
use projection::testing::{batch, message};
use projection::{BatchHandler, Reactor};
use proptest::prelude::*;
use testkit::{Bench, Client, commit_of, reacts_once};

/// The sources, with what their ids begin with, and events as the golden files have them.
const EVENTS: [(&str, &str, &[&str]); __source_count__] = [
    __golden__
];

/// So many events of each source, of what has this number. One commit per event, a second after one another.
fn history(number: u128, events: usize) -> Vec<Commit> {
    let mut time = Timestamp::from_second(1_795_000_000).unwrap();
    let mut commits = Vec::new();
    for (source, prefix, texts) in EVENTS {
        let stream = format!("{source}#{prefix}{number:032x}");
        for (version, text) in (1..).zip(texts.iter().take(events)) {
            time += SignedDuration::from_secs(1);
            let event = serde_json::from_str(text).unwrap();
            commits.push(commit_of(&stream, version, time, vec![event]));
        }
    }
    commits
}

#[test]
fn g6_everything_is_asked_for_once_whatever_happens_on_the_way() {
    let lengths = prop::collection::vec(1..=3_usize, 1..4);
    let histories = lengths.prop_map(|lengths| {
        let numbered = (1..).zip(lengths);
        numbered.flat_map(|(number, events)| history(number, events)).collect()
    });
    reacts_once::<__Name__Reactor>(histories, 100);
}

#[tokio::test]
async fn what_begins_elsewhere_begins_here_once() {
    let dynamo = LocalDynamo::in_memory().await.unwrap();
    let client = dynamo.client();
    let bench = Bench::create(client.clone(), __Name__Reactor::NAME, &[]).await.unwrap();
    event_table("own-events").create(&client).await.unwrap();
    let wiring = Wiring::new(client.clone())
        .events(__module__::CATEGORY, "own-events")
        .documents(__Name__Reactor::NAME, &bench.view_table);
    let wiring = __Name__Reactor::SOURCES.iter().fold(wiring, |wiring, source| {
        wiring.events(*source, &bench.event_table)
    });
    let reactor = wiring.reactor::<__Name__Reactor, _>(__Name__Effects::new(&wiring));

    let commits = history(7, 2);
    bench.store(&commits).await.unwrap();
    for delivery in ["first", "second"] {
        let parcels = commits.iter().cloned().map(Parcel::Whole).collect();
        let done = reactor.handle(batch(vec![message(delivery, 1, parcels)])).await;
        assert!(done.batch_item_failures.is_empty());
    }

    let path = format!("/__name__/{}{:032x}", __Id__::PREFIX, 7);
    Client::new(router(&wiring)).get(&path).await.expect(200);
    let stored = CommitReader::new(client, "own-events").heads(0, 1, None).await.unwrap();
    assert_eq!(stored.keys.len(), 1);
}
