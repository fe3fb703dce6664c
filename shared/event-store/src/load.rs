use crate::item::Item;
use crate::known::Known;
use crate::stored::{Stored, read_stored};
use crate::{Consumed, Decider, StoreError};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use commit::StreamId;
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
    /// Oldest first, after this version.
    ForwardAfter(u64),
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
        'pages: loop {
            let (items, next) = self.page(stream, part, limit, start, consumed).await?;
            for item in items {
                let stored = read_stored(item)?;
                let from_snapshot = Known::<D>::from_snapshot(&stored);
                let first = stored.commit.first;
                newest_first.push(stored);
                if from_snapshot.is_some() || first == 1 {
                    base = from_snapshot;
                    break 'pages;
                }
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
    pub(crate) async fn refresh<D: Decider>(
        &self,
        stream: &StreamId,
        mut known: Known<D>,
        consumed: &mut Consumed,
    ) -> Result<Known<D>, StoreError> {
        let part = Part::ForwardAfter(known.version);
        let mut start = None;
        loop {
            let (items, next) = self.page(stream, part, None, start, consumed).await?;
            for item in items {
                known = known.fold(&read_stored(item)?)?.0;
            }
            if next.is_none() {
                return Ok(known);
            }
            start = next;
        }
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
            Part::ForwardAfter(version) => ("pk = :pk AND sk > :version", Some(version), true),
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
