//! Whether the history of a stream is still the one that a document has (G16).
//!
//! The history changes when an event table is put back to an earlier time and commands go on, or when somebody changes
//! stored commits. A document remembers the last commit of each source. What a message says about another history is a
//! hint; the event table decides, see `Engine::heal`.

use crate::mutation::{Safeguard, is_removed};
use commit::{Commit, Head, Parcel};

/// What is wrong with a commit that does not follow the one before it in the event table.
pub(crate) const BROKEN: &str = "the commit names another commit than the one that is stored before it";

/// Returns whether a commit may belong to another history than the one of a document whose last commit is `head`, at
/// version `applied`.
///
/// A commit with a lower version is usually one that is delivered twice. It is doubted when its id is later than the
/// document's: it was written after the document's last commit, to a place before it.
pub(crate) fn doubts(applied: u64, head: Option<&Head>, commit: &Commit) -> bool {
    let Some(head) = known(head) else { return false };
    let last = commit.last();
    if last < applied {
        commit.id.is_later_than(&head.id)
    } else if commit.first == applied + 1 {
        !head.is_named_by(commit.previous)
    } else {
        // A commit is applied as a whole, so the last one that was applied has the same id or belongs to another history.
        // A gap is read from the event table anyway.
        commit.first <= applied && commit.head() != *head
    }
}

/// Returns whether a delivery that has nothing new may belong to another history.
///
/// A key is doubted unless it is the document's last commit: keys are rare, and a sweep sends one for a document that is
/// beyond the end of its stream.
pub(crate) fn doubts_old(applied: u64, head: Option<&Head>, parcel: &Parcel) -> bool {
    match parcel {
        Parcel::Whole(commit) => doubts(applied, head, commit),
        Parcel::Key(key) => known(head).is_some_and(|head| key.id.is_some_and(|id| id != head.id)),
    }
}

/// Returns whether the commits that the event table has from the document's last one on begin with that one.
pub(crate) fn continues(head: Option<&Head>, commits: &[Commit]) -> bool {
    known(head).is_none_or(|head| commits.first().is_some_and(|commit| commit.head() == *head))
}

/// Returns the version after which the event table is read for a document: its last commit is read again.
pub(crate) fn read_after(applied: u64, head: Option<&Head>) -> u64 {
    known(head).map_or(applied, |head| head.first.saturating_sub(1))
}

/// Returns the head unless a test removed the safeguard. Documents stored before there was a chain have none: they are
/// taken as matching until their next commit.
fn known(head: Option<&Head>) -> Option<&Head> {
    head.filter(|_| !is_removed(Safeguard::Chain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use commit::{CommandId, CommitId, Metadata};
    use jiff::Timestamp;

    fn commit(first: u64, count: u64) -> Commit {
        Commit {
            stream: "lamp#hall".parse().unwrap(),
            first,
            count,
            id: CommitId::random(),
            command_id: CommandId::random(),
            previous: None,
            time: Timestamp::UNIX_EPOCH,
            metadata: Metadata::default(),
            events: Vec::new(),
        }
    }

    fn after(before: &Commit) -> Commit {
        Commit {
            previous: Some(before.id.link()),
            ..commit(before.last() + 1, 1)
        }
    }

    #[test]
    fn one_history_is_never_doubted() {
        let first = commit(1, 2);
        let second = after(&first);
        let third = after(&second);
        let head = Some(second.head());
        for known in [&first, &second, &third] {
            assert!(!doubts(3, head.as_ref(), known), "{}", known.first);
        }
        assert!(continues(head.as_ref(), &[second.clone(), third]));
        assert_eq!(read_after(3, head.as_ref()), 2);
    }

    #[test]
    fn commit_of_another_history_is_doubted_wherever_it_is() {
        let first = commit(1, 2);
        let second = after(&first);
        let head = Some(second.head());
        let other = after(&first);
        assert!(doubts(3, head.as_ref(), &other));
        assert!(doubts(3, head.as_ref(), &after(&other)));
        // It was written after the document's last commit.
        assert!(doubts(3, head.as_ref(), &commit(1, 1)));
        assert!(doubts(3, head.as_ref(), &commit(2, 4)));
        assert!(!continues(head.as_ref(), &[other]));
        assert!(!continues(head.as_ref(), &[]));
    }

    #[test]
    fn document_without_a_head_matches_every_history() {
        let second = after(&commit(1, 1));
        assert!(!doubts(1, None, &second) && continues(None, &[]));
        assert_eq!(read_after(7, None), 7);
    }

    #[test]
    fn key_is_doubted_unless_it_is_the_last_commit() {
        let (first, second) = (commit(1, 1), commit(2, 1));
        let head = Some(second.head());
        assert!(!doubts_old(2, head.as_ref(), &Parcel::Key(second.key())));
        assert!(doubts_old(2, head.as_ref(), &Parcel::Key(first.key())));
        let mut unnamed = first.key();
        unnamed.id = None;
        assert!(!doubts_old(2, head.as_ref(), &Parcel::Key(unnamed)));
    }
}
