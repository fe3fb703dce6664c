use super::error::ControlError;
use super::record::{Kind, Phase, Run, RunId};
use super::round::{Round, Swept};
use super::segment::{self, Segment};
use super::task::Place;
use crate::item::{Item, SELF, SK, key, text};
use crate::registry::{REGISTRY, Registry};
use crate::report::{BatchReport, Meter};
use crate::table::{Table, Written, back_off};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// The registry, the runs and their segments in a subscriber's table.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) table: Table,
}

/// The prefix of the sort keys of what rounds have found.
const SWEPT: &str = "swept#";

/// The number of attempts of a change that conflicts with other changes.
const ATTEMPTS: u32 = 8;

impl Store {
    /// Reads the registry. 1 RU.
    pub(crate) async fn registry(&self) -> Result<Registry, ControlError> {
        let item = self.get(key(REGISTRY, SELF)).await?;
        Ok(Registry::read(item.as_ref()))
    }

    /// Reads a run. 1 RU.
    pub(crate) async fn run(&self, id: RunId) -> Result<Option<Run>, ControlError> {
        self.get(key(REGISTRY, id.to_string()))
            .await?
            .map(read)
            .transpose()
    }

    /// Reads the runs of a kind, the latest first. 1 RU per 4 KB, which is about ten runs.
    pub(crate) async fn runs(&self, kind: Kind) -> Result<Vec<Run>, ControlError> {
        let items = self.begins_with(REGISTRY, kind.prefix()).await?;
        items.into_iter().rev().map(read).collect()
    }

    /// Reads the segments of a phase that have begun. 1 RU per 4 KB.
    pub(crate) async fn segments(
        &self,
        run: RunId,
        phase: Phase,
    ) -> Result<BTreeMap<Place, Segment>, ControlError> {
        let items = self
            .begins_with(&segment::partition(run), segment::prefix(phase))
            .await?;
        let mut segments = BTreeMap::new();
        for item in items {
            if let Some(place) = text(&item, SK).as_deref().and_then(segment::place) {
                segments.insert(place, read(item)?);
            }
        }
        Ok(segments)
    }

    /// Reads a segment. 1 RU.
    pub(crate) async fn segment(
        &self,
        run: RunId,
        phase: Phase,
        place: &Place,
    ) -> Result<Segment, ControlError> {
        let key = key(segment::partition(run), segment::sort(phase, place));
        Ok(self.get(key).await?.map(read).transpose()?.unwrap_or_default())
    }

    /// Saves a segment on the condition that nobody else did. Returns `false` when another worker is working on it. 1
    /// WU per KB.
    pub(crate) async fn save_segment(
        &self,
        run: RunId,
        phase: Phase,
        place: &Place,
        segment: &mut Segment,
    ) -> Result<bool, ControlError> {
        let key = key(segment::partition(run), segment::sort(phase, place));
        let before = segment.r;
        segment.r += 1;
        self.put(key, segment, before).await
    }

    /// Saves a run on the condition that nobody else did. Returns `false` when it changed. 1 WU per KB.
    pub(crate) async fn save_run(&self, run: &mut Run) -> Result<bool, ControlError> {
        let before = run.r;
        run.r += 1;
        self.put(key(REGISTRY, run.id.to_string()), run, before).await
    }

    /// Changes the registry and runs in one transaction (G9). Returns `false` when one of them changed in the meantime;
    /// read them again and repeat the call with the same `attempts`. 2 WU per item and KB.
    ///
    /// Each run has its own condition, because workers save runs without the registry: a run that overwrote a worker's
    /// save would have that worker's revision, and the next save would undo the change.
    pub(crate) async fn transition(
        &self,
        registry: &Registry,
        runs: Vec<Run>,
        attempts: &mut Attempts,
    ) -> Result<bool, ControlError> {
        let mut others = Vec::new();
        for mut run in runs {
            let before = run.r;
            run.r += 1;
            let item = item(key(REGISTRY, run.id.to_string()), &run)?;
            others.push(self.table.put_unchanged(item, before).map_err(unavailable)?);
        }
        let written = self
            .table
            .transact(registry.next(), registry.revision, others, &meter())
            .await;
        let reason = match written {
            Written::Done => return Ok(true),
            Written::Lost(_) => "other changes of the registry won every race".to_owned(),
            Written::Busy(error) | Written::Outdated(error) => error,
            Written::Invalid(error) | Written::Failed(error) => {
                return Err(ControlError::Unavailable(error));
            }
        };
        attempts.0 += 1;
        if attempts.0 >= ATTEMPTS {
            return Err(ControlError::Unavailable(reason));
        }
        back_off(attempts.0).await;
        Ok(false)
    }

