use crate::Decider;
use crate::known::Known;
use commit::StreamId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The streams that this process used recently, limited in number and age.
///
/// The cache has two halves: a full young half replaces the old one, whose entries are dropped. An entry that is used
/// moves back to the young half. This approximates least-recently-used eviction at constant cost and without order
/// links.
pub(crate) struct Cache<D: Decider> {
    half: usize,
    age: Duration,
    halves: Mutex<Halves<D>>,
}

struct Halves<D: Decider> {
    young: HashMap<StreamId, Entry<D>>,
    old: HashMap<StreamId, Entry<D>>,
}

struct Entry<D: Decider> {
    known: Arc<Known<D>>,
    since: Instant,
}

impl<D: Decider> Cache<D> {
    pub(crate) fn new(streams: usize, age: Duration) -> Self {
        Self {
            half: streams.div_ceil(2),
            age,
            halves: Mutex::new(Halves {
                young: HashMap::new(),
                old: HashMap::new(),
            }),
        }
    }

    pub(crate) fn get(&self, stream: &StreamId) -> Option<Arc<Known<D>>> {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = halves
            .young
            .remove(stream)
            .or_else(|| halves.old.remove(stream))?;
        if entry.since.elapsed() >= self.age {
            return None;
        }
        let known = entry.known.clone();
        self.insert(&mut halves, stream, entry);
        Some(known)
    }

    /// Stores `known` unless the cache has a newer state.
    pub(crate) fn put(&self, stream: &StreamId, known: Arc<Known<D>>) {
        if self.half == 0 {
            return;
        }
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let present = halves.young.remove(stream).or_else(|| halves.old.remove(stream));
        let entry = match present {
            Some(present) if present.known.version > known.version => present,
            _ => Entry {
                known,
                since: Instant::now(),
            },
        };
        self.insert(&mut halves, stream, entry);
    }

    pub(crate) fn forget(&self, stream: &StreamId) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        halves.young.remove(stream);
        halves.old.remove(stream);
    }

    fn insert(&self, halves: &mut Halves<D>, stream: &StreamId, entry: Entry<D>) {
        if halves.young.len() >= self.half {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert(stream.clone(), entry);
    }
}
