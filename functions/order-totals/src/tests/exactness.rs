//! Exactness: after duplicates, reordering and crashes with 3,000 orders, every counter equals a count of the event table
//! that is made by other code than the fold.

use crate::OrderTotals;
use crate::tests::commits::{
    Life, approved, cancel_refused, cancel_requested, cancelled, completed, created_by, proposed, rejected,
    revised, revision_rejected,
};
use aws_lambda_events::event::sqs::SqsEvent;
use commit::{Commit, Parcel};
use contracts::OrderEvent;
use fastrand::Rng;
use local_dynamodb::LocalDynamo;
use projection::testing::{batch, counters, found_contents, message};
use projection::{BatchHandler, Options, Projector, View};
use std::collections::BTreeMap;
use testkit::Bench;

const ORDERS: u128 = 3_000;

/// Sums by counter item and name.
type Counters = BTreeMap<String, BTreeMap<String, i64>>;

/// Returns the events of one order, up to a random point.
fn course(random: &mut Rng) -> Vec<OrderEvent> {
    let price = random.i64(1..50_000);
    let mut events = vec![created_by(random.u128(1..=200), random.u128(1..=40), price)];
    if random.u8(..10) == 0 {
        events.push(rejected());
        return events;
    }
    events.push(approved());
    for _ in 0..random.usize(0..3) {
        let price = random.i64(1..50_000);
        let more = match random.u8(..3) {
            0 => [proposed(price), revised(price)],
            1 => [proposed(price), revision_rejected()],
            _ => [cancel_requested(), cancel_refused()],
        };
        events.extend(more);
    }
    let end = match random.u8(..3) {
        0 => vec![cancel_requested(), cancelled()],
        1 => vec![completed()],
        _ => vec![],
    };
    events.extend(end);
    events.truncate(random.usize(1..=events.len() + 3));
    events
}

/// Returns the commits of every order, of one to three events, in two waves. The second wave is not in the event table
/// when the projection consumes the first, so that contributions change after they were counted.
fn waves(random: &mut Rng) -> [Vec<Commit>; 2] {
    let mut waves = [Vec::new(), Vec::new()];
    for number in 1..=ORDERS {
        let begins = format!("2026-11-{:02}T{:02}:30:00Z", random.u8(1..=20), random.u8(..24));
        let mut life = Life::new(number, &begins);
        let course = course(random);
        let mut rest = &course[..];
        let mut wave = 0;
        while !rest.is_empty() {
            let (these, later) = rest.split_at(random.usize(1..=rest.len().min(3)));
            waves[wave].push(life.commit(these));
            rest = later;
            wave = random.usize(wave..2);
        }
    }
    waves
}

/// Returns messages with these commits in any order, in batches. One batch in five is handled again after its writes, as
/// when the function crashes before the acknowledgement.
fn deliveries(mut commits: Vec<Commit>, random: &mut Rng) -> Vec<SqsEvent> {
    random.shuffle(&mut commits);
    let mut parcels = commits.into_iter().map(Parcel::Whole).peekable();
    let mut batches = Vec::new();
    while parcels.peek().is_some() {
        let messages = (0..10).map_while(|number| {
            let some: Vec<Parcel> = parcels.by_ref().take(random.usize(1..10)).collect();
            (!some.is_empty()).then(|| message(format!("m{number}"), 1, some))
        });
        batches.push(batch(messages.collect()));
    }
    let crashed: Vec<SqsEvent> = batches.iter().filter(|_| random.u8(..5) == 0).cloned().collect();
    batches.extend(crashed);
    random.shuffle(&mut batches);
    batches
}

/// Delivers the messages until all are acknowledged.
async fn deliver(projector: &Projector<OrderTotals>, mut event: SqsEvent) {
    for _ in 0..100 {
        let failed = projector.handle(event.clone()).await.batch_item_failures;
        let again = |id: &Option<String>| failed.iter().any(|f| Some(&f.item_identifier) == id.as_ref());
        event.records.retain(|message| again(&message.message_id));
        if event.records.is_empty() {
            return;
        }
    }
    panic!("messages keep failing");
}

