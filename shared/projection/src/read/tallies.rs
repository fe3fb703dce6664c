use super::catch_up::Brought;
use super::{
    BATCH_ATTEMPTS, ReadError, ReadYourWrites, Serving, ViewReader, Waiting, Wanted, caught_up, missing,
};
use crate::item::{Item, SELF, TALLY, TALLY_SHARD, fits, key, number, partition, tally_place};
use crate::ledger::Change;
use crate::mutation::{Safeguard, is_removed};
use crate::report::Meter;
use crate::subscriber::{Subscriber, ViewOf};
use crate::table::{Look, PER_SNAPSHOT};
use crate::view::View;
use crate::write::shard_of;
use futures::future::join;
use std::collections::{BTreeMap, BTreeSet};

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

/// One shard of a counter: its key and its number.
type Shard<'a> = (&'a str, u32);

/// Sums by shard and name, in a wider type than one contribution.
#[derive(Debug, Default)]
pub(super) struct Counters(BTreeMap<(String, u32), BTreeMap<String, i128>>);

impl Counters {
    fn read(&mut self, (key, shard): Shard<'_>, item: Option<&Item>) {
        let amounts = self.0.entry((key.to_owned(), shard)).or_default();
        for (name, value) in item.into_iter().flatten() {
            // The item's keys are text, not numbers.
            if let Some(amount) = number::<i128>(value) {
                amounts.insert(name.clone(), amount);
            }
        }
    }

    /// Adds the contributions of a document that the projection has not counted, to the shards to which it will add them.
    /// An error is a defect of the view's code.
    fn adjust<V: View>(&mut self, brought: &Brought<V::Document>) -> Result<(), String> {
        let tallies = V::tallies(&brought.fresh.document);
        for change in brought.ledger.tally_changes(&tallies)? {
            let Change::Add { tally, amounts, .. } = change else {
                continue;
            };
            let shard = shard_of::<ViewOf<V>>(&tally, &brought.key);
            if let Some(counters) = self.0.get_mut(&(tally, shard)) {
                for (name, amount) in amounts {
                    let counter = counters.entry(name).or_default();
                    *counter = counter.saturating_add(amount);
                }
            }
        }
        Ok(())
    }

    /// Returns the sums of the shards of each counter.
    pub(super) fn in_order(&self, keys: &[String]) -> Vec<Tallied> {
        let mut sums: BTreeMap<&str, BTreeMap<&str, i128>> = BTreeMap::new();
        for ((key, shard), amounts) in &self.0 {
            if *shard > 0 && is_removed(Safeguard::TallyShards) {
                continue;
            }
            let sum = sums.entry(key).or_default();
            for (name, amount) in amounts {
                let sum = sum.entry(name).or_default();
                *sum = sum.saturating_add(*amount);
            }
        }
        let tallied = keys.iter().map(|key| {
            let amounts = sums.get(key.as_str()).into_iter().flatten();
            let amounts = amounts.filter(|(_, amount)| **amount != 0);
            let nearest =
                |amount: i128| i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX });
            Tallied {
                key: key.clone(),
                amounts: amounts
                    .map(|(name, a)| ((*name).to_owned(), nearest(*a)))
                    .collect(),
            }
        });
        tallied.collect()
    }
}

impl<V: View> ViewReader<V> {
    /// Reads the counters as stored. Half a read unit for each shard, one call per 100 counters, and one more per 100
    /// further shards, all at once.
    pub(super) async fn counters(
        &self,
        generation: u64,
        keys: &[String],
        meter: &Meter,
    ) -> Result<Counters, ReadError> {
        self.stored_shards(generation, &shards::<V>(generation, keys), meter)
            .await
    }

