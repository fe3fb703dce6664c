use crate::item::Item;
use crate::known::{Known, broken};
use crate::stored::{Stored, read_stored};
use crate::{Consumed, Decider, StoreError};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use commit::{CommitId, Head, Link, StreamId};
use serde::Deserialize;
use std::collections::HashMap;

/// One event table, read by its own service with all attributes, snapshots included.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// A state and the commit that led to it.
pub(crate) struct At<D: Decider> {
    pub(crate) known: Known<D>,
    pub(crate) newest: Option<Stored>,
}

/// A part of a stream and the direction in which it is read.
#[derive(Clone, Copy)]
enum Part {
    /// Newest first, up to this version.
    BackwardFrom(u64),
    /// Oldest first, from the commit whose first version this is.
    ForwardFrom(u64),
}

impl Table {
    /// Loads the state right after the commit that contains version `upto`, or the latest state.
    ///
    /// 1 consistent Query, which reads the last [`Decider::SNAPSHOT_EVERY`] commits, one of which carries a snapshot.
    /// If none does (another schema, a state too large for its item), further pages are read, at most to the beginning.
    pub(crate) async fn load<D: Decider>(
        &self,
        stream: &StreamId,
        upto: Option<u64>,
        consumed: &mut Consumed,
    ) -> Result<At<D>, StoreError> {
        let part = Part::BackwardFrom(upto.unwrap_or(u64::MAX));
        let mut limit = i32::try_from(D::SNAPSHOT_EVERY.max(1)).ok();
        let mut start = None;
        let mut newest_first: Vec<Stored> = Vec::new();
        let mut base = None;
        // Whether the state can be folded from what was read so far.
        let mut found = false;
        let mut newer: Option<Place> = None;
        loop {
            let (items, next) = self.page(stream, part, limit, start, consumed).await?;
            for item in items {
                // The commits before the snapshot are in the page anyway: checking the whole chain there costs no read (G16).
                let place = Place::of(&item);
                if let (Some(newer), Some(older)) = (&newer, &place) {
                    newer.check_follows(stream, older)?;
                }
                newer = place;
                if found {
                    continue;
                }
                let stored = read_stored(item)?;
                let from_snapshot = Known::<D>::from_snapshot(&stored);
                found = from_snapshot.is_some() || stored.commit.first == 1;
                base = from_snapshot;
                newest_first.push(stored);
            }
            if found {
                break;
            }
            if next.is_none() {
                break;
            }
            // Each page is eight times as long: a long stream takes few calls, and a short one does not read a whole
            // MB.
            (start, limit) = (next, limit.map(|limit| limit.saturating_mul(8)));
        }

        let mut known = Known::default();
        let mut oldest_first = newest_first.iter().rev();
        if let Some(base) = base {
            known = base;
            oldest_first.next();
        }
        for stored in oldest_first {
            known = known.fold(stored)?.0;
        }
        Ok(At {
            known,
            newest: newest_first.into_iter().next(),
        })
    }

    /// Folds the commits after `known`. 1 consistent Query, 1 read unit for up to 4 KB.
    ///
    /// The last commit of `known` is read with them, and shows that the history is still the one that led to it. If it is
    /// not (G16), the state is loaded anew: 1 further Query. Returns whether it was.
    pub(crate) async fn refresh<D: Decider>(
        &self,
        stream: &StreamId,
        mut known: Known<D>,
        consumed: &mut Consumed,
    ) -> Result<(Known<D>, bool), StoreError> {
        let part = Part::ForwardFrom(known.head.map_or(1, |head| head.first));
        let mut start = None;
        let mut missing = known.head;
        loop {
            let (items, next) = self.page(stream, part, None, start, consumed).await?;
            for item in items {
                let stored = read_stored(item)?;
                match missing.take() {
                    Some(head) if head == stored.commit.head() => {}
                    None if known.is_continued_by(&stored.commit) => known = known.fold(&stored)?.0,
                    _ => return self.load_anew(stream, consumed).await,
                }
            }
            if next.is_none() && missing.is_some() {
                return self.load_anew(stream, consumed).await;
            }
            if next.is_none() {
                return Ok((known, false));
            }
            start = next;
        }
    }

    /// Loads a stream whose history is not the one that was known.
    async fn load_anew<D: Decider>(
        &self,
        stream: &StreamId,
        consumed: &mut Consumed,
    ) -> Result<(Known<D>, bool), StoreError> {
        history_changed(stream);
        Ok((self.load(stream, None, consumed).await?.known, true))
    }

    async fn page(
        &self,
        stream: &StreamId,
        part: Part,
        limit: Option<i32>,
        start: Option<Item>,
        consumed: &mut Consumed,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let (condition, version, forward) = match part {
            Part::BackwardFrom(u64::MAX) => ("pk = :pk", None, false),
            Part::BackwardFrom(version) => ("pk = :pk AND sk <= :version", Some(version), false),
            Part::ForwardFrom(version) => ("pk = :pk AND sk >= :version", Some(version), true),
        };
        let mut values = HashMap::from([(":pk".to_owned(), AttributeValue::S(stream.to_string()))]);
        if let Some(version) = version {
            values.insert(":version".to_owned(), AttributeValue::N(version.to_string()));
        }
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .consistent_read(true)
            .scan_index_forward(forward)
            .set_limit(limit)
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|e| StoreError::from_sdk("Query", e))?;
        consumed.read(output.consumed_capacity());
        // An empty key means that there is no next page.
        let next = output.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((output.items.unwrap_or_default(), next))
    }
}

/// The attributes of a commit that make the chain.
#[derive(Deserialize)]
struct Place {
    sk: u64,
    n: u64,
    i: CommitId,
    p: Option<Link>,
}

impl Place {
    /// Returns `None` for an item that is not a commit, which cannot be read either. Copies nothing but these attributes.
    fn of(item: &Item) -> Option<Self> {
        let attributes = ["sk", "n", "i", "p"].into_iter();
        let place: Item = attributes
            .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
            .collect();
        serde_dynamo::from_item(place).ok()
    }

    /// Checks that this commit follows the one stored before it (G16).
    fn check_follows(&self, stream: &StreamId, older: &Self) -> Result<(), StoreError> {
        let last = older.sk + older.n.saturating_sub(1);
        let head = Head {
            first: older.sk,
            id: older.i,
        };
        if self.sk == last + 1 && head.is_named_by(self.p) {
            return Ok(());
        }
        telemetry::history_changed(&stream.to_string(), 1);
        Err(StoreError::damaged(stream, broken(last, self.sk)))
    }
}

/// Logs that a known state is discarded, because the table no longer has the commits that led to it.
pub(crate) fn history_changed(stream: &StreamId) {
    tracing::warn!(%stream, "the history of a stream changed; its state is loaded anew");
    telemetry::history_changed(&stream.to_string(), 1);
}
