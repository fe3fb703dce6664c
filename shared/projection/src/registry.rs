use crate::item::{Item, number};
use std::collections::BTreeSet;

/// The partition key of a view's registry item.
pub(crate) const REGISTRY: &str = "registry";

/// Which generation readers see, and which ones are kept up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Registry {
    pub(crate) serving: u64,
    pub(crate) feeding: BTreeSet<u64>,
}

impl Registry {
    /// A view that was never rebuilt has no item: generation 1 is fed and serves.
    pub(crate) fn read(item: Option<&Item>) -> Self {
        let serving = item.and_then(|item| number(item.get("serving")?)).unwrap_or(1);
        let feeding = item
            .and_then(|item| item.get("feeding")?.as_l().ok())
            .into_iter()
            .flatten()
            .filter_map(number)
            // What serves is fed, whatever the list says.
            .chain([serving])
            .collect();
        Self { serving, feeding }
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
}
