//! The sweep finds what no later event would reveal, for example the last event of an order, lost on its way.
//!
//! It compares the head of every stream with what the documents have, and rings for what is behind: the caller sends the
//! keys as [`Parcel::Key`](commit::Parcel::Key) messages, and the projector heals.

use crate::item::{marks, partition, versions};
use crate::registry::{REGISTRY, Registry};
use crate::report::{BatchReport, Meter};
use crate::source::{SourceError, Sources};
use crate::table::{Look, Table};
use aws_sdk_dynamodb::Client;
use commit::CommitKey;
use std::collections::BTreeSet;

/// What a sweep found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swept {
    /// Streams that were compared.
    pub streams: u64,
    /// Those that stand still because of the quarantine.
    pub quarantined: u64,
    /// The last commit of every stream that a document is behind of.
    pub behind: Vec<CommitKey>,
}

/// Why a sweep ended before its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SweepError {
    /// An event table cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The view's table cannot be read.
    #[error("the view's table cannot be read: {0}")]
    View(String),
}

/// How often a batch read asks for what DynamoDB left unprocessed.
const ATTEMPTS: u32 = 8;

/// Compares every stream of these categories with the documents of every generation that is fed.
///
/// It scans the keys of the event tables, billed as the whole items: 1 RU per 4 KB; and reads each document once: 1 RU per
/// 4 KB. The memory it takes does not depend on the number of streams, except for what is behind.
///
/// # Errors
/// [`SweepError`]. Nothing was changed.
pub async fn quick(
    client: &Client,
    view_table: &str,
    sources: &Sources,
    categories: &[&str],
) -> Result<Swept, SweepError> {
    let table = Table {
        client: client.clone(),
        name: view_table.to_owned(),
    };
    let meter = Meter::new(BatchReport::default());
    let key = crate::item::key(REGISTRY, crate::item::SELF);
    let registry = table.get(key, true, &meter).await;
    let registry = Registry::read(registry.map_err(SweepError::View)?.as_ref());
    let mut sweep = Sweep {
        table,
        meter,
        feeding: registry.feeding,
        heads: Vec::new(),
        swept: Swept::default(),
    };
    for category in categories {
        let source = sources.of(category)?;
        let mut start = None;
        loop {
            let page = source.heads(0, 1, start.as_ref()).await?;
            for key in page.keys {
                if key.stream.category() == *category {
                    sweep.see(key).await?;
                }
            }
            start = page.next;
            if start.is_none() {
                break;
            }
        }
        sweep.compare(0).await?;
    }
    Ok(sweep.swept)
}

struct Sweep {
    table: Table,
    meter: Meter,
    feeding: BTreeSet<u64>,
    /// The last key seen of each stream that is not compared yet. A scan gives the items of a stream together and in
    /// order, so only the last of these may still grow.
    heads: Vec<CommitKey>,
    swept: Swept,
}

/// One batch read.
const TOGETHER: usize = 100;

impl Sweep {
    async fn see(&mut self, key: CommitKey) -> Result<(), SweepError> {
        match self.heads.last_mut() {
            Some(last) if last.stream == key.stream => *last = key,
            _ => self.heads.push(key),
        }
        if self.heads.len() > TOGETHER {
            self.compare(1).await?;
        }
        Ok(())
    }

    /// Compares all heads but the last so many.
    async fn compare(&mut self, but: usize) -> Result<(), SweepError> {
        let ready = self.heads.len() - but.min(self.heads.len());
        let heads: Vec<CommitKey> = self.heads.drain(..ready).collect();
        self.swept.streams += heads.len() as u64;
        let mut behind = BTreeSet::new();
        for generation in &self.feeding {
            for (number, held) in self.behind(*generation, &heads).await? {
                if held {
                    self.swept.quarantined += 1;
                } else {
                    behind.insert(number);
                }
            }
        }
        let behind = behind.into_iter().map(|number| heads[number].clone());
        self.swept.behind.extend(behind);
        Ok(())
    }

    /// Which heads the documents of a generation are behind of, and whether because of the quarantine.
    async fn behind(&self, generation: u64, heads: &[CommitKey]) -> Result<Vec<(usize, bool)>, SweepError> {
        let mut found = Vec::new();
        for (chunk, part) in heads.chunks(TOGETHER).enumerate() {
            let pks: Vec<String> = part
                .iter()
                .map(|head| partition(generation, head.stream.id()))
                .collect();
            let look = Look {
                projection: Some(&["pk", "v", "q"]),
                ..Look::DOCUMENTS
            };
            let many = self.table.get_chunk(&pks, look, ATTEMPTS, &self.meter).await;
            if let Some(error) = many.unread.into_values().next() {
                return Err(SweepError::View(error));
            }
            for (number, (head, pk)) in part.iter().zip(&pks).enumerate() {
                let source = head.stream.category();
                let document = many.found.get(pk);
                let version = document.and_then(|item| versions(item).remove(source));
                if version.unwrap_or(0) < head.last() {
                    let held = document.is_some_and(|item| marks(item).contains_key(source));
                    found.push((chunk * TOGETHER + number, held));
                }
            }
        }
        Ok(found)
    }
}
