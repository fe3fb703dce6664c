//! Packs commits into messages, and messages into batches.

use crate::Destination;
use crate::parcel::{HEAD, TAIL, WRAPPING, Written};
use crate::sink::{MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES, OutgoingMessage};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

/// A message, and the records that it came from.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    pub(crate) message: OutgoingMessage,
    /// The indexes of the records of its commits, in order.
    pub(crate) records: Vec<usize>,
}

/// The messages for one destination, per group in order.
pub(crate) type Groups = BTreeMap<u32, VecDeque<Packed>>;

/// Packs the commits that a destination consumes: per lane, in order, into as few messages as possible.
pub(crate) fn pack(commits: &[Written], destination: &Destination) -> Groups {
    let mut lanes: BTreeMap<u32, Vec<&Written>> = BTreeMap::new();
    for commit in commits
        .iter()
        .filter(|commit| destination.wants(commit.stream.category()))
    {
        lanes.entry(commit.lane).or_default().push(commit);
    }
    let mut number = 0;
    lanes
        .into_iter()
        .map(|(lane, commits)| {
            let mut messages = VecDeque::new();
            let mut open: Vec<&Written> = Vec::new();
            let mut bytes = WRAPPING;
            for commit in commits {
                // One byte for the comma.
                if !open.is_empty() && bytes + 1 + commit.json.len() > MAX_MESSAGE_BYTES {
                    messages.push_back(message(&open, lane, &mut number));
                    open.clear();
                    bytes = WRAPPING;
                }
                bytes += commit.json.len() + usize::from(!open.is_empty());
                open.push(commit);
            }
            messages.push_back(message(&open, lane, &mut number));
            (lane, messages)
        })
        .collect()
}

fn message(commits: &[&Written], lane: u32, number: &mut u32) -> Packed {
    let parcels: Vec<&str> = commits.iter().map(|commit| commit.json.as_str()).collect();
    *number += 1;
    Packed {
        message: OutgoingMessage {
            id: number.to_string(),
            group: lane.to_string(),
            dedup: dedup(commits),
            body: format!("{HEAD}{}{TAIL}", parcels.join(",")),
        },
        records: commits.iter().map(|commit| commit.record).collect(),
    }
}

/// Returns 64 hexadecimal digits computed from the positions of the commits alone, so that a relay that was stopped after
/// sending and starts again produces the same id.
fn dedup(commits: &[&Written]) -> String {
    let mut hash = Sha256::new();
    for commit in commits {
        hash.update((commit.place.len() as u64).to_be_bytes());
        hash.update(&commit.place);
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Splits messages into requests, in order.
pub(crate) fn batches(messages: Vec<OutgoingMessage>) -> Vec<Vec<OutgoingMessage>> {
    let mut batches: Vec<Vec<OutgoingMessage>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        bytes += message.body.len();
        match batches.last_mut() {
            Some(batch) if batch.len() < MAX_BATCH_ENTRIES && bytes <= MAX_BATCH_BYTES => batch.push(message),
            _ => {
                bytes = message.body.len();
                batches.push(vec![message]);
            }
        }
    }
    batches
}
