//! A subscriber with type-erased documents, for the checks of a run.

use crate::dynamo::Item;
use crate::world::World;
use anyhow::{Context, ensure};
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{Commit, StreamId};
use function::{Function, Part, Subscriber, UnwiredError, Wiring};
use projection::operations::Worker;
use projection::testing::{Contents, Examined, found_contents};
use projection::{BatchHandler, ReadError, ReadYourWrites, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// The event table of each category.
pub(crate) type Owners = BTreeMap<&'static str, String>;

/// A subscriber of a system, with what a run needs to know about it.
pub(crate) struct Subject {
    pub(crate) world: Arc<World>,
    pub(crate) owners: Owners,
    pub(crate) subscriber: Subscriber,
    /// The timeout of its function.
    pub(crate) timeout: Duration,
    /// No more than its function's description names.
    wiring: Wiring,
    /// `None` for a reactor, whose documents are never read.
    pub(crate) view: Option<Arc<dyn Examined>>,
}

/// A version of a subscriber's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Current,
    /// It cannot apply some events.
    Poisoned,
    /// It does not know some event types.
    Earlier,
}

impl Subject {
    /// None when the function has no subscriber.
    pub(crate) fn new(
        world: &Arc<World>,
        owners: &Owners,
        wiring: &Wiring,
        part: &Part,
        function: &Function,
    ) -> Result<Option<Self>, UnwiredError> {
        let Some(subscriber) = function.subscribes() else {
            return Ok(None);
        };
        let wiring = function.narrow(part, wiring)?;
        Ok(Some(Self {
            world: Arc::clone(world),
            owners: owners.clone(),
            view: subscriber.examined(&wiring),
            timeout: function.timeout,
            wiring,
            subscriber: subscriber.clone(),
        }))
    }

    /// The worker that can also rebuild and sweep it.
    pub(crate) fn operated(&self, worker: Worker) -> Result<Worker, UnwiredError> {
        self.subscriber.operated(worker, &self.wiring)
    }

