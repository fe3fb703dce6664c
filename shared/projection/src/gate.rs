use crate::mutation::{Safeguard, is_removed};

/// The relation of a commit to the last applied version of its stream in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// All events were applied before: drop the commit.
    Duplicate,
    /// The commit follows directly: apply it.
    Apply,
    /// The first part was applied before: apply the rest.
    Overlap,
    /// Commits in between are missing: heal from the event table.
    Gap,
}

/// Compares a commit with `applied`, the last applied version of the stream.
pub(crate) fn gate(applied: u64, first: u64, last: u64) -> Gate {
    if is_removed(Safeguard::Gate) {
        Gate::Apply
    } else if last <= applied {
        Gate::Duplicate
    } else if first > applied + 1 {
        Gate::Gap
    } else if first == applied + 1 {
        Gate::Apply
    } else {
        Gate::Overlap
    }
}

#[cfg(test)]
mod tests {
    use super::{Gate, gate};

    #[test]
    fn the_first_commit_of_a_stream_is_applied() {
        assert_eq!(gate(0, 1, 1), Gate::Apply);
        assert_eq!(gate(0, 1, 100), Gate::Apply);
    }

    #[test]
    fn the_next_commit_is_applied() {
        assert_eq!(gate(4, 5, 7), Gate::Apply);
    }

    #[test]
    fn applied_commit_is_a_duplicate() {
        assert_eq!(gate(4, 4, 4), Gate::Duplicate);
        assert_eq!(gate(4, 1, 3), Gate::Duplicate);
        assert_eq!(gate(4, 1, 4), Gate::Duplicate);
    }

    #[test]
    fn skipped_version_is_a_gap() {
        assert_eq!(gate(4, 6, 6), Gate::Gap);
        assert_eq!(gate(0, 2, 2), Gate::Gap);
    }

    #[test]
    fn partly_applied_commit_is_an_overlap() {
        assert_eq!(gate(4, 4, 5), Gate::Overlap);
        assert_eq!(gate(4, 1, 9), Gate::Overlap);
    }

    #[test]
    fn every_commit_is_exactly_one_of_the_four() {
        for applied in 0..6 {
            for first in 1..8 {
                for last in first..10 {
                    let new = last - applied.min(last);
                    match gate(applied, first, last) {
                        Gate::Duplicate => assert_eq!(new, 0),
                        Gate::Apply => assert_eq!(first, applied + 1),
                        Gate::Overlap => assert!(new > 0 && first <= applied),
                        Gate::Gap => assert!(first > applied + 1),
                    }
                }
            }
        }
    }
}
