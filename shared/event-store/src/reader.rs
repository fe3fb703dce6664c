use crate::item::{Item, KEY, PUBLISHED, is_mark, read_commit, read_key};
use crate::{Consumed, StoreError};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, Select};
use commit::{Commit, CommitKey, StreamId, fault};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The maximum number of items in a page of a Scan, which also ends at 1 MB.
const SCANNED: i32 = 1_000;

/// The number of commits that are read to find one of a category.
const GLANCE: i32 = 100;

/// Reads the published part of commits, for heals, catch-up reads, sweeps and histories.
///
/// It never requests the snapshot or the fingerprint, so the role of the read side can be denied both (G12).
#[derive(Debug, Clone)]
pub struct CommitReader {
    client: Client,
    table: String,
    consumed: Arc<Mutex<Consumed>>,
}

/// Commits of one stream, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct CommitPage {
    /// The commits.
    pub commits: Vec<Commit>,
    /// The version after which the next page begins; `None` at the end of the stream.
    pub next: Option<u64>,
}

/// A position in a Scan of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanPosition {
    /// The stream of the commit read last.
    #[serde(rename = "pk")]
    pub stream: StreamId,
    /// The version of that commit's first event.
    #[serde(rename = "sk")]
    pub first: u64,
}

/// Keys of commits of one segment. The order is undefined across streams.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPage {
    /// The keys.
    pub keys: Vec<CommitKey>,
    /// The position of the next page; `None` at the end of the segment.
    pub next: Option<ScanPosition>,
}

/// Commits of one segment. The commits of a stream are adjacent and in order; the order of the streams is undefined.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanPage {
    /// The commits.
    pub commits: Vec<Commit>,
    /// The position of the next page; `None` at the end of the segment.
    pub next: Option<ScanPosition>,
}