/// Returns the counters computed directly from the event table.
async fn counted(bench: &Bench) -> Counters {
    let mut streams: BTreeMap<String, Vec<Commit>> = BTreeMap::new();
    let mut start = None;
    loop {
        let scan = bench.client.scan().table_name(&bench.event_table);
        let page = scan.set_exclusive_start_key(start).send().await.unwrap();
        for item in page.items.unwrap_or_default() {
            let commit: Commit = serde_dynamo::from_item(item).unwrap();
            streams.entry(commit.stream.to_string()).or_default().push(commit);
        }
        start = page.last_evaluated_key.filter(|key| !key.is_empty());
        if start.is_none() {
            break;
        }
    }
    assert_eq!(streams.len() as u128, ORDERS);
    let mut counters = Counters::new();
    for mut commits in streams.into_values() {
        commits.sort_by_key(|commit| commit.first);
        count(&commits, &mut counters);
    }
    counters
}

fn count(commits: &[Commit], counters: &mut Counters) {
    let events: Vec<_> = commits.iter().flat_map(|commit| &commit.events).collect();
    let cents = |name: &str, kind: &str| -> Option<i64> {
        let event = events.iter().rfind(|event| event.kind == kind)?;
        Some(
            event.data[name]
                .as_str()
                .unwrap()
                .replace('.', "")
                .parse()
                .unwrap(),
        )
    };
    let total = cents("newOrderTotal", "OrderRevised")
        .or_else(|| cents("orderTotal", "OrderCreated"))
        .unwrap();
    let status = match &*events[events.len() - 1].kind {
        "OrderCreated" => "APPROVAL_PENDING",
        "OrderRejected" => "REJECTED",
        "OrderCancelRequested" => "CANCEL_PENDING",
        "OrderCancelled" => "CANCELLED",
        "OrderRevisionProposed" => "REVISION_PENDING",
        "OrderCompleted" => "DELIVERED",
        _ => "APPROVED",
    };
    let mut add = |key: &str, name: &str, amount: i64| {
        *counters
            .entry(key.to_owned())
            .or_default()
            .entry(name.to_owned())
            .or_default() += amount;
    };
    let creation = &events[0].data;
    let consumer = creation["consumerId"].as_str().unwrap();
    add(consumer, status, 1);
    if !["APPROVAL_PENDING", "REJECTED", "CANCELLED"].contains(&status) {
        let time = commits[0].time.to_string();
        let day = format!("{}#{}", creation["restaurantId"].as_str().unwrap(), &time[..10]);
        add(&day, "orders", 1);
        add(&day, "turnover", total);
        let sum = if status == "DELIVERED" {
            "spending"
        } else {
            "underWay"
        };
        add(consumer, sum, total);
    }
}

/// Returns every counter in the view's table that is not zero.
async fn stored(bench: &Bench) -> Counters {
    let mut counters = counters(&found_contents(bench.contents().await.unwrap()));
    for amounts in counters.values_mut() {
        amounts.retain(|_, amount| *amount != 0);
    }
    counters.retain(|_, amounts| !amounts.is_empty());
    counters
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_counter_equals_a_count_of_the_events_after_duplicates_disorder_and_crashes() {
    let seed = fastrand::u64(..);
    let mut random = Rng::with_seed(seed);
    let dynamo = LocalDynamo::in_memory().await.unwrap();
    let bench = Bench::create(dynamo.client(), "totals", &[]).await.unwrap();
    let sources = bench.sources(OrderTotals::SOURCES);
    let projector = Projector::new(dynamo.client(), &bench.view_table, sources, Options::default());
    let mut again: Vec<Commit> = Vec::new();
    for wave in waves(&mut random) {
        bench.store(&wave).await.unwrap();
        // A third of the messages is delivered twice, and once more much later.
        let some = wave.iter().filter(|_| random.u8(..3) == 0).cloned();
        let twice: Vec<Commit> = some.collect();
        let sent = [wave, twice.clone(), std::mem::replace(&mut again, twice)].concat();
        // Two functions run at a time, so that they conflict on documents and counters.
        for pair in deliveries(sent, &mut random).chunks(2) {
            let both = pair.iter().map(|event| deliver(&projector, event.clone()));
            futures::future::join_all(both).await;
        }
    }

    let (expected, found) = (counted(&bench).await, stored(&bench).await);
    for (key, expected) in &expected {
        assert_eq!(found.get(key), Some(expected), "{key} (seed {seed})");
    }
    assert_eq!(
        found.len(),
        expected.len(),
        "the table has counters without events (seed {seed})"
    );
    let sales: i64 = expected
        .values()
        .filter_map(|amounts| amounts.get("orders"))
        .sum();
    assert!(sales > 1_000, "the run has sales to count: {sales} (seed {seed})");
}
