use super::catch_up::Brought;
use super::{
    BATCH_ATTEMPTS, FIRST_PAUSE, ReadError, ReadYourWrites, Serving, ViewReader, Wanted, caught_up, reflects,
    wait,
};
use crate::item::{Item, SELF, TALLY, fits, key, number, partition};
use crate::ledger::Change;
use crate::report::Meter;
use crate::table::{Look, PER_SNAPSHOT};
use crate::view::View;
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// A counter item and its amounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallied {
    /// The counter item ([`Tally::key`](crate::Tally::key)).
    pub key: String,
    /// The sums over all documents, by the name of the counter. Sums of zero are left out. A sum outside `i64` is
    /// replaced by the nearest value.
    pub amounts: BTreeMap<String, i64>,
}

impl Tallied {
    /// Returns a counter, or zero if nothing was counted.
    #[must_use]
    pub fn amount(&self, name: &str) -> i64 {
        self.amounts.get(name).copied().unwrap_or(0)
    }
}

/// Sums by counter item and name, in a wider type than one contribution.
#[derive(Debug, Default)]
pub(super) struct Counters(BTreeMap<String, BTreeMap<String, i128>>);

impl Counters {
    fn read(&mut self, key: &str, item: Option<&Item>) {
        let amounts = self.0.entry(key.to_owned()).or_default();
        for (name, value) in item.into_iter().flatten() {
            // The item's keys are text, not numbers.
            if let Some(amount) = number::<i128>(value) {
                amounts.insert(name.clone(), amount);
            }
        }
    }

    /// Adds the contributions of a document that the projection has not counted. An error is a defect of the view's
    /// code.
    fn adjust<V: View>(&mut self, brought: &Brought<V::Document>) -> Result<(), String> {
        let tallies = V::tallies(&brought.fresh.document);
        for change in brought.ledger.tally_changes(&tallies)? {
            if let Change::Add { tally, amounts, .. } = change
                && let Some(counters) = self.0.get_mut(&tally)
            {
                for (name, amount) in amounts {
                    let counter = counters.entry(name).or_default();
                    *counter = counter.saturating_add(amount);
                }
            }
        }
        Ok(())
    }

    pub(super) fn in_order(&self, keys: &[String]) -> Vec<Tallied> {
        let tallied = keys.iter().map(|key| {
            let amounts = self.0.get(key).into_iter().flatten();
            let amounts = amounts.filter(|(_, amount)| **amount != 0);
            let nearest =
                |amount: i128| i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX });
            Tallied {
                key: key.clone(),
                amounts: amounts.map(|(name, a)| (name.clone(), nearest(*a))).collect(),
            }
        });
        tallied.collect()
    }
}

impl<V: View> ViewReader<V> {
    /// Reads the counters as stored. Half a read unit each, one call per 100.
    pub(super) async fn counters(
        &self,
        generation: u64,
        keys: &[String],
        meter: &Meter,
    ) -> Result<Counters, ReadError> {
        let keys = readable(generation, keys);
        let pks: Vec<String> = keys.iter().map(|key| partition(generation, key)).collect();
        let look = Look {
            sort: TALLY,
            consistent: false,
            projection: None,
        };
        let many = self.table.get_many(&pks, look, BATCH_ATTEMPTS, meter).await;
        if let Some(error) = many.unread.into_values().next() {
            return Err(ReadError::Unavailable(error));
        }
        let mut counters = Counters::default();
        for (key, pk) in keys.iter().zip(&pks) {
            counters.read(key, many.found.get(pk));
        }
        Ok(counters)
    }

    /// Reads the counters with all versions in the token: their amounts in one snapshot with the documents, plus the
    /// contributions of these documents that were not counted in it. Also returns the number of documents that were
    /// behind.
    pub(super) async fn exact(
        &self,
        serving: Serving,
        keys: &[String],
        wanted: &BTreeMap<String, Wanted>,
        read: &ReadYourWrites,
        meter: &Meter,
    ) -> Result<(Counters, u64), ReadError> {
        let generation = serving.generation;
        let keys: Vec<&str> = readable(generation, keys).into_iter().collect();
        let room = PER_SNAPSHOT.saturating_sub(wanted.len());
        if room == 0 {
            let reason = "the token names more documents than one snapshot can read";
            return Err(ReadError::Unavailable(reason.to_owned()));
        }
        let deadline = read.wait.map(|wait| Instant::now() + wait);
        let mut pause = FIRST_PAUSE;
        let mut counters = Counters::default();
        let mut behind = 0;
        for keys in keys.chunks(room) {
            let documents = wanted.keys().map(|key| (key.as_str(), SELF));
            let places = documents.chain(keys.iter().map(|key| (*key, TALLY)));
            let places: Vec<Item> = places
                .map(|(name, sort)| key(partition(generation, name), sort))
                .collect();
            let mut items = loop {
                let items = self.table.snapshot(&places, BATCH_ATTEMPTS, meter).await;
                let items = items.map_err(ReadError::Unavailable)?;
                let mut there = wanted.values().zip(&items);
                if there.all(|(wanted, item)| reflects(item.as_ref(), wanted))
                    || !wait(deadline, &mut pause).await
                {
                    break items.into_iter();
                }
            };
            let mut fresh = Vec::new();
            for ((key, wanted), item) in wanted.iter().zip(items.by_ref()) {
                fresh.extend(self.bring(serving, key, item, wanted).await?);
            }
            let mut part = Counters::default();
            for (key, item) in keys.iter().zip(items) {
                part.read(key, item.as_ref());
            }
            for brought in &fresh {
                part.adjust::<V>(brought).map_err(ReadError::Unavailable)?;
            }
            counters.0.extend(part.0);
            behind = caught_up(&fresh);
        }
        Ok((counters, behind))
    }
}

/// Returns each key once, without keys that are too long for DynamoDB, for which nothing was counted.
fn readable(generation: u64, keys: &[String]) -> BTreeSet<&str> {
    keys.iter()
        .map(String::as_str)
        .filter(|key| fits(&partition(generation, key)))
        .collect()
}
