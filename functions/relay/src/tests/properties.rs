//! With any commits and any failures of the queues, every commit arrives in order and without private attributes. The
//! poller behaves as Lambda's.

use super::queues::{Mood, Queues};
use super::records::{SECRET, commit, record};
use crate::{Destination, Relay};
use commit::{Commit, Parcel};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

const CATEGORIES: [&str; 3] = ["order", "ticket", "payment"];

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        Just(Mood::Take),
        any::<u16>().prop_map(Mood::Refuse),
        Just(Mood::Fail),
        Just(Mood::LoseAnswer),
        Just(Mood::Hang),
    ]
}

/// Returns commits of a few streams, mixed, each stream's in order; some are large, so that a lane needs several messages.
fn commits() -> impl Strategy<Value = Vec<Commit>> {
    let size = prop_oneof![8 => 0_usize..200, 2 => 60_000_usize..130_000, 1 => 255_000_usize..270_000];
    let one = (0_usize..3, 0_u8..5, 1_u64..4, size);
    prop::collection::vec(one, 1..25).prop_map(|all| {
        let mut next: BTreeMap<String, u64> = BTreeMap::new();
        all.into_iter()
            .map(|(category, id, count, size)| {
                let stream = format!("{}#ord_{id}", CATEGORIES[category]);
                let first = next.entry(stream.clone()).or_insert(1);
                let data = json!({ "text": "x".repeat(size / usize::try_from(count).unwrap()) });
                let commit = commit(&stream, *first, count, &data);
                *first += count;
                commit
            })
            .collect()
    })
}

/// Handles the records as Lambda does: from the lowest failed sequence number, or the whole rest after an error.
async fn poll(relay: &Relay<&Queues>, commits: &[Commit]) {
    let mut from = 0;
    for _ in 0..1_000 {
        let records = (from..commits.len()).map(|n| record(n, &commits[n])).collect();
        let deadline = Instant::now() + Duration::from_secs(3);
        if let Ok(response) = relay.handle(super::records::event(records), deadline).await {
            match response.batch_item_failures.first() {
                None => return,
                Some(failure) => {
                    let failed = failure.item_identifier.as_ref().unwrap().parse().unwrap();
                    assert!(failed >= from, "a record of this batch");
                    from = failed;
                }
            }
        }
    }
    panic!("the relay does not finish");
}

fn first_deliveries(parcels: &[Parcel]) -> BTreeMap<String, Vec<u64>> {
    let mut seen = BTreeSet::new();
    let mut streams: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for parcel in parcels {
        if seen.insert((parcel.stream().clone(), parcel.last())) {
            streams
                .entry(parcel.stream().to_string())
                .or_default()
                .push(parcel.last());
        }
    }
    streams
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_commit_reaches_its_subscribers_in_order(
        commits in commits(),
        moods in prop::collection::vec(mood(), 0..30),
        lanes in 1_u32..5,
        wanted in prop::collection::vec(prop::sample::subsequence(&CATEGORIES, 0..3), 1..3),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let queues = Queues::with_moods(moods);
        let destinations: Vec<_> =
            wanted.iter().enumerate().map(|(n, categories)| Destination::new("", &n.to_string(), categories)).collect();
        let relay = Relay::new(&queues, destinations.clone(), lanes);
        runtime.block_on(poll(&relay, &commits));

        for destination in destinations {
            let mut expected: BTreeMap<String, Vec<u64>> = BTreeMap::new();
            let all = destination.categories.is_empty();
            for commit in &commits {
                if all || destination.categories.iter().any(|c| c == commit.stream.category()) {
                    expected.entry(commit.stream.to_string()).or_default().push(commit.last());
                }
            }
            let parcels = queues.parcels(&destination.queue_url);
            prop_assert_eq!(first_deliveries(&parcels), expected);
            for parcel in parcels {
                if let Parcel::Whole(whole) = &parcel {
                    prop_assert!(commits.contains(whole));
                }
            }
            for message in queues.messages(&destination.queue_url) {
                prop_assert!(!message.body.contains(SECRET));
            }
        }
    }
}
