use crate::mark::EXPIRES;
use tables::{KeyAttribute, TableDefinition};

/// Returns the definition of a service's event table: `pk` (S), `sk` (N), a stream of new images. Marks of commands without
/// events expire; commits do not have the attribute.
#[must_use]
pub fn event_table(name: impl Into<String>) -> TableDefinition {
    TableDefinition {
        name: name.into(),
        partition: KeyAttribute::text("pk"),
        sort: Some(KeyAttribute::number("sk")),
        indexes: Vec::new(),
        stream: true,
        expires: Some(EXPIRES.to_owned()),
    }
}
