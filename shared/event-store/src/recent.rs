use commit::CommandId;
use std::collections::VecDeque;

/// The number of earlier commands that are in every snapshot. With 10 bytes each they usually cost nothing extra.
pub(crate) const STORED: usize = 16;
/// The number of earlier commands in a snapshot at most, where they fit into the kilobyte that the commit pays for.
pub(crate) const STORED_AT_MOST: usize = 400;
/// The command of the last commit itself is in its attribute `c`.
const KNOWN: usize = STORED_AT_MOST + 1;
pub(crate) const ENTRY: usize = TAIL + 4;
const TAIL: usize = 6;

/// The last commands of a stream, with the versions of their commits, oldest first (G4).
///
/// A command is recognized as long as at most [`STORED`] commits followed it, and longer if the snapshots had room for it.
/// Only six bytes of the id are kept and can collide, so a match is confirmed by reading the commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Recent(VecDeque<([u8; TAIL], u32)>);

impl Recent {
    pub(crate) fn push(&mut self, command: &CommandId, first: u64) {
        // Commands after 2^32 events are not kept, which is not an error.
        if let Ok(first) = u32::try_from(first) {
            self.0.push_back((tail(command), first));
            while self.0.len() > KNOWN {
                self.0.pop_front();
            }
        }
    }

    /// Returns the version of the first event of the latest commit that may be this command's.
    pub(crate) fn find(&self, command: &CommandId) -> Option<u64> {
        let wanted = tail(command);
        self.0
            .iter()
            .rev()
            .find(|(tail, _)| *tail == wanted)
            .map(|(_, first)| u64::from(*first))
    }

    /// Encodes the last commands for the snapshot of the next commit, this many at most.
    pub(crate) fn to_bytes(&self, at_most: usize) -> Vec<u8> {
        let skipped = self.0.len().saturating_sub(at_most);
        self.0
            .iter()
            .skip(skipped)
            .flat_map(|(tail, first)| tail.iter().copied().chain(first.to_be_bytes()))
            .collect()
    }

    /// Decodes commands. Incomplete entries are ignored.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let entry = |bytes: &[u8]| {
            let (tail, first) = bytes.split_at(TAIL);
            Some((tail.try_into().ok()?, u32::from_be_bytes(first.try_into().ok()?)))
        };
        Self(bytes.chunks_exact(ENTRY).filter_map(entry).collect())
    }
}

/// Returns the end of an id, which is evenly distributed whether the id was derived (SHA-256) or is random (the random
/// part of a UUIDv7).
fn tail(command: &CommandId) -> [u8; TAIL] {
    let bytes = command.bytes();
    let mut tail = [0; TAIL];
    tail.copy_from_slice(&bytes[bytes.len() - TAIL..]);
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> CommandId {
        CommandId::derive(&[&n.to_string()])
    }

    fn after(commands: u64) -> Recent {
        let mut recent = Recent::default();
        for n in 1..=commands {
            recent.push(&id(n), n * 2);
        }
        recent
    }

    #[test]
    fn last_command_and_four_hundred_before_it_are_found() {
        let recent = after(500);
        assert_eq!(recent.find(&id(500)), Some(1000));
        assert_eq!(recent.find(&id(100)), Some(200));
        assert_eq!(recent.find(&id(99)), None);
    }

    #[test]
    fn encoding_keeps_the_last_sixteen_commands() {
        let bytes = after(30).to_bytes(STORED);
        assert_eq!(bytes.len(), 160);
        let read = Recent::from_bytes(&bytes);
        assert_eq!(read.find(&id(15)), Some(30));
        assert_eq!(read.find(&id(14)), None);
    }

    #[test]
    fn random_ids_of_one_millisecond_are_distinguished() {
        let (one, other) = (CommandId::random(), CommandId::random());
        let mut recent = Recent::default();
        recent.push(&one, 1);
        assert_eq!(recent.find(&other), None);
    }
}