    pub(crate) fn name(&self) -> &'static str {
        self.subscriber.name
    }

    pub(crate) fn categories(&self) -> &'static [&'static str] {
        self.subscriber.sources
    }

    /// Creates a new instance of its function.
    pub(crate) fn function(&self, version: Version) -> Arc<dyn BatchHandler> {
        match version {
            Version::Current => self.subscriber.handler(&self.wiring),
            Version::Poisoned => self.subscriber.buggy_handler(&self.wiring),
            Version::Earlier => self.subscriber.earlier_handler(&self.wiring),
        }
    }

    pub(crate) fn sources(&self) -> Sources {
        self.wiring.sources(self.categories())
    }

    /// Reads a document with a token and checks it. Returns the versions that it reflects, or `None` if the view was
    /// unavailable.
    pub(crate) async fn read(
        &self,
        key: &str,
        token: &BTreeMap<StreamId, u64>,
    ) -> anyhow::Result<Option<BTreeMap<String, u64>>> {
        let Some(view) = &self.view else {
            return Ok(None);
        };
        let name = self.name();
        let read = ReadYourWrites {
            positions: token
                .iter()
                .map(|(stream, version)| (stream.clone(), *version))
                .collect(),
            wait: None,
        };
        let shown = match view.get(key, &read).await {
            Ok(Some(shown)) => shown,
            Ok(None) => {
                ensure!(token.is_empty(), "{name} replied that {key} is unknown");
                return Ok(None);
            }
            // With faults this is a correct reply.
            Err(ReadError::Unavailable(_)) => return Ok(None),
            Err(error) => anyhow::bail!("{name} failed to read {key}: {error}"),
        };
        for (stream, version) in token {
            let reached = shown.versions.get(stream.category()).copied().unwrap_or(0);
            ensure!(
                reached >= *version || !self.categories().contains(&stream.category()),
                "{name} returned {stream} at {reached} to a reader that knows {version}"
            );
        }
        let commits = self.commits(key, &shown.versions)?;
        ensure!(
            shown.document == view.folded(&commits)?,
            "{name} returned a document for {key} at {:?} that differs from the fold of its events",
            shown.versions
        );
        Ok(Some(shown.versions))
    }

    /// Reads lists, rows and tallies with a token for everything, and checks that they are exact.
    pub(crate) async fn read_exactly(&self) -> anyhow::Result<()> {
        match &self.view {
            Some(view) => self.read_lists(&**view).await,
            None => Ok(()),
        }
    }

    /// Returns whether an event table that it reads was put back.
    pub(crate) fn lost_history(&self) -> bool {
        let mut owners = self
            .categories()
            .iter()
            .filter_map(|category| self.owners.get(category));
        owners.any(|table| self.world.was_put_back(table))
    }

    /// Checks that a view has every item that it should have. What it has beyond them is left to its rebuild: items of
    /// streams that are no more, and journal rows of commits that are no more.
    pub(crate) fn has_all(
        &self,
        serving: u64,
        contents: Vec<Item>,
        history: &[Commit],
    ) -> anyhow::Result<()> {
        let Some(view) = &self.view else { return Ok(()) };
        let sources = |commit: &&Commit| self.categories().contains(&commit.stream.category());
        let history: Vec<Commit> = history.iter().filter(sources).cloned().collect();
        let mut found = found_contents(contents);
        for (place, expected) in &view.expected(serving, &history)? {
            let found = found.remove(place);
            ensure!(
                found.as_ref() == Some(expected),
                "{}: after a restore {place:?} should be {expected:#?} and is {found:#?}",
                self.name()
            );
        }
        Ok(())
    }

    /// Compares the contents of its table with the commits.
    pub(crate) fn verify(&self, serving: u64, contents: Vec<Item>, history: &[Commit]) -> anyhow::Result<()> {
        let sources = |commit: &&Commit| self.categories().contains(&commit.stream.category());
        let history: Vec<Commit> = history.iter().filter(sources).cloned().collect();
        match &self.view {
            Some(view) => self.verify_view(view.expected(serving, &history)?, contents),
            None => self.verify_reactor(&contents, &history),
        }
    }

    fn verify_view(&self, expected: Contents, contents: Vec<Item>) -> anyhow::Result<()> {
        let name = self.name();
        let mut found = found_contents(contents);
        for (place, expected) in &expected {
            let found = found.remove(place);
            ensure!(
                found.as_ref() == Some(expected),
                "{name}: {place:?} should be {expected:#?} and is {found:#?}"
            );
        }
        ensure!(found.is_empty(), "{name}: unexpected items: {found:#?}");
        Ok(())
    }

    /// Checks that its documents have all commits. The effects are checked in the streams that they write.
    fn verify_reactor(&self, contents: &[Item], history: &[Commit]) -> anyhow::Result<()> {
        let mut heads: BTreeMap<&StreamId, u64> = BTreeMap::new();
        for commit in history {
            heads.insert(&commit.stream, commit.last());
        }
        for (stream, head) in heads {
            let pk = AttributeValue::S(format!("g1#{}", stream.id()));
            let document = contents.iter().find(|item| item.get("pk") == Some(&pk));
            let versions = document.and_then(|item| item.get("v")?.as_m().ok());
            let version = versions.and_then(|versions| versions.get(stream.category())?.as_n().ok());
            ensure!(
                version == Some(&head.to_string()),
                "{} has {stream} up to {version:?} of {head}",
                self.name()
            );
        }
        self.verify_deadlines(contents)
    }

    /// Checks that the entries of deadlines are those of the documents, and that all were answered or are only watched.
    fn verify_deadlines(&self, contents: &[Item]) -> anyhow::Result<()> {
        let text = |item: &Item, name: &str| item.get(name).and_then(|text| text.as_s().ok().cloned());
        let mut stated = BTreeSet::new();
        for item in contents {
            let key = text(item, "pk").and_then(|pk| pk.strip_prefix("g1#").map(str::to_owned));
            let deadlines = item.get("dl").and_then(|deadlines| deadlines.as_m().ok());
            let (Some(key), Some(deadlines)) = (key, deadlines) else {
                continue;
            };
            for (name, deadline) in deadlines {
                let deadline = deadline.as_m().ok().context("a deadline")?;
                let time: u64 = deadline["t"].as_n().ok().context("its time")?.parse()?;
                ensure!(
                    deadline.contains_key("a") || deadline.contains_key("w"),
                    "{}: {name} of {key} is not answered",
                    self.name()
                );
                if !deadline.contains_key("a") {
                    stated.insert(format!("{time:015}#{name}#{key}"));
                }
            }
        }
        let entries = contents
            .iter()
            .filter(|item| text(item, "pk").as_deref() == Some("deadlines"));
        let entries: BTreeSet<String> = entries.filter_map(|item| text(item, "sk")).collect();
        ensure!(
            entries == stated,
            "{}: the documents state {stated:?}, and the entries are {entries:?}",
            self.name()
        );
        Ok(())
    }

    /// Returns the commits of one document that a read with these versions reflects.
    fn commits(&self, key: &str, versions: &BTreeMap<String, u64>) -> anyhow::Result<Vec<Commit>> {
        let mut commits = Vec::new();
        for (category, version) in versions {
            let owner = self.owners.get(category.as_str()).context("a foreign category")?;
            let stream = format!("{category}#{key}");
            for item in self.world.partition(owner, &stream) {
                let commit: Commit = serde_dynamo::from_item(item)?;
                if commit.last() <= *version {
                    commits.push(commit);
                }
            }
        }
        Ok(commits)
    }
}
