use crate::item::{INDEX, INDEX_PK, INDEX_SK, LEAN, PK, RESERVED, REVISION, SK, TIME, VERSIONS};
use tables::{IndexDefinition, KeyAttribute, TableDefinition};

/// Returns the table of a view or a reactor. It has an index (`g1`) when the view has lists: the index contains the
/// lean element, the versions, the revision, the time, and the attributes that lists filter by
/// ([`View::FILTERS`](crate::View::FILTERS)).
///
/// # Panics
/// When a filter has a name that the engine uses itself, or there are more than 16: an index includes at most 20
/// attributes. Both are defects of the view's code.
#[must_use]
pub fn view_table(name: impl Into<String>, filters: &[&str], with_index: bool) -> TableDefinition {
    assert!(filters.len() <= 16, "an index includes at most 20 attributes");
    for filter in filters {
        assert!(
            !RESERVED.contains(filter),
            "the filter name {filter:?} is reserved"
        );
    }
    let index = with_index.then(|| IndexDefinition {
        name: INDEX.to_owned(),
        partition: KeyAttribute::text(INDEX_PK),
        sort: Some(KeyAttribute::text(INDEX_SK)),
        include: [LEAN, VERSIONS, REVISION, TIME]
            .into_iter()
            .chain(filters.iter().copied())
            .map(str::to_owned)
            .collect(),
    });
    TableDefinition {
        name: name.into(),
        partition: KeyAttribute::text(PK),
        sort: Some(KeyAttribute::text(SK)),
        indexes: index.into_iter().collect(),
        stream: false,
        expires: None,
    }
}
