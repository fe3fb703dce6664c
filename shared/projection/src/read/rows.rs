use super::catch_up::Brought;
use super::{CALLS, ReadError, ViewReader};
use crate::derived::Row;
use crate::item::{DATA, Item, OWNER, SELF, SK, TALLY, TALLY_SHARD, fits, is_sort_key, key, partition, text};
use crate::report::Meter;
use crate::view::View;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One page of a partition of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowsQuery {
    /// The partition ([`Row::partition`]). A name that is longer than a key can be (2 KB) has no rows.
    pub partition: String,
    /// The range of rows.
    pub range: RowRange,
    /// Whether the highest sort key comes first.
    pub descending: bool,
    /// The maximum number of rows in the page, at least 1.
    pub limit: usize,
    /// The position at which the previous page ended.
    pub start: Option<RowPosition>,
}

/// A range of the rows of a partition, by sort key. The texts have at most 1,024 bytes, as sort keys do; an empty text
/// is no bound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RowRange {
    /// All rows.
    #[default]
    All,
    /// The rows between two sort keys.
    Between {
        /// The lowest sort key, inclusive.
        lower: Option<String>,
        /// The highest sort key, inclusive.
        upper: Option<String>,
    },
    /// The rows whose sort key begins with this text.
    Prefix(String),
}

/// The position at which a page ended: after the row with this sort key. Put it into a cursor that is bound to the
/// query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPosition {
    /// The row's sort key.
    #[serde(rename = "s")]
    pub sort: String,
}

/// One page of a partition of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct RowPage {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// The position of the next page; `None` at the end. A page may be short, or empty, and still have one (G13).
    pub next: Option<RowPosition>,
}

/// A partition may also contain a document, a tally and a shard of a tally, which are skipped.
const OTHER_ITEMS: usize = 3;

impl<V: View> ViewReader<V> {
    pub(super) async fn row_page(
        &self,
        generation: u64,
        query: &RowsQuery,
        fresh: &[Brought<V::Document>],
        calls_before: usize,
        meter: &Meter,
    ) -> Result<RowPage, ReadError> {
        if query.is_void(generation) {
            let (rows, next) = (Vec::new(), None);
            return Ok(RowPage { rows, next });
        }
        let mut rows = BTreeMap::new();
        let mut reached = query.start.as_ref().map(|start| start.sort.clone());
        let limit = query.limit.max(1);
        // One more than the page, to know whether there is a next page, and one for each row that may be removed.
        let owned = fresh.iter().map(|b| b.ledger.rows_in(&query.partition));
        let need = limit + 1 + OTHER_ITEMS + owned.sum::<usize>();
        for _ in calls_before..CALLS {
            // With a token the read is consistent: rows that were stored when the documents were read are not added
            // from the documents.
            let request = self.row_request(generation, query, reached.take());
            let answer = request
                .consistent_read(!fresh.is_empty())
                .set_limit(i32::try_from(need - rows.len()).ok())
                .send()
                .await
                .map_err(|e| ReadError::Unavailable(DisplayErrorContext(e).to_string()))?;
            meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
            let stored = answer.items.unwrap_or_default().into_iter();
            rows.extend(stored.filter_map(|item| stored_row(item, fresh)));
            reached = answer.last_evaluated_key.and_then(|key| text(&key, SK));
            if reached.is_none() || rows.len() >= need {
                break;
            }
        }
        overlay::<V>(&mut rows, query, fresh, reached.as_deref());
        let rows = rows.into_iter().map(|(sort, data)| Row {
            partition: query.partition.clone(),
            sort,
            data,
        });
        let mut rows: Vec<Row> = rows.collect();
        if query.descending {
            rows.reverse();
        }
        if rows.len() > limit {
            rows.truncate(limit);
            reached = rows.last().map(|row| row.sort.clone());
        }
        let next = reached.map(|sort| RowPosition { sort });
        Ok(RowPage { rows, next })
    }

