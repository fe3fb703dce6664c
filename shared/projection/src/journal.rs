use crate::derived::Row;
use crate::ledger::Change;
use serde_json::Value;
use std::collections::BTreeMap;

/// The immutable rows of the events that were applied since the document was read. They are written with the document
/// and then dropped, so the document does not grow with them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Journal(BTreeMap<(String, String), Value>);

impl Journal {
    /// Checks that these rows may be appended: their places are valid, and no other row is known there. An error is a
    /// defect of the view's code.
    pub(crate) fn check(&self, rows: &[Row]) -> Result<(), String> {
        let mut new: BTreeMap<(&str, &str), &Value> = BTreeMap::new();
        for row in rows {
            let (partition, sort) = (row.partition.as_str(), row.sort.as_str());
            row.check_place()?;
            let known = self.0.get(&(row.partition.clone(), row.sort.clone()));
            let known = known.or(new.insert((partition, sort), &row.data));
            if known.is_some_and(|known| *known != row.data) {
                return Err(format!("two different journal rows at {partition:?}, {sort:?}"));
            }
        }
        Ok(())
    }

    pub(crate) fn append(&mut self, rows: Vec<Row>) {
        let rows = rows.into_iter();
        self.0
            .extend(rows.map(|row| ((row.partition, row.sort), row.data)));
    }

    /// Returns all rows, in the order of their places.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let rows = self.0.iter().map(|((partition, sort), data)| Row {
            partition: partition.clone(),
            sort: sort.clone(),
            data: data.clone(),
        });
        rows.collect()
    }

    /// Returns the changes to be written: all rows, because it is harmless to write an immutable row again.
    pub(crate) fn changes(&self) -> impl Iterator<Item = Change> {
        self.0.iter().map(|((partition, sort), data)| Change::Append {
            partition: partition.clone(),
            sort: sort.clone(),
            data: data.clone(),
        })
    }

    pub(crate) fn has(&self, partition: &str, sort: &str) -> bool {
        self.0.contains_key(&(partition.to_owned(), sort.to_owned()))
    }

    /// Returns the rows of a partition, by sort key.
    pub(crate) fn of(&self, partition: &str) -> impl Iterator<Item = (&str, &Value)> {
        let rows = self.0.range((partition.to_owned(), String::new())..);
        rows.take_while(move |((p, _), _)| p == partition)
            .map(|((_, sort), data)| (sort.as_str(), data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(partition: &str, sort: &str, data: Value) -> Row {
        Row {
            partition: partition.into(),
            sort: sort.into(),
            data,
        }
    }

    #[test]
    fn repeated_row_is_written_once() {
        let mut journal = Journal::default();
        for _ in 0..2 {
            let rows = vec![row("account", "1", json!({"x": 1}))];
            journal.check(&rows).unwrap();
            journal.append(rows);
        }
        assert_eq!(journal.changes().count(), 1);
    }

    #[test]
    fn different_row_in_the_same_place_is_refused() {
        let mut journal = Journal::default();
        journal.append(vec![row("account", "1", json!({"x": 1}))]);
        assert!(journal.check(&[row("account", "1", json!({"x": 2}))]).is_err());
        let twice = [row("a", "1", json!({"x": 1})), row("a", "1", json!({"x": 2}))];
        assert!(Journal::default().check(&twice).is_err());
    }

    #[test]
    fn places_of_other_items_are_refused() {
        for (partition, sort) in [("", "1"), ("a", ""), ("a", "-"), ("a", "tally")] {
            assert!(
                Journal::default()
                    .check(&[row(partition, sort, json!({}))])
                    .is_err()
            );
        }
    }

    #[test]
    fn a_partition_has_its_own_rows_in_order() {
        let mut journal = Journal::default();
        let rows = [("b", "1"), ("a", "2"), ("aa", "1"), ("a", "1")];
        journal.append(rows.map(|(p, s)| row(p, s, json!({}))).into());
        let sorts: Vec<&str> = journal.of("a").map(|(sort, _)| sort).collect();
        assert_eq!(sorts, ["1", "2"]);
    }
}
