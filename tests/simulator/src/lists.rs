//! Reads lists, rows and tallies with a token for everything that was committed: they must be exact (G10, G13).

use crate::subject::Subject;
use anyhow::{Context, ensure};
use commit::{Commit, StreamId};
use projection::testing::{Contents, Examined, counters};
use projection::{Filter, IndexQuery, ReadError, ReadYourWrites, RowRange, RowsQuery};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The limit for the pages of a list.
const PAGES: usize = 500;

impl Subject {
    /// Reads one list, one partition of rows and one tally.
    pub(crate) async fn read_lists(&self, view: &dyn Examined) -> anyhow::Result<()> {
        let history = self.history()?;
        let mut heads: BTreeMap<&StreamId, u64> = BTreeMap::new();
        for commit in &history {
            heads.insert(&commit.stream, commit.last());
        }
        let positions = heads
            .iter()
            .map(|(stream, head)| (StreamId::clone(stream), *head))
            .collect();
        let read = ReadYourWrites {
            positions,
            wait: None,
        };
        let expected = view.expected(1, &history)?;
        for kind in [Kind::List, Kind::Rows, Kind::Tally] {
            let Some((partition, wanted)) = self.any(kind, &expected) else {
                continue;
            };
            let found = match kind {
                Kind::List => self.list(view, &partition, &read).await,
                Kind::Rows => self.rows(view, &partition, &read).await,
                Kind::Tally => tally(view, &partition, &read).await,
            };
            let found = match found {
                Ok(found) => found,
                // With faults this is a correct reply.
                Err(ReadError::Unavailable(_)) => continue,
                Err(error) => anyhow::bail!("{} failed to read {kind:?} {partition}: {error}", self.name()),
            };
            // Commits that were stored during the read may or may not be included.
            if self.history()? == history {
                ensure!(
                    found == wanted,
                    "{} returned {found:?} for {kind:?} {partition} instead of {wanted:?}",
                    self.name()
                );
            }
        }
        Ok(())
    }

    /// Returns every commit of the view's sources, stream by stream and in order.
    fn history(&self) -> anyhow::Result<Vec<Commit>> {
        let tables: BTreeSet<&String> = self
            .categories()
            .iter()
            .filter_map(|source| self.owners.get(source))
            .collect();
        let mut history = Vec::new();
        for table in tables {
            for item in self.world.contents(table) {
                let commit: Commit = serde_dynamo::from_item(item).context("an item that is not a commit")?;
                if self.categories().contains(&commit.stream.category()) {
                    history.push(commit);
                }
            }
        }
        history.sort_by(|a: &Commit, b| (&a.stream, a.first).cmp(&(&b.stream, b.first)));
        Ok(history)
    }

    /// Draws one partition of a kind, and returns its contents.
    fn any(&self, kind: Kind, expected: &Contents) -> Option<(String, Vec<Value>)> {
        let mut all: BTreeMap<String, Vec<(String, String, Value)>> = BTreeMap::new();
        if let Kind::Tally = kind {
            for (tally, amounts) in counters(expected) {
                let amounts = amounts.into_iter().filter(|(_, amount)| *amount != 0);
                let amounts = amounts.map(|(name, amount)| (name, Value::from(amount)));
                let value = Value::Object(amounts.collect());
                all.insert(tally, vec![(String::new(), String::new(), value)]);
            }
        }
        for ((pk, sk), item) in expected {
            let value = |name: &str| serde_dynamo::from_attribute_value(item.get(name)?.clone()).ok();
            let text = |name: &str| item.get(name)?.as_s().ok().cloned();
            let place = match kind {
                Kind::List => text("g1pk").zip(text("g1sk")).zip(value("l")),
                Kind::Rows => value("data").map(|data| ((pk.clone(), sk.clone()), data)),
                Kind::Tally => None,
            };
            if let Some(((partition, sort), value)) = place {
                let partition = partition.strip_prefix("g1#").unwrap_or_default().to_owned();
                all.entry(partition).or_default().push((sort, pk.clone(), value));
            }
        }
        let place = self.world.draw(|random| random.usize(..all.len().max(1)));
        let (partition, mut elements) = all.into_iter().nth(place)?;
        elements.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        Some((
            partition,
            elements.into_iter().map(|(_, _, value)| value).collect(),
        ))
    }

    async fn list(
        &self,
        view: &dyn Examined,
        partition: &str,
        read: &ReadYourWrites,
    ) -> Result<Vec<Value>, ReadError> {
        let mut query = IndexQuery {
            partition: partition.to_owned(),
            lower: None,
            upper: None,
            descending: false,
            limit: self.world.draw(|random| random.usize(1..4)),
            filter: Filter::default(),
            start: None,
        };
        let mut elements = Vec::new();
        for _ in 0..PAGES {
            let page = view.list(&query, read).await?;
            elements.extend(page.items);
            query.start = page.next;
            if query.start.is_none() {
                return Ok(elements);
            }
        }
        Err(ReadError::Unavailable("the list has no end".to_owned()))
    }

    async fn rows(
        &self,
        view: &dyn Examined,
        partition: &str,
        read: &ReadYourWrites,
    ) -> Result<Vec<Value>, ReadError> {
        let mut query = RowsQuery {
            partition: partition.to_owned(),
            range: RowRange::All,
            descending: false,
            limit: self.world.draw(|random| random.usize(1..4)),
            start: None,
        };
        let mut rows = Vec::new();
        for _ in 0..PAGES {
            let page = view.rows(&query, read).await?;
            rows.extend(page.rows.into_iter().map(|row| row.data));
            query.start = page.next;
            if query.start.is_none() {
                return Ok(rows);
            }
        }
        Err(ReadError::Unavailable("the rows have no end".to_owned()))
    }
}

async fn tally(view: &dyn Examined, key: &str, read: &ReadYourWrites) -> Result<Vec<Value>, ReadError> {
    let tallied = view.tallies(&[key.to_owned()], read).await?;
    let amounts = tallied.into_iter().map(|tallied| {
        let amounts = tallied.amounts.into_iter();
        Value::Object(
            amounts
                .map(|(name, amount)| (name, Value::from(amount)))
                .collect(),
        )
    });
    Ok(amounts.collect())
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    List,
    Rows,
    Tally,
}
