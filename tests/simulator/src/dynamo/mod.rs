//! DynamoDB in memory: only the operations that the project uses, as fast as a map.
//!
//! [`Engine`] executes one operation at a time. `tests/dynamodb.rs` compares it with an independent engine.

mod client;
mod expression;
mod operation;
mod read;
mod refusal;
mod table;
mod write;

pub(crate) use client::client;
pub(crate) use operation::{Answer, Operation};
pub(crate) use refusal::{CONDITION, CONFLICT, Refusal, reason};
pub(crate) use table::Item;
pub(crate) use table::{Key, hash};

use std::collections::{BTreeMap, HashSet};
use table::{Overlay, Sort, Table};
use tables::TableDefinition;

/// The writes of an operation: table, key, and the new item.
pub(crate) type Written = Vec<(String, Key, Option<Item>)>;

/// The tables.
#[derive(Default)]
pub(crate) struct Engine {
    tables: BTreeMap<String, Table>,
    /// The tokens of executed transactions, to recognize a repetition.
    tokens: HashSet<String>,
    /// The virtual time, in milliseconds.
    pub(crate) now: u64,
}

/// How a read sees a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// The number of last writes that an eventually consistent read does not see.
    pub(crate) behind: usize,
    /// The most items that a page evaluates.
    pub(crate) page: usize,
}

impl Look {
    fn overlay(self, table: &Table, consistent: Option<bool>) -> Overlay {
        if consistent == Some(true) || self.behind == 0 {
            return Overlay::new();
        }
        table.before(self.behind)
    }
}

impl Engine {
    pub(crate) fn create(&mut self, definition: TableDefinition) {
        let table = Table::new(definition.clone());
        self.tables.insert(definition.name, table);
    }

    /// Returns how many writes an eventually consistent read of this table may be behind.
    pub(crate) fn recent(&self, table: &str) -> usize {
        self.tables.get(table).map_or(0, |table| table.recent(self.now))
    }

    /// Returns all items of a table.
    pub(crate) fn contents(&self, table: &str) -> Vec<Item> {
        let items = self.table(Some(table)).items.values();
        items.map(|item| Item::clone(item)).collect()
    }

    /// Replaces all items of a table, as a restore does.
    pub(crate) fn put_back(&mut self, table: &str, items: Vec<Item>) {
        self.table_mut(table).put_back(items);
    }

    /// Returns the items of one partition.
    pub(crate) fn partition(&self, table: &str, partition: &str) -> Vec<Item> {
        let first = Key {
            hash: hash(partition),
            partition: partition.to_owned(),
            sort: Sort::None,
        };
        let items = self.table(Some(table)).items.range(first..);
        items
            .take_while(|(key, _)| key.partition == partition)
            .map(|(_, item)| Item::clone(item))
            .collect()
    }

    /// Returns whether the table's writes go into a stream.
    pub(crate) fn streams(&self, table: &str) -> bool {
        self.table(Some(table)).definition.stream
    }

    fn table(&self, name: Option<&str>) -> &Table {
        let name = name.unwrap_or_default();
        self.tables
            .get(name)
            .unwrap_or_else(|| panic!("there is no table {name:?}"))
    }

    fn table_mut(&mut self, name: &str) -> &mut Table {
        self.tables
            .get_mut(name)
            .unwrap_or_else(|| panic!("there is no table {name:?}"))
    }
}
