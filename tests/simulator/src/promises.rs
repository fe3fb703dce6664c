//! The replies that clients received, and checks that they hold.

use crate::deployment::Deployment;
use crate::faults::Fault;
use anyhow::{Context, ensure};
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{CommandId, Commit, StreamId};
use projection::operations::Task;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An acknowledged command.
#[derive(Debug, Clone)]
pub(crate) struct Acknowledged {
    pub(crate) stream: StreamId,
    pub(crate) version: u64,
    pub(crate) command: CommandId,
    /// Whether it changed anything.
    pub(crate) changed: bool,
}

/// What clients know.
#[derive(Debug, Default)]
pub(crate) struct Promises(Mutex<Vec<Acknowledged>>);

impl Promises {
    fn all(&self) -> MutexGuard<'_, Vec<Acknowledged>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn note(&self, acknowledged: Acknowledged) {
        self.all().push(acknowledged);
    }

    /// Forgets what a restore has undone.
    pub(crate) fn put_back(&self, history: &[Commit]) {
        let mut heads: BTreeMap<&StreamId, u64> = BTreeMap::new();
        for commit in history {
            heads.insert(&commit.stream, commit.last());
        }
        let stored = |known: &Acknowledged| {
            heads
                .get(&known.stream)
                .is_some_and(|head| *head >= known.version)
        };
        self.all().retain(stored);
    }

    /// Returns the token of a client that knows all acknowledged commands of a document so far.
    pub(crate) fn token(&self, key: &str, categories: &[&str]) -> BTreeMap<StreamId, u64> {
        let mut token = BTreeMap::new();
        for known in self.all().iter().filter(|known| known.stream.id() == key) {
            if categories.contains(&known.stream.category()) {
                let version = token.entry(known.stream.clone()).or_default();
                *version = known.version.max(*version);
            }
        }
        token
    }

    /// Returns the key of any known document of these categories.
    pub(crate) fn key(&self, categories: &[&str], random: &mut fastrand::Rng) -> Option<String> {
        let all = self.all();
        let of = all
            .iter()
            .filter(|known| categories.contains(&known.stream.category()));
        let keys: Vec<&str> = of.map(|known| known.stream.id()).collect();
        keys.get(random.usize(..keys.len().max(1)))
            .map(|key| (*key).to_owned())
    }
}

/// Returns whether an item of an event table is what a command without events left, and not a commit.
fn is_mark(item: &HashMap<String, AttributeValue>) -> bool {
    let place = item
        .get("pk")
        .and_then(|pk| pk.as_s().ok()?.parse::<StreamId>().ok());
    place.is_some_and(|place| place.is_mark())
}

impl Deployment {
    /// Returns every commit of every event table, stream by stream and in order.
    pub(crate) fn history(&self) -> anyhow::Result<Vec<Commit>> {
        let tables: BTreeSet<&String> = self.owners.values().collect();
        let mut history = Vec::new();
        for table in tables {
            for item in self.world.contents(table) {
                if is_mark(&item) {
                    continue;
                }
                history.push(serde_dynamo::from_item(item).context("an item that is not a commit")?);
            }
        }
        history.sort_by(|a: &Commit, b| (&a.stream, a.first).cmp(&(&b.stream, b.first)));
        Ok(history)
    }

    /// Checks that every stream is dense, every command id has one effect, and every acknowledged command is stored.
    pub(crate) fn check_commits(&self, promises: &Promises, history: &[Commit]) -> anyhow::Result<()> {
        let mut heads: BTreeMap<&StreamId, u64> = BTreeMap::new();
        let mut effects: BTreeMap<(&StreamId, CommandId), u64> = BTreeMap::new();
        for commit in history {
            let head = heads.entry(&commit.stream).or_default();
            ensure!(
                commit.first == *head + 1,
                "{} goes from version {head} to {}",
                commit.stream,
                commit.first
            );
            *head = commit.last();
            let before = effects.insert((&commit.stream, commit.command_id), commit.last());
            ensure!(before.is_none(), "{}: one command has two effects", commit.stream);
        }
        for known in promises.all().iter() {
            let head = heads.get(&known.stream).copied().unwrap_or(0);
            ensure!(
                head >= known.version,
                "{known:?} was acknowledged, and the stream ends at {head}"
            );
            let effect = effects.get(&(&known.stream, known.command));
            ensure!(
                !known.changed || effect == Some(&known.version),
                "{known:?} was acknowledged, and its effect is at {effect:?}"
            );
        }
        Ok(())
    }

    /// Checks that every commit is in the view or in quarantine, without a repair by hand: what relays and queues gave up is
    /// healed by itself (G11). Only a task of the worker that was received too often waits for a person.
    pub(crate) async fn check_accounted(&self, history: &[Commit]) -> anyhow::Result<()> {
        let mut heads: BTreeMap<&StreamId, &Commit> = BTreeMap::new();
        for commit in history {
            heads.insert(&commit.stream, commit);
        }
        let dead = self.workshop.dead();
        // What a stream lost is healed by a sweep, but not in a view that is being filled: its rebuild reads everything. If the
        // rebuild is given up, the schedule fills the view again.
        let unfilled = match self.world.counts().of(Fault::GivenUp) {
            0 => Vec::new(),
            _ => self.unfilled().await?,
        };
        for subject in &self.subjects {
            let name = subject.name();
            let mut accounted = self.held(name).await?;
            let due = self.world.due(name).into_iter();
            accounted.extend(due.map(|(stream, _)| stream));
            let mut swept = !unfilled.contains(&name);
            for task in &dead {
                match task {
                    Task::Heal(heal) if heal.subscriber == name => {
                        accounted.extend(heal.commits.iter().map(|key| key.stream.clone()));
                    }
                    Task::SweepAfter(sweep) if sweep.subscriber == name => swept = false,
                    _ => {}
                }
            }
            for (stream, head) in heads.iter().filter(|_| swept) {
                if !subject.categories().contains(&stream.category()) || accounted.contains(*stream) {
                    continue;
                }
                let reached = self.version(name, stream);
                ensure!(
                    reached >= head.last(),
                    "{name} has {stream} up to {reached} of {}, without a recorded reason",
                    head.last()
                );
            }
        }
        Ok(())
    }

    /// Returns the streams that are quarantined for a subscriber.
    async fn held(&self, name: &str) -> anyhow::Result<BTreeSet<StreamId>> {
        let control = self.control(name);
        let mut held = BTreeSet::new();
        let mut after: Option<String> = None;
        loop {
            let page = control.quarantine(after.as_deref(), 100).await?;
            held.extend(page.items.into_iter().map(|item| item.stream));
            after = page.next;
            if after.is_none() {
                return Ok(held);
            }
        }
    }

    /// Returns the version of a stream that a subscriber's document has.
    fn version(&self, table: &str, stream: &StreamId) -> u64 {
        let document = self
            .world
            .partition(table, &format!("g{}#{}", self.serving(table), stream.id()));
        let versions = document.into_iter().find_map(|mut item| item.remove("v"));
        let versions = versions.and_then(|versions| versions.as_m().ok().cloned());
        let version = versions.and_then(|mut versions| versions.remove(stream.category()));
        version
            .and_then(|version| version.as_n().ok()?.parse().ok())
            .unwrap_or(0)
    }
}
