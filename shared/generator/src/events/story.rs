//! The contents of the events: a few commits of one history, built from golden events.

use super::EventsError;
use super::request::Wanted;
use crate::{GenerateError, file_names, read_json};
use function::{Subscriber, System};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The configured contents of the events. A subscriber that is not mentioned gets the first golden events of its sources; a
/// function gets a request built from the API's examples.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(super) struct Story {
    /// The id of the stream of each category.
    streams: BTreeMap<String, String>,
    /// Golden events in the order in which they happen, as `category/Event.v1`.
    story: Vec<String>,
    /// The categories of the commits that a subscriber gets, if not all that it subscribes to: an event must not start a
    /// process that waits for events that never come.
    only: BTreeMap<String, Vec<String>>,
    /// Requests to functions.
    pub(super) requests: BTreeMap<String, Wanted>,
}

/// A stored commit.
#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(super) category: String,
    pub(super) stream: String,
    pub(super) version: u64,
    pub(super) time: u64,
    pub(super) event: Value,
}

/// Returns the commits as messages carry them, with the versions of each stream from 1.
pub(crate) fn numbered(commits: &[Commit]) -> Vec<Value> {
    let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
    let commits = commits.iter().map(|commit| {
        let version = versions.entry(&commit.stream).or_default();
        *version += 1;
        let version = *version;
        Commit {
            version,
            ..commit.clone()
        }
        .whole()
    });
    commits.collect()
}

/// The time of the first commit, in milliseconds since 1970.
pub(super) const BEGINNING: u64 = 1_795_433_400_000;
/// The id in a stream that the story does not name.
const SOMEBODY: &str = "0193a5b2c4d67e8f9a0b1c2d3e4f5065";

impl Story {
    /// Returns the commits that a subscriber receives.
    pub(super) fn commits_for(
        &self,
        subscriber: &Subscriber,
        contracts: &Path,
    ) -> Result<Vec<Commit>, GenerateError> {
        let only = self.only.get(subscriber.name);
        let wanted = |category: &str| {
            subscriber.sources.contains(&category)
                && only.is_none_or(|only| only.iter().any(|wanted| wanted == category))
        };
        let mut commits = self.told(contracts)?;
        commits.retain(|commit| wanted(&commit.category));
        if commits.is_empty() {
            let category = subscriber.sources.iter().find(|category| wanted(category));
            let category = category.copied().unwrap_or_default();
            commits.push(self.any(category, contracts)?);
        }
        Ok(commits)
    }

    /// Returns what a subscriber receives of the golden events: those of the story, and all, with the story's first.
    pub(super) fn golden_history(
        &self,
        subscriber: &Subscriber,
        contracts: &Path,
    ) -> Result<(Vec<Commit>, Vec<Commit>), GenerateError> {
        let mut told = self.told(contracts)?;
        told.retain(|commit| subscriber.sources.contains(&commit.category.as_str()));
        let mut all = told.clone();
        for category in subscriber.sources {
            let folder = contracts.join("golden").join(category);
            if !folder.is_dir() {
                continue;
            }
            for file in file_names(&folder)? {
                let event = read_json(&folder.join(&file))?;
                if !told
                    .iter()
                    .any(|commit| commit.category == *category && commit.event == event)
                {
                    let time = BEGINNING + 60_000 + 1000 * all.len() as u64;
                    all.push(self.commit(category, 1, time, event));
                }
            }
        }
        Ok((told, all))
    }

    /// Returns the first commit.
    pub(super) fn first(&self, system: &System, contracts: &Path) -> Result<Commit, GenerateError> {
        if let Some(first) = self.told(contracts)?.into_iter().next() {
            return Ok(first);
        }
        let category = system.event_tables().next().map(|table| table.categories);
        let category = category.and_then(<[_]>::first).copied().unwrap_or_default();
        self.any(category, contracts)
    }

    /// Returns all commits, each of one event.
    fn told(&self, contracts: &Path) -> Result<Vec<Commit>, GenerateError> {
        let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
        let mut commits = Vec::new();
        for (position, name) in self.story.iter().enumerate() {
            let category = name.split('/').next().unwrap_or_default();
            let version = versions.entry(category).or_default();
            *version += 1;
            let golden = contracts.join("golden").join(format!("{name}.json"));
            if !golden.is_file() {
                return Err(EventsError::Story(name.clone()).into());
            }
            let time = BEGINNING + 1000 * position as u64;
            commits.push(self.commit(category, *version, time, read_json(&golden)?));
        }
        Ok(commits)
    }

    /// Returns a commit with the first golden event of a category.
    fn any(&self, category: &str, contracts: &Path) -> Result<Commit, GenerateError> {
        let folder = contracts.join("golden").join(category);
        let file = file_names(&folder)?.into_iter().next();
        let file = file.ok_or_else(|| EventsError::NoEvent(category.to_owned()))?;
        Ok(self.commit(category, 1, BEGINNING, read_json(&folder.join(file))?))
    }

    fn commit(&self, category: &str, version: u64, time: u64, event: Value) -> Commit {
        let id = self.streams.get(category).map_or(SOMEBODY, String::as_str);
        Commit {
            category: category.to_owned(),
            stream: format!("{category}#{id}"),
            version,
            time,
            event,
        }
    }
}

impl Commit {
    /// Returns the commit in the form of a message.
    pub(super) fn whole(&self) -> Value {
        json!({
            "pk": self.stream,
            "sk": self.version,
            "n": 1,
            "i": self.id("commit"),
            "c": self.id("command"),
            "t": self.time,
            "m": { "co": CORRELATION },
            "e": [self.event],
        })
    }

    /// Returns an id that is the same in every run.
    pub(super) fn id(&self, of: &str) -> String {
        identifier(&format!("{of} {} {}", self.stream, self.version))
    }
}

/// The correlation id of all commits in the story.
const CORRELATION: &str = "4f6c1c7e-5d0e-4b8e-9a51-3c1f2f0a7d11";

/// Returns 16 bytes in Base64, which are the same for the same text.
pub(super) fn identifier(text: &str) -> String {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_without_a_golden_file_is_refused_by_its_name() {
        let story = Story {
            story: vec!["order/OrderVanished.v1".to_owned()],
            ..Story::default()
        };
        let refused = story.told(Path::new("../contracts")).unwrap_err();
        assert!(
            matches!(&refused, GenerateError::Events(EventsError::Story(name)) if name == "order/OrderVanished.v1"),
            "{refused}"
        );
    }
}
