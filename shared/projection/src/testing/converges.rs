use super::bench::Bench;
use super::commutes::folded;
use super::plan::Plan;
use super::poisoned::Poisoned;
use super::property::{check, deliver};
use crate::item::{Item, PK, REVISION, SELF, SK, Stored, TALLY, key, n, partition, text};
use crate::ledger::{Change, Ledger};
use crate::projector::{Options, Projector};
use crate::registry::REGISTRY;
use crate::subscriber::ViewOf;
use crate::view::View;
use crate::write::row_item;
use anyhow::ensure;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::Commit;
use proptest::strategy::Strategy;
use std::collections::BTreeMap;

type Contents = BTreeMap<(String, String), Item>;

/// G6 as a property: whatever happens on the way, the view's table holds what the fold of the sources says: documents,
/// index attributes, derived rows, journal rows and tallies, and nothing else.
///
/// A history is the commits of any number of documents; those of one stream follow one another from version 1, with
/// different commit ids. On the way they are reordered, duplicated, dropped, sent as keys, packed into messages and
/// batches of all sizes, handled concurrently, delivered again after the writes of a crashed function, and met by a
/// version of the view that cannot apply all of them, until it is fixed and the quarantine recovered.
///
/// ```no_run
/// # use proptest::prelude::*;
/// # fn histories() -> impl Strategy<Value = Vec<commit::Commit>> { Just(vec![]) }
/// # fn check<OrderHistory: projection::View>() {
/// projection::testing::converges::<OrderHistory>(histories(), 1_000);
/// # }
/// ```
///
/// # Panics
/// When it does not hold, with the smallest history and plan that were found, and the seed.
#[track_caller]
pub fn converges<V: View>(histories: impl Strategy<Value = Vec<Commit>>, cases: u32) {
    check(V::FILTERS, histories, cases, case::<V>);
}

async fn case<V: View>(bench: Bench, history: Vec<Commit>, plan: Plan) -> anyhow::Result<()> {
    if plan.generations > 1 {
        feed(&bench, plan.generations).await?;
    }
    let sources = bench.sources(V::SOURCES);
    let options = Options::default();
    let (client, table) = (&bench.client, &bench.view_table);
    let broken = Projector::<Poisoned<V>>::new(client.clone(), table, sources.clone(), options.clone());
    let fixed = Projector::<V>::new(client.clone(), table, sources, options);
    deliver(&plan, &history, &broken, &fixed, &bench, V::SOURCES).await?;

    let mut expected = Contents::new();
    for generation in 1..=plan.generations {
        expect::<V>(generation, &history, &mut expected)?;
    }
    let mut found = found(bench.contents().await?);
    for (place, expected) in &expected {
        let found = found.remove(place);
        ensure!(
            found.as_ref() == Some(expected),
            "{place:?} should be {expected:#?} and is {found:#?}"
        );
    }
    ensure!(found.is_empty(), "left over: {found:#?}");
    Ok(())
}

async fn feed(bench: &Bench, generations: u64) -> anyhow::Result<()> {
    let mut item = key(REGISTRY, SELF);
    item.insert("serving".to_owned(), n(1));
    let feeding = (1..=generations).map(n).collect();
    item.insert("feeding".to_owned(), AttributeValue::L(feeding));
    let put = bench.client.put_item().table_name(&bench.view_table);
    put.set_item(Some(item)).send().await?;
    Ok(())
}

/// What the fold of the sources says, in an order that nobody delivered: stream by stream.
fn expect<V: View>(generation: u64, history: &[Commit], contents: &mut Contents) -> anyhow::Result<()> {
    let mut documents: BTreeMap<&str, Vec<&Commit>> = BTreeMap::new();
    for commit in history {
        let document = documents.entry(commit.stream.id()).or_default();
        document.push(commit);
    }
    let mut tallies: BTreeMap<String, BTreeMap<String, i128>> = BTreeMap::new();
    for (id, mut commits) in documents {
        commits.sort_by_key(|commit| (commit.stream.category(), commit.first));
        let state = folded::<V>(commits.into_iter());
        let stored = Stored::<ViewOf<V>>::read(None);
        let derived = state.derived.clone().unwrap_or_default();
        let mut ledger = Ledger::default();
        let changes = ledger.changes(&derived).map_err(anyhow::Error::msg)?;
        for change in state.journal.changes().chain(changes) {
            ledger.note(&change);
            match change {
                Change::Put {
                    partition,
                    sort,
                    data,
                } => {
                    let item = row_item(generation, &partition, &sort, &data, Some(id));
                    add(contents, item.map_err(anyhow::Error::msg)?);
                }
                Change::Append {
                    partition,
                    sort,
                    data,
                } => {
                    let item = row_item(generation, &partition, &sort, &data, None);
                    add(contents, item.map_err(anyhow::Error::msg)?);
                }
                Change::Add { tally, amounts, .. } => {
                    let counter = tallies.entry(tally).or_default();
                    for (name, amount) in amounts {
                        *counter.entry(name).or_default() += amount;
                    }
                }
                Change::Delete { .. } => {}
            }
        }
        let item = stored.next(generation, id, 1, &state, &ledger);
        add(contents, item.map_err(anyhow::Error::msg)?);
    }
    for (tally, amounts) in tallies {
        let mut item = key(partition(generation, &tally), TALLY);
        item.extend(amounts.into_iter().map(|(name, amount)| (name, n(amount))));
        add(contents, item);
    }
    Ok(())
}

fn found(items: Vec<Item>) -> Contents {
    let mut contents = Contents::new();
    for item in items {
        if text(&item, PK).as_deref() != Some(REGISTRY) {
            add(&mut contents, item);
        }
    }
    contents
}

/// Without what may differ: how often a document was written, and counters that went back to zero.
fn add(contents: &mut Contents, mut item: Item) {
    let place = (
        text(&item, PK).unwrap_or_default(),
        text(&item, SK).unwrap_or_default(),
    );
    item.remove(REVISION);
    if place.1 == TALLY {
        item.retain(|_, value| *value != n(0));
        if item.len() == 2 {
            return;
        }
    }
    contents.insert(place, item);
}
