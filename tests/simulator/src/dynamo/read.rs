//! The read operations.

use super::expression::{Condition, Terms, projection};
use super::refusal::{INVALID, Refusal};
use super::table::{Item, Key, Overlay, Sort, Table, hash, sort_of};
use super::{Engine, Look};
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::describe_table::{DescribeTableInput, DescribeTableOutput};
use aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::scan::{ScanInput, ScanOutput};
use aws_sdk_dynamodb::operation::transact_get_items::{TransactGetItemsInput, TransactGetItemsOutput};
use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, ItemResponse, KeysAndAttributes, TableDescription,
};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The most keys of a `BatchGetItem`.
const KEYS_PER_CALL: usize = 100;

impl Engine {
    pub(super) fn get(&self, input: &GetItemInput, look: Look) -> Result<GetItemOutput, Refusal> {
        let table = self.table(input.table_name.as_deref());
        let overlay = look.overlay(table, input.consistent_read);
        let key = table.key(input.key.as_ref().expect("a GetItem has a key"));
        let terms = Terms {
            names: input.expression_attribute_names.as_ref(),
            values: None,
        };
        let names = input
            .projection_expression
            .as_deref()
            .map(|text| projection(text, terms));
        let item = table.get(&key, &overlay).map(|item| cut(item, names.as_deref()));
        Ok(GetItemOutput::builder()
            .set_item(item)
            .consumed_capacity(consumed(1.0))
            .build())
    }

    pub(super) fn batch_get(
        &self,
        input: &BatchGetItemInput,
        look: Look,
        process: &mut dyn FnMut(usize) -> bool,
    ) -> Result<BatchGetItemOutput, Refusal> {
        let mut responses = HashMap::new();
        let mut unprocessed = HashMap::new();
        let mut place = 0;
        for (name, request) in input.request_items.iter().flatten() {
            let table = self.table(Some(name));
            let overlay = look.overlay(table, request.consistent_read);
            let terms = Terms {
                names: request.expression_attribute_names.as_ref(),
                values: None,
            };
            let names = request
                .projection_expression
                .as_deref()
                .map(|text| projection(text, terms));
            let keys: Vec<Key> = request.keys.iter().map(|key| table.key(key)).collect();
            if keys.len() > KEYS_PER_CALL || keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
                return Err(Refusal::new(INVALID));
            }
            let (mut found, mut left) = (Vec::new(), Vec::new());
            for (key, raw) in keys.iter().zip(&request.keys) {
                place += 1;
                if !process(place - 1) {
                    left.push(raw.clone());
                    continue;
                }
                found.extend(table.get(key, &overlay).map(|item| cut(item, names.as_deref())));
            }
            responses.insert(name.clone(), found);
            if !left.is_empty() {
                let again: KeysAndAttributes = KeysAndAttributes::builder()
                    .set_keys(Some(left))
                    .set_consistent_read(request.consistent_read)
                    .set_projection_expression(request.projection_expression.clone())
                    .set_expression_attribute_names(request.expression_attribute_names.clone())
                    .build()
                    .expect("it has keys");
                unprocessed.insert(name.clone(), again);
            }
        }
        Ok(BatchGetItemOutput::builder()
            .set_responses(Some(responses))
            .set_unprocessed_keys(Some(unprocessed))
            .consumed_capacity(consumed(1.0))
            .build())
    }

    pub(super) fn transact_get(
        &self,
        input: &TransactGetItemsInput,
    ) -> Result<TransactGetItemsOutput, Refusal> {
        let none = Overlay::new();
        let mut responses = Vec::new();
        let mut places = BTreeSet::new();
        for item in input.transact_items.iter().flatten() {
            let get = item.get.as_ref().expect("a TransactGetItem is a Get");
            let table = self.table(Some(&get.table_name));
            let key = table.key(&get.key);
            if !places.insert((&get.table_name, key.clone())) {
                return Err(Refusal::new(INVALID));
            }
            let found = table.get(&key, &none);
            let found = found.map(|item| cut(item, None));
            responses.push(ItemResponse::builder().set_item(found).build());
        }
        Ok(TransactGetItemsOutput::builder()
            .set_responses(Some(responses))
            .consumed_capacity(consumed(2.0))
            .build())
    }

    pub(super) fn query(&self, input: &QueryInput, look: Look) -> Result<QueryOutput, Refusal> {
        let table = self.table(input.table_name.as_deref());
        let terms = Terms {
            names: input.expression_attribute_names.as_ref(),
            values: input.expression_attribute_values.as_ref(),
        };
        let condition = input
            .key_condition_expression
            .as_deref()
            .expect("a Query has a key condition");
        let condition = Condition::parse(condition, terms);
        let filter = input
            .filter_expression
            .as_deref()
            .map(|text| Condition::parse(text, terms));
        let names = input
            .projection_expression
            .as_deref()
            .map(|text| projection(text, terms));
        let overlay = look.overlay(table, input.consistent_read);
        let mut rows: Vec<(Sort, &Key, &Arc<Item>)> = match input.index_name.as_deref() {
            None => partition(table, &condition, &overlay),
            Some(index) => indexed(table, index, &overlay),
        };
        rows.retain(|(_, _, item)| condition.holds(Some(item)));
        rows.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let backward = input.scan_index_forward == Some(false);
        if backward {
            rows.reverse();
        }
        if let Some(start) = input
            .exclusive_start_key
            .as_ref()
            .filter(|start| !start.is_empty())
        {
            let key = table.key(start);
            let sort = match input.index_name.as_deref() {
                None => key.sort.clone(),
                Some(index) => index_sort(table, index, start),
            };
            rows.retain(|(s, k, _)| {
                if backward {
                    (s, *k) < (&sort, &key)
                } else {
                    (s, *k) > (&sort, &key)
                }
            });
        }
        let limit = limit(input.limit, look.page);
        let more = rows.len() > limit;
        // At exactly the limit, DynamoDB does not know that no item follows.
        let full = more || rows.len() == limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| full).map(|(_, _, item)| {
            let mut last = key_of(table, item);
            if let Some(index) = input.index_name.as_deref() {
                let index = table.index(index);
                for attribute in std::iter::once(&index.partition).chain(&index.sort) {
                    last.extend(
                        item.get(&attribute.name)
                            .map(|v| (attribute.name.clone(), v.clone())),
                    );
                }
            }
            last
        });
        let scanned = rows.len();
        rows.retain(|(_, _, item)| filter.as_ref().is_none_or(|filter| filter.holds(Some(item))));
        let items: Vec<Item> = rows
            .iter()
            .map(|(_, _, item)| cut(item, names.as_deref()))
            .collect();
        Ok(QueryOutput::builder()
            .count(number(items.len()))
            .scanned_count(number(scanned))
            .set_items(Some(items))
            .set_last_evaluated_key(last)
            .consumed_capacity(consumed(1.0))
            .build())
    }

    /// Describes a table; only the number of items is used.
    pub(super) fn describe(&self, input: &DescribeTableInput) -> DescribeTableOutput {
        let items = self.table(input.table_name.as_deref()).items.len();
        let table = TableDescription::builder().item_count(i64::from(number(items)));
        DescribeTableOutput::builder().table(table.build()).build()
    }

    pub(super) fn scan(&self, input: &ScanInput, look: Look) -> Result<ScanOutput, Refusal> {
        let table = self.table(input.table_name.as_deref());
        let terms = Terms {
            names: input.expression_attribute_names.as_ref(),
            values: input.expression_attribute_values.as_ref(),
        };
        let filter = input
            .filter_expression
            .as_deref()
            .map(|text| Condition::parse(text, terms));
        let names = input
            .projection_expression
            .as_deref()
            .map(|text| projection(text, terms));
        let overlay = look.overlay(table, input.consistent_read);
        let mut rows = table.seen(&overlay);
        if let (Some(segment), Some(of)) = (input.segment, input.total_segments) {
            let of = u64::from(of.unsigned_abs());
            let segment = u64::from(segment.unsigned_abs());
            rows.retain(|(key, _)| (u64::from(key.hash) * of) >> 32 == segment);
        }
        if let Some(start) = input
            .exclusive_start_key
            .as_ref()
            .filter(|start| !start.is_empty())
        {
            let start = table.key(start);
            rows.retain(|(key, _)| **key > start);
        }
        let limit = limit(input.limit, look.page);
        let full = rows.len() >= limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| full).map(|(_, item)| key_of(table, item));
        rows.retain(|(_, item)| filter.as_ref().is_none_or(|filter| filter.holds(Some(item))));
        let items: Vec<Item> = rows.iter().map(|(_, item)| cut(item, names.as_deref())).collect();
        Ok(ScanOutput::builder()
            .count(number(items.len()))
            .set_items(Some(items))
            .set_last_evaluated_key(last)
            .consumed_capacity(consumed(1.0))
            .build())
    }
}

