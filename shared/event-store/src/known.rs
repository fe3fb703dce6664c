use crate::recent::Recent;
use crate::stored::Stored;
use crate::{Decider, StoreError};
use commit::{Commit, Event, Head};
use jiff::Timestamp;

/// The state of a stream at a version.
pub(crate) struct Known<D: Decider> {
    pub(crate) state: D::State,
    /// 0 when the stream does not exist.
    pub(crate) version: u64,
    /// The last commit; `None` when the stream does not exist.
    pub(crate) head: Option<Head>,
    /// The time of the last commit.
    pub(crate) time: Option<Timestamp>,
    pub(crate) recent: Recent,
    /// The number of commits after the last one with a readable snapshot.
    pub(crate) commits_since_snapshot: u32,
}

impl<D: Decider> Default for Known<D> {
    fn default() -> Self {
        Self {
            state: D::State::default(),
            version: 0,
            head: None,
            time: None,
            recent: Recent::default(),
            commits_since_snapshot: 0,
        }
    }
}

impl<D: Decider> Clone for Known<D> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            version: self.version,
            head: self.head,
            time: self.time,
            recent: self.recent.clone(),
            commits_since_snapshot: self.commits_since_snapshot,
        }
    }
}

impl<D: Decider> Known<D> {
    /// Returns the state in a commit's snapshot, if there is one that can be read.
    pub(crate) fn from_snapshot(stored: &Stored) -> Option<Self> {
        let last = stored.commit.last();
        let (state, recent) = stored.snapshot.as_ref()?.open::<D>(last)?;
        let mut known = Self {
            state,
            version: last,
            head: Some(stored.commit.head()),
            time: Some(stored.commit.time),
            recent,
            commits_since_snapshot: 0,
        };
        known.recent.push(&stored.commit.command_id, stored.commit.first);
        Some(known)
    }

    /// Returns whether a commit continues the history that led to this state (G16).
    pub(crate) fn is_continued_by(&self, commit: &Commit) -> bool {
        commit.first == self.version + 1 && self.head.is_none_or(|head| head.is_named_by(commit.previous))
    }

    /// Folds the next commit and returns its events.
    pub(crate) fn fold(self, stored: &Stored) -> Result<(Self, Vec<D::Event>), StoreError> {
        let commit = &stored.commit;
        if !self.is_continued_by(commit) {
            let reason = broken(self.version, commit.first);
            return Err(StoreError::damaged(&commit.stream, reason));
        }
        let events = decode::<D>(commit)?;
        let snapshot = stored.snapshot.as_ref().and_then(|s| s.open::<D>(commit.last()));
        Ok((self.advance(commit, &events, snapshot.is_some()), events))
    }

    /// Applies a commit whose events are already decoded.
    pub(crate) fn advance(mut self, commit: &Commit, events: &[D::Event], has_snapshot: bool) -> Self {
        self.state = events.iter().fold(self.state, D::evolve);
        self.version = commit.last();
        self.head = Some(commit.head());
        self.time = Some(commit.time);
        self.recent.push(&commit.command_id, commit.first);
        self.commits_since_snapshot = if has_snapshot {
            0
        } else {
            self.commits_since_snapshot + 1
        };
        self
    }
}

/// Returns what is wrong with a stream whose commit at version `first` does not follow the stored commit that ends at version
/// `last` (G16).
pub(crate) fn broken(last: u64, first: u64) -> String {
    if first == last + 1 {
        format!("the commit at version {first} names another commit than the one that is stored before it")
    } else {
        format!("version {last} is followed by version {first}")
    }
}

pub(crate) fn decode<D: Decider>(commit: &Commit) -> Result<Vec<D::Event>, StoreError> {
    let decode = |(version, event)| {
        D::Event::decode(event).map_err(|source| StoreError::Codec {
            stream: commit.stream.clone(),
            version,
            source,
        })
    };
    commit.versioned().map(decode).collect()
}
