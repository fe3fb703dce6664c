use crate::item::{Item, REVISION, key, n, number};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeSet;

/// The partition key of a view's registry item, and of the records of its rebuilds and sweeps.
pub(crate) const REGISTRY: &str = "registry";

/// The generation that a view has before anything is rebuilt.
const FIRST: u64 = 1;

const FROM_THE_START: &str = "fromTheStart";

/// The generation that readers see, and the generations that are kept up to date.
///
/// Every change is one conditional write on [`Self::revision`], so that exactly one of two concurrent operators wins,
/// and readers and projectors change from one state to the next in one step (G9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registry {
    pub(crate) serving: u64,
    pub(crate) feeding: BTreeSet<u64>,
    /// The generation that is being built, is ready, or was rolled back. There is at most one.
    pub(crate) candidate: Option<u64>,
    /// The candidate while it is being built: it is fed but not complete. The rebuild, not a sweep, is responsible for
    /// its missing commits.
    pub(crate) building: Option<u64>,
    /// The generation that served before, while a rollback to it is possible.
    pub(crate) previous: Option<u64>,
    /// The highest generation so far. Numbers are never reused, so that late writes of an old worker cannot be mistaken
    /// for those of another generation.
    pub(crate) last: u64,
    /// Whether generation 1 existed before the first commit of the view's sources, and therefore has all of their commits. No
    /// rebuild builds generation 1, so this must be stored.
    pub(crate) from_the_start: bool,
    /// The sweep in progress.
    pub(crate) sweeping: Option<u64>,
    /// The number of the last sweep.
    pub(crate) sweeps: u64,
    /// The revision, incremented by every change.
    pub(crate) revision: u64,
}

impl Registry {
    /// Reads the registry. A view that was never rebuilt has no item: generation 1 is fed and serves.
    pub(crate) fn read(item: Option<&Item>) -> Self {
        let get = |name: &str| item.and_then(|item| number::<u64>(item.get(name)?));
        let serving = get("serving").unwrap_or(FIRST);
        let feeding = item
            .and_then(|item| item.get("feeding")?.as_l().ok())
            .into_iter()
            .flatten()
            .filter_map(number)
            // The serving generation is always fed, even if the list lacks it.
            .chain([serving])
            .collect();
        Self {
            serving,
            feeding,
            candidate: get("candidate"),
            building: get("building"),
            previous: get("previous"),
            last: get("last").unwrap_or(serving),
            from_the_start: item.is_some_and(|item| item.contains_key(FROM_THE_START)),
            sweeping: get("sweeping"),
            sweeps: get("sweeps").unwrap_or(0),
            revision: get(REVISION).unwrap_or(0),
        }
    }

    /// Returns whether the serving generation has all commits, apart from those in delivery: a rebuild built it, or it existed
    /// before the first commit. Returns `false` for a view that was never built.
    pub(crate) fn filled(&self) -> bool {
        self.serving != FIRST || self.from_the_start
    }

    /// Returns the generations that are fed and must equal the fold of their events.
    pub(crate) fn complete(&self) -> BTreeSet<u64> {
        let replaced = self.building.filter(|_| !self.filled()).and(Some(self.serving));
        let complete = self.feeding.iter().copied();
        complete
            .filter(|generation| ![self.building, replaced].contains(&Some(*generation)))
            .collect()
    }

    /// Returns the item with the next revision.
    pub(crate) fn next(&self) -> Item {
        let mut item = key(REGISTRY, crate::item::SELF);
        item.insert("serving".to_owned(), n(self.serving));
        let feeding = self.feeding.iter().map(n).collect();
        item.insert("feeding".to_owned(), AttributeValue::L(feeding));
        item.insert("last".to_owned(), n(self.last));
        item.insert("sweeps".to_owned(), n(self.sweeps));
        if self.from_the_start {
            item.insert(FROM_THE_START.to_owned(), AttributeValue::Bool(true));
        }
        item.insert(REVISION.to_owned(), n(self.revision + 1));
        let optional = [
            ("candidate", self.candidate),
            ("building", self.building),
            ("previous", self.previous),
            ("sweeping", self.sweeping),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                item.insert(name.to_owned(), n(value));
            }
        }
        item
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::read(None)
    }
}

#[cfg(test)]
mod tests {
    use super::Registry;
    use crate::item::{Item, n};
    use aws_sdk_dynamodb::types::AttributeValue;

    #[test]
    fn without_an_item_generation_1_is_fed_and_serves() {
        let registry = Registry::read(None);
        assert_eq!((registry.serving, registry.feeding), (1, [1].into()));
    }

    #[test]
    fn every_listed_generation_is_fed() {
        let item = Item::from([
            ("serving".to_owned(), n(3)),
            ("feeding".to_owned(), AttributeValue::L(vec![n(3), n(4)])),
        ]);
        let registry = Registry::read(Some(&item));
        assert_eq!((registry.serving, registry.feeding), (3, [3, 4].into()));
    }

    #[test]
    fn written_registry_is_read_back_with_the_next_revision() {
        let registry = Registry {
            serving: 3,
            feeding: [2, 3, 4].into(),
            candidate: Some(4),
            building: Some(4),
            previous: Some(2),
            last: 4,
            from_the_start: true,
            sweeping: Some(7),
            sweeps: 7,
            revision: 9,
        };
        let read = Registry::read(Some(&registry.next()));
        assert_eq!(
            read,
            Registry {
                revision: 10,
                ..registry
            }
        );
    }

    fn serving(serving: u64) -> Registry {
        let item = Item::from([("serving".to_owned(), n(serving))]);
        Registry::read(Some(&item))
    }

    #[test]
    fn view_is_filled_after_a_rebuild_or_from_the_start() {
        assert!(!Registry::default().filled());
        assert!(serving(2).filled());
        let from_the_start = Registry {
            from_the_start: true,
            ..Registry::default()
        };
        assert!(from_the_start.filled());
    }

    #[test]
    fn first_generation_is_not_complete_while_the_view_is_filled() {
        let building = |registry: Registry| Registry {
            building: Some(9),
            feeding: [registry.serving, 9].into(),
            ..registry
        };
        assert_eq!(Registry::default().complete(), [1].into());
        assert_eq!(building(Registry::default()).complete(), [].into());
        assert_eq!(building(serving(2)).complete(), [2].into());
    }
}
