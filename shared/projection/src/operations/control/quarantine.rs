use super::{COUNTED, Control};
use crate::due::{DUE, Entry};
use crate::item::{SK, key, quarantine_partition, text};
use crate::operations::error::ControlError;
use crate::operations::quarantine::{QuarantinePage, Skip, Skipped};
use crate::operations::store::meter;
use crate::skips;
use crate::table::Written;
use crate::write::Quarantined;
use commit::{Message, lane};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const REDRIVES_PER_MESSAGE: usize = 100;

impl Control {
    /// Returns the quarantined sources in every generation that is fed, by source and key. `after` is the `next` of a
    /// page.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] when `after` is not from a page; [`ControlError::Unavailable`].
    pub async fn quarantine(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<QuarantinePage, ControlError> {
        let (from, mut place) = match after {
            None => (0, None),
            Some(after) => after
                .split_once('.')
                .and_then(|(generation, place)| Some((generation.parse().ok()?, Some(place.to_owned()))))
                .ok_or_else(|| ControlError::NotFound("no page of the quarantine begins there".to_owned()))?,
        };
        let mut page = QuarantinePage {
            items: Vec::new(),
            next: None,
        };
        for generation in self.store.registry().await?.feeding {
            if generation < from {
                continue;
            }
            let start = place.take().filter(|_| generation == from);
            let more = self
                .marks(generation, start.as_deref(), limit - page.items.len() + 1)
                .await?;
            page.items.extend(more.items);
            if page.items.len() > limit {
                page.items.truncate(limit);
                let last = page.items.last();
                page.next = last.map(|last| format!("{}.{}", last.generation, last.stream));
                break;
            }
        }
        Ok(page)
    }

    /// Sends a redrive of this document to the subscriber, or of all documents that stand still when it is `None`: of
    /// those that are quarantined, and of those that are tried again later. A redrive lifts the marks and heals the
    /// document from the event tables, in every generation that is fed. Returns the number of documents.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for a document that does not stand still.
    pub async fn redrive(&self, document: Option<&str>) -> Result<u64, ControlError> {
        let mut keys = BTreeSet::new();
        for generation in self.store.registry().await?.feeding {
            let mut after: Option<String> = None;
            loop {
                let page = self.marks(generation, after.as_deref(), COUNTED).await?;
                let here = page.items.iter().map(|mark| mark.stream.id().to_owned());
                keys.extend(here.filter(|key| document.is_none_or(|wanted| wanted == key)));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        let due = self.store.table.partition(DUE, &meter()).await;
        let due = due.map_err(ControlError::Unavailable)?;
        let due = due.iter().filter_map(Entry::read).map(|entry| entry.key.stream);
        let due = due.map(|stream| stream.id().to_owned());
        keys.extend(due.filter(|key| document.is_none_or(|wanted| wanted == key)));
        if let (Some(document), true) = (document, keys.is_empty()) {
            return Err(ControlError::NotFound(format!(
                "no source of the document {document:?} stands still"
            )));
        }
        let count = keys.len() as u64;
        self.send_redrives(keys).await?;
        Ok(count)
    }

    async fn send_redrives(&self, keys: BTreeSet<String>) -> Result<(), ControlError> {
        let mut lanes: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for key in keys {
            let lane = lane(&key, self.options.lanes);
            lanes.entry(lane).or_default().push(key);
        }
        for (lane, keys) in lanes {
            for keys in keys.chunks(REDRIVES_PER_MESSAGE) {
                let message = Message {
                    redrive: keys.to_vec(),
                    ..Message::default()
                };
                self.bell
                    .send(&self.subject.name, &lane.to_string(), message)
                    .await?;
            }
        }
        Ok(())
    }

    /// Leaves one event out of its document, in every generation from now on, and redrives the document.
    ///
    /// # Errors
    /// [`ControlError::Refused`] unless the document is quarantined at this event.
    pub async fn skip(&self, skip: Skip) -> Result<Skipped, ControlError> {
        let known = self
            .store
            .table
            .get(skips::place(&skip.stream, skip.version), true, &meter())
            .await
            .map_err(ControlError::Unavailable)?;
        let skipped = if let Some(known) = known.as_ref().and_then(skips::read) {
            known
        } else {
            self.stands_still_at(&skip).await?;
            let skipped = Skipped {
                skip,
                // The time as it is stored.
                time: Timestamp::from_millisecond(self.now().as_millisecond()).unwrap_or_default(),
            };
            let written = self.store.table.put(skips::write(&skipped), 0, &meter()).await;
            match written {
                Written::Done | Written::Lost(_) => skipped,
                Written::Busy(error)
                | Written::Outdated(error)
                | Written::Invalid(error)
                | Written::Failed(error) => {
                    return Err(ControlError::Unavailable(error));
                }
            }
        };
        let key = skipped.skip.stream.id().to_owned();
        self.send_redrives([key].into()).await?;
        Ok(skipped)
    }

    async fn stands_still_at(&self, skip: &Skip) -> Result<(), ControlError> {
        let mut at = None;
        for generation in self.store.registry().await?.feeding {
            let key = key(quarantine_partition(generation), skip.stream.to_string());
            let item = self.store.table.get(key, true, &meter()).await;
            let item = item.map_err(ControlError::Unavailable)?;
            if let Some(mark) = item.and_then(|item| Quarantined::read(generation, &item)) {
                if mark.version == skip.version {
                    return Ok(());
                }
                at = Some(mark.version);
            }
        }
        Err(ControlError::Refused(match at {
            Some(version) => format!(
                "{} is quarantined at version {version}, not at {}: only the event in quarantine can be skipped",
                skip.stream, skip.version
            ),
            None => format!("{} is not quarantined: there is nothing to skip", skip.stream),
        }))
    }

    /// Returns the events that are left out, at most a thousand.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn skipped(&self) -> Result<Vec<Skipped>, ControlError> {
        let (items, _) = self
            .store
            .table
            .page(skips::SKIPS, None, COUNTED, &meter())
            .await
            .map_err(ControlError::Unavailable)?;
        Ok(items.iter().filter_map(skips::read).collect())
    }

    /// Returns up to `limit` marks of a generation, after this stream.
    pub(super) async fn marks(
        &self,
        generation: u64,
        after: Option<&str>,
        limit: usize,
    ) -> Result<QuarantinePage, ControlError> {
        let (items, more) = self
            .store
            .table
            .page(&quarantine_partition(generation), after, limit, &meter())
            .await
            .map_err(ControlError::Unavailable)?;
        let next = items.last().filter(|_| more);
        let next = next.and_then(|item| text(item, SK));
        Ok(QuarantinePage {
            items: items
                .iter()
                .filter_map(|item| Quarantined::read(generation, item))
                .collect(),
            next,
        })
    }
}
