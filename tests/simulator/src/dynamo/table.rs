use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use tables::{IndexDefinition, KeyAttribute, KeyKind, TableDefinition};

/// One item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// An item's key. Keys are ordered like in a scan: by the hash of the partition key, then by the sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) hash: u32,
    pub(crate) partition: String,
    pub(crate) sort: Sort,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    None,
    Text(String),
    Number(i128),
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.sort {
            Sort::None => write!(f, "{}", self.partition),
            Sort::Text(text) => write!(f, "{} {text}", self.partition),
            Sort::Number(number) => write!(f, "{} {number}", self.partition),
        }
    }
}

/// An item before a write.
struct Past {
    at: u64,
    key: Key,
    before: Option<Arc<Item>>,
}

/// Keys with older items, for a read that is behind.
pub(super) type Overlay = BTreeMap<Key, Option<Arc<Item>>>;

/// One table with its indexes and its recent history.
pub(crate) struct Table {
    pub(super) definition: TableDefinition,
    pub(super) items: BTreeMap<Key, Arc<Item>>,
    past: VecDeque<Past>,
}

/// How far behind an eventually consistent read may be, in milliseconds.
const MEMORY: u64 = 2_000;

impl Table {
    pub(super) fn new(definition: TableDefinition) -> Self {
        Self {
            definition,
            items: BTreeMap::new(),
            past: VecDeque::new(),
        }
    }

    pub(super) fn key(&self, item: &Item) -> Key {
        let partition = &self.definition.partition.name;
        let Some(AttributeValue::S(partition)) = item.get(partition) else {
            panic!("{}: an item without a partition key", self.definition.name);
        };
        let sort = match &self.definition.sort {
            None => Sort::None,
            Some(sort) => sort_of(sort, item)
                .unwrap_or_else(|| panic!("{}: an item without a sort key", self.definition.name)),
        };
        Key {
            hash: hash(partition),
            partition: partition.clone(),
            sort,
        }
    }

    /// Replaces all items, as a restore does.
    pub(super) fn put_back(&mut self, items: Vec<Item>) {
        self.past.clear();
        self.items = items
            .into_iter()
            .map(|item| (self.key(&item), Arc::new(item)))
            .collect();
    }

    pub(super) fn get<'a>(&'a self, key: &Key, overlay: &'a Overlay) -> Option<&'a Arc<Item>> {
        match overlay.get(key) {
            Some(before) => before.as_ref(),
            None => self.items.get(key),
        }
    }

    pub(super) fn write(&mut self, at: u64, key: Key, item: Option<Item>) {
        let before = match item {
            Some(item) => self.items.insert(key.clone(), Arc::new(item)),
            None => self.items.remove(&key),
        };
        while self.past.front().is_some_and(|past| past.at + MEMORY < at) {
            self.past.pop_front();
        }
        self.past.push_back(Past { at, key, before });
    }

    /// Returns how the table differed from now before this number of last writes.
    pub(super) fn before(&self, writes: usize) -> Overlay {
        let past = self.past.iter().rev().take(writes);
        past.map(|past| (past.key.clone(), past.before.clone())).collect()
    }

    /// Returns how many writes an eventually consistent read at this time may be behind.
    pub(super) fn recent(&self, at: u64) -> usize {
        self.past.iter().filter(|past| past.at + MEMORY >= at).count()
    }

    /// Returns all items as a read sees them, in the order of a scan.
    pub(super) fn seen<'a>(&'a self, overlay: &'a Overlay) -> Vec<(&'a Key, &'a Arc<Item>)> {
        if overlay.is_empty() {
            return self.items.iter().collect();
        }
        let current = self.items.iter().filter(|(key, _)| !overlay.contains_key(*key));
        let past = overlay
            .iter()
            .filter_map(|(key, item)| Some((key, item.as_ref()?)));
        let mut all: Vec<_> = current.chain(past).collect();
        all.sort_by_key(|(key, _)| *key);
        all
    }

    pub(super) fn index(&self, name: &str) -> &IndexDefinition {
        let index = self.definition.indexes.iter().find(|index| index.name == name);
        index.unwrap_or_else(|| panic!("{} has no index {name}", self.definition.name))
    }
}

/// Returns the sort key of an item, if it has one.
pub(super) fn sort_of(attribute: &KeyAttribute, item: &Item) -> Option<Sort> {
    match (attribute.kind, item.get(&attribute.name)?) {
        (KeyKind::Text, AttributeValue::S(text)) => Some(Sort::Text(text.clone())),
        (KeyKind::Number, AttributeValue::N(number)) => Some(Sort::Number(number.parse().ok()?)),
        _ => None,
    }
}

/// Returns the position of a partition key in a scan, which also determines its stream shard. FNV-1a, mixed once more so that
/// its high bits differ for short texts.
pub(crate) fn hash(partition: &str) -> u32 {
    let hash = partition.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d)
}