    /// Creates the request. Half a read unit per evaluated 4 KB, or one when consistent.
    fn row_request(&self, generation: u64, query: &RowsQuery, start: Option<String>) -> QueryFluentBuilder {
        let pk = partition(generation, &query.partition);
        let start = start.map(|sort| key(pk.as_str(), sort));
        let mut request = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_names("#data", DATA)
            .expression_attribute_names("#owner", OWNER)
            .projection_expression("sk, #data, #owner")
            .scan_index_forward(!query.descending)
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let (condition, texts) = query.range.condition();
        for (name, text) in texts {
            request = request.expression_attribute_values(name, AttributeValue::S(text.to_owned()));
        }
        request = request.key_condition_expression(format!("pk = :pk{condition}"));
        request
    }
}

/// Returns a stored row, unless it is derived from one of the documents that were read, which determine their own rows.
fn stored_row<D>(mut item: Item, fresh: &[Brought<D>]) -> Option<(String, Value)> {
    let owner = text(&item, OWNER);
    if owner.is_some_and(|owner| fresh.iter().any(|brought| brought.key == owner)) {
        return None;
    }
    // Documents and tallies have no data attribute.
    let data = serde_dynamo::from_attribute_value(item.remove(DATA)?).ok()?;
    Some((text(&item, SK)?, data))
}

/// Inserts the rows of the documents that were read at their places.
fn overlay<V: View>(
    rows: &mut BTreeMap<String, Value>,
    query: &RowsQuery,
    fresh: &[Brought<V::Document>],
    reached: Option<&str>,
) {
    let start = query.start.as_ref().map(|start| start.sort.as_str());
    let here = |sort: &str| {
        let after_start = start.is_none_or(|start| query.before(start, sort));
        // Rows after the last evaluated one belong to a later page.
        let before_end = reached.is_none_or(|end| !query.before(end, sort));
        after_start && before_end && query.range.takes(sort) && ![SELF, TALLY, TALLY_SHARD].contains(&sort)
    };
    for brought in fresh {
        for row in V::rows(&brought.fresh.document) {
            if row.partition == query.partition && here(&row.sort) {
                rows.insert(row.sort, row.data);
            }
        }
        for (sort, data) in brought.journal.of(&query.partition) {
            if here(sort) {
                rows.insert(sort.to_owned(), data.clone());
            }
        }
    }
}

impl RowsQuery {
    /// Returns whether no row can match. DynamoDB would refuse to evaluate such a query.
    fn is_void(&self, generation: u64) -> bool {
        let crossed = matches!(self.range.bounds(), (Some(lower), Some(upper)) if lower > upper);
        crossed || !fits(&partition(generation, &self.partition))
    }

    /// Returns whether the page starts at a position that this range can have. DynamoDB refuses any other.
    pub(super) fn starts_inside(&self) -> bool {
        let start = self.start.as_ref().map(|start| start.sort.as_str());
        start.is_none_or(|sort| is_sort_key(sort) && self.range.takes(sort))
    }

    fn before(&self, a: &str, b: &str) -> bool {
        if self.descending { b < a } else { a < b }
    }
}

impl RowRange {
    /// Returns the condition on the sort key, and its texts by name.
    fn condition(&self) -> (&'static str, Vec<(&'static str, &str)>) {
        let (lower, upper) = self.bounds();
        match (self, lower, upper) {
            (Self::Prefix(prefix), ..) if !prefix.is_empty() => {
                (" AND begins_with(sk, :prefix)", vec![(":prefix", prefix)])
            }
            (_, Some(lower), None) => (" AND sk >= :lower", vec![(":lower", lower)]),
            (_, None, Some(upper)) => (" AND sk <= :upper", vec![(":upper", upper)]),
            (_, Some(lower), Some(upper)) => (
                " AND sk BETWEEN :lower AND :upper",
                vec![(":lower", lower), (":upper", upper)],
            ),
            (_, None, None) => ("", Vec::new()),
        }
    }

    fn takes(&self, sort: &str) -> bool {
        let (lower, upper) = self.bounds();
        let begins = match self {
            Self::Prefix(prefix) => sort.starts_with(prefix.as_str()),
            _ => true,
        };
        begins && lower.is_none_or(|lower| sort >= lower) && upper.is_none_or(|upper| sort <= upper)
    }

    fn bounds(&self) -> (Option<&str>, Option<&str>) {
        let Self::Between { lower, upper } = self else {
            return (None, None);
        };
        let lower = lower.as_deref().filter(|text| !text.is_empty());
        let upper = upper.as_deref().filter(|text| !text.is_empty());
        (lower, upper)
    }
}