fn partition<'a>(
    table: &'a Table,
    condition: &Condition,
    overlay: &'a Overlay,
) -> Vec<(Sort, &'a Key, &'a Arc<Item>)> {
    let Some(AttributeValue::S(partition)) = condition.equal_to(&table.definition.partition.name) else {
        panic!("a Query of {} without its partition key", table.definition.name);
    };
    if overlay.is_empty() {
        let first = Key {
            hash: hash(partition),
            partition: partition.clone(),
            sort: Sort::None,
        };
        let rows = table.items.range(first..);
        let rows = rows.take_while(|(key, _)| key.partition == *partition);
        return rows.map(|(key, item)| (key.sort.clone(), key, item)).collect();
    }
    let rows = table.seen(overlay).into_iter();
    rows.filter(|(key, _)| key.partition == *partition)
        .map(|(key, item)| (key.sort.clone(), key, item))
        .collect()
}

fn indexed<'a>(table: &'a Table, index: &str, overlay: &'a Overlay) -> Vec<(Sort, &'a Key, &'a Arc<Item>)> {
    let index = table.index(index);
    let rows = table.seen(overlay).into_iter();
    rows.filter_map(|(key, item)| {
        item.get(&index.partition.name)?;
        let sort = match &index.sort {
            Some(sort) => sort_of(sort, item)?,
            None => Sort::None,
        };
        Some((sort, key, item))
    })
    .collect()
}

fn index_sort(table: &Table, index: &str, start: &Item) -> Sort {
    let sort = table.index(index).sort.as_ref();
    sort.and_then(|sort| sort_of(sort, start)).unwrap_or(Sort::None)
}

fn key_of(table: &Table, item: &Item) -> Item {
    let definition = &table.definition;
    std::iter::once(&definition.partition)
        .chain(&definition.sort)
        .filter_map(|attribute| Some((attribute.name.clone(), item.get(&attribute.name)?.clone())))
        .collect()
}

fn cut(item: &Item, names: Option<&[String]>) -> Item {
    match names {
        None => item.clone(),
        Some(names) => names
            .iter()
            .filter_map(|name| Some((name.clone(), item.get(name)?.clone())))
            .collect(),
    }
}

fn limit(asked: Option<i32>, page: usize) -> usize {
    let asked = asked.and_then(|limit| usize::try_from(limit).ok());
    asked.unwrap_or(usize::MAX).min(page.max(1))
}

fn number(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

pub(super) fn consumed(units: f64) -> ConsumedCapacity {
    ConsumedCapacity::builder().capacity_units(units).build()
}
