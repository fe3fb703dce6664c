use crate::derived::{Row, Tally};
use crate::item::{Item, PK, ROWS, SK, TALLIES, n, number, set_or_remove};
use crate::mutation::{Safeguard, is_removed};
use crate::subscriber::Derived;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The items that a document has outside itself: its rows (with a hash of their data) and its contributions to tallies.
/// The ledger is stored in the document, so that the difference is correct even after the code that derives rows has
/// changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Ledger {
    rows: BTreeMap<(String, String), u64>,
    tallies: BTreeMap<String, BTreeMap<String, i64>>,
}

/// One change outside the document, between one ledger and the next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Put {
        partition: String,
        sort: String,
        data: Value,
    },
    Delete {
        partition: String,
        sort: String,
    },
    /// Writes an immutable row, which is in no ledger.
    Append {
        partition: String,
        sort: String,
        data: Value,
    },
    /// Wider than `i64`: the difference between the highest and the lowest contribution needs one more bit.
    Add {
        tally: String,
        amounts: BTreeMap<String, i128>,
        now: BTreeMap<String, i64>,
    },
}

impl Ledger {
    pub(crate) fn read(item: &Item) -> Self {
        let rows = item.get(ROWS).and_then(|rows| rows.as_l().ok());
        let rows = rows.into_iter().flatten().filter_map(|row| {
            let row = row.as_m().ok()?;
            let (p, s) = (row.get("p")?.as_s().ok()?, row.get("s")?.as_s().ok()?);
            Some(((p.clone(), s.clone()), number(row.get("h")?)?))
        });
        let tallies = item.get(TALLIES).and_then(|tallies| tallies.as_m().ok());
        let tallies = tallies.into_iter().flatten().filter_map(|(tally, amounts)| {
            let amounts = amounts.as_m().ok()?.iter();
            let amounts = amounts.filter_map(|(name, a)| Some((name.clone(), number(a)?)));
            Some((tally.clone(), amounts.collect()))
        });
        Self {
            rows: rows.collect(),
            tallies: tallies.collect(),
        }
    }

    pub(crate) fn write(&self, item: &mut Item) {
        let rows: Vec<AttributeValue> = self
            .rows
            .iter()
            .map(|((partition, sort), hash)| {
                AttributeValue::M(Item::from([
                    ("p".to_owned(), AttributeValue::S(partition.clone())),
                    ("s".to_owned(), AttributeValue::S(sort.clone())),
                    ("h".to_owned(), n(hash)),
                ]))
            })
            .collect();
        let tallies: Item = self
            .tallies
            .iter()
            .map(|(tally, amounts)| {
                let amounts = amounts.iter().map(|(name, a)| (name.clone(), n(a)));
                (tally.clone(), AttributeValue::M(amounts.collect()))
            })
            .collect();
        let rows = (!rows.is_empty()).then_some(AttributeValue::L(rows));
        let tallies = (!tallies.is_empty()).then_some(AttributeValue::M(tallies));
        set_or_remove(item, ROWS, rows);
        set_or_remove(item, TALLIES, tallies);
    }

    /// Returns the number of rows that the document has in a partition.
    pub(crate) fn rows_in(&self, partition: &str) -> usize {
        self.rows.keys().filter(|(p, _)| p == partition).count()
    }

    /// Returns the changes from this ledger to what the document now derives. An error is a defect of the view's code.
    pub(crate) fn changes(&self, derived: &Derived) -> Result<Vec<Change>, String> {
        let mut changes = self.row_changes(&derived.rows)?;
        changes.extend(self.tally_changes(&derived.tallies)?);
        Ok(changes)
    }

    fn row_changes(&self, rows: &[Row]) -> Result<Vec<Change>, String> {
        let mut wanted = BTreeSet::new();
        let mut changes = Vec::new();
        for row in rows {
            row.check_place()?;
            let Row {
                partition,
                sort,
                data,
            } = row.clone();
            let key = (partition.clone(), sort.clone());
            let known = self.rows.get(&key) == Some(&hash(&data));
            if !wanted.insert(key) {
                return Err(format!("two different rows at {partition:?}, {sort:?}"));
            }
            if !known {
                changes.push(Change::Put {
                    partition,
                    sort,
                    data,
                });
            }
        }
        let gone = self.rows.keys().filter(|key| !wanted.contains(*key));
        changes.extend(
            gone.cloned()
                .map(|(partition, sort)| Change::Delete { partition, sort }),
        );
        Ok(changes)
    }

    /// Returns the amounts to be added to counters, [`Change::Add`] only.
    pub(crate) fn tally_changes(&self, tallies: &[Tally]) -> Result<Vec<Change>, String> {
        let mut wanted: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
        for tally in tallies {
            let amounts = wanted.entry(&tally.key).or_default();
            for (name, amount) in &tally.amounts {
                if [PK, SK].contains(&name.as_str()) || name.is_empty() {
                    return Err(format!(
                        "the tally {:?} has a counter with the reserved name {name:?}",
                        tally.key
                    ));
                }
                let sum = amounts.entry(name).or_default();
                *sum = sum
                    .checked_add(*amount)
                    .ok_or_else(|| format!("the tally {:?} overflows", tally.key))?;
            }
        }
        let none = BTreeMap::new();
        let keys: BTreeSet<&str> = wanted
            .keys()
            .copied()
            .chain(self.tallies.keys().map(String::as_str))
            .collect();
        let changes = keys.into_iter().filter_map(|key| {
            let old = self.tallies.get(key);
            let old = old
                .filter(|_| !is_removed(Safeguard::TallyDifference))
                .unwrap_or(&none);
            let new = wanted.remove(key).unwrap_or_default();
            let names: BTreeSet<&str> = new
                .keys()
                .copied()
                .chain(old.keys().map(String::as_str))
                .collect();
            let amounts: BTreeMap<String, i128> = names
                .into_iter()
                .map(|name| {
                    let before = i128::from(old.get(name).copied().unwrap_or(0));
                    let after = i128::from(new.get(name).copied().unwrap_or(0));
                    (name.to_owned(), after - before)
                })
                .filter(|(_, difference)| *difference != 0)
                .collect();
            (!amounts.is_empty()).then(|| Change::Add {
                tally: key.to_owned(),
                amounts,
                now: new
                    .into_iter()
                    .filter(|(_, amount)| *amount != 0)
                    .map(|(name, amount)| (name.to_owned(), amount))
                    .collect(),
            })
        });
        Ok(changes.collect())
    }

