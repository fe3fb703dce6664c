use crate::item::{Item, REVISION, key, n, number};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::BTreeSet;

/// The partition key of a view's registry item, and of the records of its rebuilds and sweeps.
pub(crate) const REGISTRY: &str = "registry";

/// Which generation readers see, and which ones are kept up to date.
///
/// Every change is one conditional write on [`Self::revision`], so that of two operators exactly one wins, and readers and
/// projectors go from one state to the next in one step (G9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registry {
    pub(crate) serving: u64,
    pub(crate) feeding: BTreeSet<u64>,
    /// The generation that is being built, is ready, or was rolled back: at most one.
    pub(crate) candidate: Option<u64>,
    /// The candidate while it is being built: fed, and not complete. What is behind in it is the rebuild's, not a sweep's.
    pub(crate) building: Option<u64>,
    /// The generation that served before, while it can be rolled back to.
    pub(crate) previous: Option<u64>,
    /// The highest generation there ever was. Numbers are not used again: what an old worker still writes for one can
    /// never be taken for another one's.
    pub(crate) last: u64,
    /// The sweep that is under way.
    pub(crate) sweeping: Option<u64>,
    /// The number of the last sweep.
    pub(crate) sweeps: u64,
    /// Raised by every change.
    pub(crate) revision: u64,
}

impl Registry {
    /// A view that was never rebuilt has no item: generation 1 is fed and serves.
    pub(crate) fn read(item: Option<&Item>) -> Self {
        let get = |name: &str| item.and_then(|item| number::<u64>(item.get(name)?));
        let serving = get("serving").unwrap_or(1);
        let feeding = item
            .and_then(|item| item.get("feeding")?.as_l().ok())
            .into_iter()
            .flatten()
            .filter_map(number)
            // What serves is fed, whatever the list says.
            .chain([serving])
            .collect();
        Self {
            serving,
            feeding,
            candidate: get("candidate"),
            building: get("building"),
            previous: get("previous"),
            last: get("last").unwrap_or(serving),
            sweeping: get("sweeping"),
            sweeps: get("sweeps").unwrap_or(0),
            revision: get(REVISION).unwrap_or(0),
        }
    }

    /// The generations that are fed and should be the fold of their events.
    pub(crate) fn complete(&self) -> BTreeSet<u64> {
        let complete = self.feeding.iter().copied();
        complete
            .filter(|generation| Some(*generation) != self.building)
            .collect()
    }

    /// The item, of the next revision.
    pub(crate) fn next(&self) -> Item {
        let mut item = key(REGISTRY, crate::item::SELF);
        item.insert("serving".to_owned(), n(self.serving));
        let feeding = self.feeding.iter().map(n).collect();
        item.insert("feeding".to_owned(), AttributeValue::L(feeding));
        item.insert("last".to_owned(), n(self.last));
        item.insert("sweeps".to_owned(), n(self.sweeps));
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
    fn what_is_written_is_read_again_one_revision_later() {
        let registry = Registry {
            serving: 3,
            feeding: [2, 3, 4].into(),
            candidate: Some(4),
            building: Some(4),
            previous: Some(2),
            last: 4,
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
}