impl CommitReader {
    /// Creates a reader of one event table.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
            consumed: Arc::default(),
        }
    }

    /// Returns the name of the table.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Returns what this reader and its clones have cost so far.
    #[must_use]
    pub fn consumed(&self) -> Consumed {
        *self.consumed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns all commits with events after `version`, in order. 1 consistent Query per MB.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        let mut commits = Vec::new();
        let mut start = None;
        loop {
            let (items, next) = self.forward(stream, version, None, start).await?;
            for item in items {
                commits.push(read_commit(item)?);
            }
            if next.is_none() {
                return Ok(commits);
            }
            start = next;
        }
    }

    /// Returns up to `limit` commits with events after `after`, in order. 1 consistent Query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page(&self, stream: &StreamId, after: u64, limit: u32) -> Result<CommitPage, StoreError> {
        let limit = i32::try_from(limit.max(1)).unwrap_or(i32::MAX);
        let (items, next) = self.forward(stream, after, Some(limit), None).await?;
        let commits = items
            .into_iter()
            .map(read_commit)
            .collect::<Result<Vec<_>, _>>()?;
        let next = next.and(commits.last()).map(Commit::last);
        Ok(CommitPage { commits, next })
    }

    /// Returns the last commit's key, or `None` when the stream does not exist. 1 consistent Query of one item.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn head(&self, stream: &StreamId) -> Result<Option<CommitKey>, StoreError> {
        let query = self
            .query(stream, "pk = :pk", HashMap::new(), KEY)
            .scan_index_forward(false)
            .limit(1);
        let (mut items, _) = self.send(query).await?;
        items.pop().map(read_key).transpose()
    }

    /// Returns one page (up to 1 MB, 1,000 items) of the commit keys of segment `segment` of `of`. 1 consistent Scan,
    /// billed for the whole items: 1 read unit per 4 KB.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn heads(
        &self,
        segment: u32,
        of: u32,
        start: Option<&ScanPosition>,
    ) -> Result<KeyPage, StoreError> {
        let scan = self.segment(segment, of, start, KEY, SCANNED);
        keys(self.scanned(scan).await?)
    }

    /// As [`Self::heads`] for half the price, but commits of the last moments may be missing. 1 eventually consistent Scan: half
    /// a read unit per 4 KB.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn settled_heads(
        &self,
        segment: u32,
        of: u32,
        start: Option<&ScanPosition>,
    ) -> Result<KeyPage, StoreError> {
        let scan = self.segment(segment, of, start, KEY, SCANNED);
        keys(self.scanned(scan.consistent_read(false)).await?)
    }

    /// Returns one page (up to 1 MB, 1,000 items) of the commits of segment `segment` of `of`, for rebuilds. 1
    /// consistent Scan: 1 read unit per 4 KB.
    ///
    /// # Errors
    /// [`StoreError`]; also when an item of the page is not a commit.
    pub async fn scan(
        &self,
        segment: u32,
        of: u32,
        start: Option<&ScanPosition>,
    ) -> Result<ScanPage, StoreError> {
        let scan = self.segment(segment, of, start, PUBLISHED, SCANNED);
        let (items, next) = self.scanned(scan).await?;
        Ok(ScanPage {
            commits: items.into_iter().map(read_commit).collect::<Result<_, _>>()?,
            next,
        })
    }

    /// Returns `false` only if there is no commit of this category. `true` may also mean that the first 100 commits of the table
    /// all have other categories. 1 consistent Scan of at most 100 items: 1 read unit per 4 KB.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn may_hold(&self, category: &str) -> Result<bool, StoreError> {
        let (keys, next) = self.scanned(self.segment(0, 1, None, KEY, GLANCE)).await?;
        for key in keys {
            if read_key(key)?.stream.category() == category {
                return Ok(true);
            }
        }
        Ok(next.is_some())
    }

    /// Returns the approximate number of commits in the table, as DynamoDB counted them some hours ago. Free of charge.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn size(&self) -> Result<u64, StoreError> {
        let output = self
            .client
            .describe_table()
            .table_name(&self.table)
            .send()
            .await
            .map_err(|e| StoreError::from_sdk("DescribeTable", e))?;
        let count = output.table.and_then(|table| table.item_count);
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// Returns one page of at most `limit` items of the commit keys of the table, to test what a page may end with.
    #[cfg(test)]
    pub(crate) async fn glance(
        &self,
        start: Option<&ScanPosition>,
        limit: i32,
    ) -> Result<KeyPage, StoreError> {
        keys(self.scanned(self.segment(0, 1, start, KEY, limit)).await?)
    }

    /// Returns a consistent Scan of a segment.
    fn segment(
        &self,
        segment: u32,
        of: u32,
        start: Option<&ScanPosition>,
        projection: &str,
        limit: i32,
    ) -> ScanFluentBuilder {
        let start = start.map(|position| {
            HashMap::from([
                ("pk".to_owned(), AttributeValue::S(position.stream.to_string())),
                ("sk".to_owned(), AttributeValue::N(position.first.to_string())),
            ])
        });
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        // One segment is the whole table, read with an ordinary Scan, for which every engine uses the order of the
        // keys.
        let parallel = of > 1;
        self.client
            .scan()
            .table_name(&self.table)
            .select(Select::SpecificAttributes)
            .projection_expression(projection)
            .consistent_read(true)
            .set_segment(parallel.then_some(number(segment)))
            .set_total_segments(parallel.then_some(number(of)))
            .limit(limit)
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    async fn scanned(
        &self,
        scan: ScanFluentBuilder,
    ) -> Result<(Vec<Item>, Option<ScanPosition>), StoreError> {
        let output = scan.send().await.map_err(|e| StoreError::from_sdk("Scan", e))?;
        self.count(|consumed| consumed.read(output.consumed_capacity()));
        let next = output.last_evaluated_key.filter(|key| !key.is_empty());
        let next = next
            .map(serde_dynamo::from_item)
            .transpose()
            .map_err(|e| StoreError::damaged(&self.table, fault(&e)))?;
        let mut items = output.items.unwrap_or_default();
        items.retain(|item| !is_mark(item));
        Ok((items, next))
    }

    async fn forward(
        &self,
        stream: &StreamId,
        after: u64,
        limit: Option<i32>,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let values = HashMap::from([(":after".to_owned(), AttributeValue::N(after.to_string()))]);
        let query = self
            .query(stream, "pk = :pk AND sk > :after", values, PUBLISHED)
            .set_limit(limit)
            .set_exclusive_start_key(start);
        self.send(query).await
    }

    fn query(
        &self,
        stream: &StreamId,
        condition: &str,
        mut values: HashMap<String, AttributeValue>,
        projection: &str,
    ) -> QueryFluentBuilder {
        values.insert(":pk".to_owned(), AttributeValue::S(stream.to_string()));
        self.client
            .query()
            .table_name(&self.table)
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            // This follows from the projection. It is stated because the readers' roles are granted exactly this.
            .select(Select::SpecificAttributes)
            .projection_expression(projection)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    async fn send(&self, query: QueryFluentBuilder) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let output = query.send().await.map_err(|e| StoreError::from_sdk("Query", e))?;
        self.count(|consumed| consumed.read(output.consumed_capacity()));
        let next = output.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((output.items.unwrap_or_default(), next))
    }

    fn count(&self, add: impl FnOnce(&mut Consumed)) {
        add(&mut self.consumed.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn keys((items, next): (Vec<Item>, Option<ScanPosition>)) -> Result<KeyPage, StoreError> {
    Ok(KeyPage {
        keys: items.into_iter().map(read_key).collect::<Result<_, _>>()?,
        next,
    })
}