    async fn stored_shards(
        &self,
        generation: u64,
        shards: &[Shard<'_>],
        meter: &Meter,
    ) -> Result<Counters, ReadError> {
        let of = |sort: &'static str| {
            let places = shards
                .iter()
                .map(|(key, shard)| tally_place(generation, key, *shard));
            let pks: Vec<String> = places.filter(|(_, sk)| sk == sort).map(|(pk, _)| pk).collect();
            async move {
                let look = Look {
                    sort,
                    consistent: false,
                    projection: None,
                };
                self.table.get_many(&pks, look, BATCH_ATTEMPTS, meter).await
            }
        };
        let (mut many, further) = join(of(TALLY), of(TALLY_SHARD)).await;
        many.unread.extend(further.unread);
        if let Some(error) = many.unread.into_values().next() {
            return Err(ReadError::Unavailable(error));
        }
        let mut counters = Counters::default();
        for (key, shard) in shards {
            let (pk, sk) = tally_place(generation, key, *shard);
            let found = if sk == TALLY { &many.found } else { &further.found };
            counters.read((key, *shard), found.get(&pk));
        }
        Ok(counters)
    }

    /// Reads the counters with all versions in the token. The shards to which the token's documents contribute are read in
    /// one snapshot with these documents, and contributions that were not counted in it are added; the others as stored.
    /// Also returns the number of documents that were behind.
    pub(super) async fn exact(
        &self,
        serving: Serving,
        keys: &[String],
        wanted: &BTreeMap<String, Wanted>,
        read: &ReadYourWrites,
        meter: &Meter,
    ) -> Result<(Counters, u64), ReadError> {
        let generation = serving.generation;
        let room = PER_SNAPSHOT.saturating_sub(wanted.len());
        if room == 0 {
            let reason = "the token names more documents than one snapshot can read";
            return Err(ReadError::Unavailable(reason.to_owned()));
        }
        let all = shards::<V>(generation, keys);
        let (concerned, others): (Vec<Shard<'_>>, Vec<Shard<'_>>) =
            all.into_iter().partition(|(key, shard)| {
                wanted
                    .keys()
                    .any(|document| shard_of::<ViewOf<V>>(key, document) == *shard)
            });
        let mut waiting = Waiting::new(read);
        let mut counters = Counters::default();
        let mut behind = 0;
        for shards in concerned.chunks(room) {
            let documents = wanted
                .keys()
                .map(|document| key(partition(generation, document), SELF));
            let places = shards.iter().map(|(tally, shard)| {
                let (pk, sk) = tally_place(generation, tally, *shard);
                key(pk, sk)
            });
            let places: Vec<Item> = documents.chain(places).collect();
            let mut items = loop {
                let items = self.table.snapshot(&places, BATCH_ATTEMPTS, meter).await;
                let items = items.map_err(ReadError::Unavailable)?;
                let missing = missing(wanted, items.iter().map(Option::as_ref));
                if missing.is_empty() || !waiting.again(self.check(missing)).await? {
                    break items.into_iter();
                }
            };
            let mut fresh = Vec::new();
            for ((key, wanted), item) in wanted.iter().zip(items.by_ref()) {
                fresh.extend(self.bring(serving, key, item, wanted).await?);
            }
            let mut part = Counters::default();
            for (shard, item) in shards.iter().zip(items) {
                part.read(*shard, item.as_ref());
            }
            for brought in &fresh {
                part.adjust::<V>(brought).map_err(ReadError::Unavailable)?;
            }
            counters.0.extend(part.0);
            behind = caught_up(&fresh);
        }
        let others = self.stored_shards(generation, &others, meter).await?;
        counters.0.extend(others.0);
        Ok((counters, behind))
    }
}

/// Returns the shards of each counter once, without keys that are too long for DynamoDB, for which nothing was counted.
fn shards<V: View>(generation: u64, keys: &[String]) -> Vec<Shard<'_>> {
    let keys: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    let shards = keys
        .into_iter()
        .flat_map(|key| (0..ViewOf::<V>::tally_shards(key)).map(move |shard| (key, shard)));
    shards
        .filter(|(key, shard)| fits(&tally_place(generation, key, *shard).0))
        .collect()
}
