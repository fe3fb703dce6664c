//! The commands of the reactor, and that each is requested once (G6).

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

/// The sources, each with the prefix of its ids and with events from the golden files.
const EVENTS: [(&str, &str, &[&str]); __source_count__] = [
    __golden__
];

/// Returns this number of events of each source, one per commit and a second apart. `number` becomes the id of the streams.
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
fn g6_every_command_is_requested_once_under_any_delivery() {
    let lengths = prop::collection::vec(1..=3_usize, 1..4);
    let histories = lengths.prop_map(|lengths| {
        let numbered = (1..).zip(lengths);
        numbered.flat_map(|(number, events)| history(number, events)).collect()
    });
    reacts_once::<__Name__Reactor>(histories, 100);
}

#[tokio::test]
async fn duplicate_messages_create_one_aggregate() {
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