    /// Records that a change was written.
    pub(crate) fn note(&mut self, change: &Change) {
        match change {
            Change::Put {
                partition,
                sort,
                data,
            } => {
                self.rows.insert((partition.clone(), sort.clone()), hash(data));
            }
            Change::Delete { partition, sort } => {
                self.rows.remove(&(partition.clone(), sort.clone()));
            }
            Change::Append { .. } => {}
            Change::Add { tally, now, .. } if now.is_empty() => {
                self.tallies.remove(tally);
            }
            Change::Add { tally, now, .. } => {
                self.tallies.insert(tally.clone(), now.clone());
            }
        }
    }
}

/// Returns the FNV-1a hash of the JSON text, which is the same in every process, unlike Rust's default hasher.
fn hash(data: &Value) -> u64 {
    data.to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(sort: &str, data: Value) -> Row {
        Row {
            partition: "zip-94612".into(),
            sort: sort.into(),
            data,
        }
    }

    fn tally(key: &str, orders: i64) -> Tally {
        Tally {
            key: key.into(),
            amounts: [("orders".to_owned(), orders)].into(),
        }
    }

    fn derived(rows: Vec<Row>, tallies: Vec<Tally>) -> Derived {
        Derived {
            index: None,
            rows,
            tallies,
            ..Derived::default()
        }
    }

    fn after(ledger: &Ledger, derived: &Derived) -> (Ledger, Vec<Change>) {
        let changes = ledger.changes(derived).unwrap();
        let mut next = ledger.clone();
        changes.iter().for_each(|change| next.note(change));
        (next, changes)
    }

    #[test]
    fn unchanged_document_has_no_changes() {
        let now = derived(vec![row("a", json!({"x": 1}))], vec![tally("day", 3)]);
        let (ledger, first) = after(&Ledger::default(), &now);
        assert_eq!(first.len(), 2);
        assert_eq!(ledger.changes(&now).unwrap(), []);
    }

    #[test]
    fn changed_row_is_put_and_missing_row_is_deleted() {
        let (ledger, _) = after(
            &Ledger::default(),
            &derived(vec![row("a", json!({"x": 1})), row("b", json!({}))], vec![]),
        );
        let (_, changes) = after(&ledger, &derived(vec![row("a", json!({"x": 2}))], vec![]));
        assert!(matches!(&changes[0], Change::Put { sort, .. } if sort == "a"));
        assert!(matches!(&changes[1], Change::Delete { sort, .. } if sort == "b"));
        assert_eq!(changes.len(), 2);
    }

    #[test]
    fn a_tally_gets_the_difference() {
        let (ledger, _) = after(&Ledger::default(), &derived(vec![], vec![tally("day", 3)]));
        let (ledger, changes) = after(&ledger, &derived(vec![], vec![tally("day", 5)]));
        assert!(matches!(&changes[..], [Change::Add { amounts, .. }] if amounts["orders"] == 2));
        let (ledger, changes) = after(&ledger, &derived(vec![], vec![]));
        assert!(matches!(&changes[..], [Change::Add { amounts, .. }] if amounts["orders"] == -5));
        assert_eq!(ledger, Ledger::default());
    }

    #[test]
    fn counter_with_the_name_of_a_key_is_refused() {
        for name in ["pk", "sk", ""] {
            let tally = Tally {
                key: "day".into(),
                amounts: [(name.to_owned(), 1)].into(),
            };
            assert!(Ledger::default().changes(&derived(vec![], vec![tally])).is_err());
        }
    }

    #[test]
    fn two_contributions_to_one_tally_add_up() {
        let (_, changes) = after(
            &Ledger::default(),
            &derived(vec![], vec![tally("day", 3), tally("day", 4)]),
        );
        assert!(matches!(&changes[..], [Change::Add { amounts, .. }] if amounts["orders"] == 7));
    }

    #[test]
    fn ledger_is_stored_in_the_document_and_read_back() {
        let now = derived(vec![row("a", json!({"x": 1}))], vec![tally("day", -3)]);
        let (ledger, _) = after(&Ledger::default(), &now);
        let mut item = Item::new();
        ledger.write(&mut item);
        assert_eq!(Ledger::read(&item), ledger);
    }

    #[test]
    fn rows_in_the_place_of_another_item_are_refused() {
        let taken = [row("-", json!({})), row("tally", json!({})), row("", json!({}))];
        for row in taken {
            assert!(Ledger::default().changes(&derived(vec![row], vec![])).is_err());
        }
        let twice = vec![row("a", json!({})), row("a", json!({"x": 1}))];
        assert!(Ledger::default().changes(&derived(twice, vec![])).is_err());
    }
}