    /// Reads the round of an event table. 1 RU.
    pub(crate) async fn round(&self, table: &str) -> Result<Option<Round>, ControlError> {
        self.get(key(REGISTRY, format!("round#{table}")))
            .await?
            .map(read)
            .transpose()
    }

    /// Saves the round of an event table on the condition that nobody else did. Returns `false` when another worker did. 1
    /// WU per KB.
    pub(crate) async fn save_round(&self, table: &str, round: &mut Round) -> Result<bool, ControlError> {
        let before = round.r;
        round.r += 1;
        self.put(key(REGISTRY, format!("round#{table}")), round, before)
            .await
    }

    /// Reads what the last complete rounds have found, by category. 1 RU.
    pub(crate) async fn swept(&self) -> Result<BTreeMap<String, Swept>, ControlError> {
        let mut swept = BTreeMap::new();
        for item in self.begins_with(REGISTRY, SWEPT).await? {
            let category = text(&item, SK).and_then(|sk| Some(sk.strip_prefix(SWEPT)?.to_owned()));
            if let Some(category) = category {
                swept.insert(category, read(item)?);
            }
        }
        Ok(swept)
    }

    /// Saves what a complete round has found of a category. 1 RU and 1 WU.
    pub(crate) async fn save_swept(
        &self,
        category: &str,
        documents: u64,
        ended: Timestamp,
    ) -> Result<(), ControlError> {
        let key = key(REGISTRY, format!("{SWEPT}{category}"));
        let known: Option<Swept> = self.get(key.clone()).await?.map(read).transpose()?;
        let before = known.map_or(0, |known| known.r);
        let swept = Swept {
            documents,
            ended,
            r: before + 1,
        };
        // Another worker that finishes the same round writes the same.
        self.put(key, &swept, before).await.map(drop)
    }

    async fn get(&self, key: Item) -> Result<Option<Item>, ControlError> {
        self.table
            .get(key, true, &meter())
            .await
            .map_err(ControlError::Unavailable)
    }

    async fn begins_with(&self, pk: &str, prefix: &str) -> Result<Vec<Item>, ControlError> {
        self.table
            .beginning(pk, prefix, &meter())
            .await
            .map_err(ControlError::Unavailable)
    }

    async fn put(&self, key: Item, record: &impl Serialize, revision: u64) -> Result<bool, ControlError> {
        let item = item(key, record)?;
        let mut reason = String::new();
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                back_off(attempt).await;
            }
            match self.table.put(item.clone(), revision, &meter()).await {
                Written::Done => return Ok(true),
                Written::Lost(_) => return Ok(false),
                Written::Busy(error) | Written::Outdated(error) => reason = error,
                Written::Invalid(error) | Written::Failed(error) => {
                    return Err(ControlError::Unavailable(error));
                }
            }
        }
        Err(ControlError::Unavailable(reason))
    }
}

/// The number of attempts of a transition.
#[derive(Debug, Default)]
pub(crate) struct Attempts(u32);

fn item(key: Item, record: &impl Serialize) -> Result<Item, ControlError> {
    let mut item: Item = serde_dynamo::to_item(record).map_err(unavailable)?;
    item.extend(key);
    Ok(item)
}

fn read<T: DeserializeOwned>(item: Item) -> Result<T, ControlError> {
    serde_dynamo::from_item(item).map_err(|error| unavailable(commit::fault(&error)))
}

fn unavailable(error: impl std::fmt::Display) -> ControlError {
    ControlError::Unavailable(error.to_string())
}

pub(crate) fn meter() -> Meter {
    Meter::new(BatchReport::default())
}
