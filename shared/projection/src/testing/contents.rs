//! The expected and the actual contents of a view's table, in a form that can be compared.

use super::commutes::folded;
use super::expected_error::ExpectedError;
use crate::deadline::ENTRIES;
use crate::due::DUE;
use crate::item::{Item, PK, REVISION, SK, TALLY, TALLY_SHARD, key, n, number, tally_place, text};
use crate::ledger::{Change, Ledger};
use crate::registry::Registry;
use crate::stored::Stored;
use crate::subscriber::ViewOf;
use crate::view::View;
use crate::write::{row_item, shard_of};
use commit::Commit;
use std::collections::BTreeMap;

/// Items by partition and sort key.
pub type Contents = BTreeMap<(String, String), Item>;

/// Returns the expected contents of a generation: the fold of the sources, stream by stream, whatever the order of
/// delivery.
///
/// # Errors
/// When the view derives an item that cannot be stored.
///
/// # Panics
/// When a commit cannot be applied, or one before it is missing.
pub fn expected_contents<V: View>(generation: u64, history: &[Commit]) -> Result<Contents, ExpectedError> {
    let mut contents = Contents::new();
    let into = &mut contents;
    let mut documents: BTreeMap<&str, Vec<&Commit>> = BTreeMap::new();
    for commit in history {
        let document = documents.entry(commit.stream.id()).or_default();
        document.push(commit);
    }
    let mut tallies: BTreeMap<(String, String), BTreeMap<String, i128>> = BTreeMap::new();
    for (id, mut commits) in documents {
        commits.sort_by_key(|commit| (commit.stream.category(), commit.first));
        let state = folded::<V>(commits.into_iter());
        let stored = Stored::<ViewOf<V>>::read(None);
        let derived = state.derived.clone().unwrap_or_default();
        let mut ledger = Ledger::default();
        let unstorable = |reason| ExpectedError::Unstorable {
            document: id.to_owned(),
            reason,
        };
        let changes = ledger.changes(&derived).map_err(unstorable)?;
        for change in state.journal.changes().chain(changes) {
            ledger.note(&change);
            match change {
                Change::Put {
                    partition,
                    sort,
                    data,
                } => {
                    let item = row_item(generation, &partition, &sort, &data, Some(id));
                    add(into, item.map_err(unstorable)?);
                }
                Change::Append {
                    partition,
                    sort,
                    data,
                } => {
                    let item = row_item(generation, &partition, &sort, &data, None);
                    add(into, item.map_err(unstorable)?);
                }
                Change::Add { tally, amounts, .. } => {
                    let shard = shard_of::<ViewOf<V>>(&tally, id);
                    let counter = tallies.entry(tally_place(generation, &tally, shard)).or_default();
                    for (name, amount) in amounts {
                        *counter.entry(name).or_default() += amount;
                    }
                }
                Change::Delete { .. } => {}
            }
        }
        let item = stored.next(generation, id, 1, &state, &ledger);
        add(into, item.map_err(unstorable)?);
    }
    for ((pk, sk), amounts) in tallies {
        let mut item = key(pk, sk);
        item.extend(amounts.into_iter().map(|(name, amount)| (name, n(amount))));
        add(into, item);
    }
    Ok(contents)
}

/// Returns the sums of the counters in the contents of generation 1, over all their shards, by the counter's key.
#[must_use]
pub fn counters(contents: &Contents) -> BTreeMap<String, BTreeMap<String, i64>> {
    let mut counters: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for ((pk, sk), item) in contents {
        let key = pk.strip_prefix("g1#").unwrap_or(pk);
        let key = match sk.as_str() {
            TALLY => key,
            TALLY_SHARD => key.rsplit_once('#').map_or(key, |(key, _)| key),
            _ => continue,
        };
        let sums = counters.entry(key.to_owned()).or_default();
        for (name, value) in item {
            if let Some(amount) = number::<i64>(value) {
                *sums.entry(name.clone()).or_default() += amount;
            }
        }
    }
    counters
}

/// Returns the items of a view's table in the same form: the items of generations, without what may differ.
#[must_use]
pub fn found_contents(items: Vec<Item>) -> Contents {
    let mut contents = Contents::new();
    for item in items {
        // The other items belong to the registry, rebuilds and sweeps.
        let is_of_a_document =
            |pk: String| pk.starts_with('g') || pk.starts_with("quarantine#") || pk == DUE || pk == ENTRIES;
        if text(&item, PK).is_some_and(is_of_a_document) {
            add(&mut contents, item);
        }
    }
    contents
}

/// The registry item of a view that is filled and whose generations up to this one are fed. The first one serves.
#[must_use]
pub fn feeding(generations: u64) -> Item {
    let registry = Registry {
        feeding: (1..=generations).collect(),
        last: generations,
        from_the_start: true,
        ..Registry::default()
    };
    registry.next()
}

/// Adds an item without what may differ: the number of writes of a document, and counters that went back to zero.
fn add(contents: &mut Contents, mut item: Item) {
    let place = (
        text(&item, PK).unwrap_or_default(),
        text(&item, SK).unwrap_or_default(),
    );
    item.remove(REVISION);
    if [TALLY, TALLY_SHARD].contains(&place.1.as_str()) {
        item.retain(|_, value| *value != n(0));
        if item.len() == 2 {
            return;
        }
    }
    contents.insert(place, item);
}
