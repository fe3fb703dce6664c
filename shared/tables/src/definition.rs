/// A table as the code needs it. Everything that creates tables does it from here, and the template is compared with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDefinition {
    /// The table's name.
    pub name: String,
    /// The partition key.
    pub partition: KeyAttribute,
    /// The sort key.
    pub sort: Option<KeyAttribute>,
    /// Global secondary indexes.
    pub indexes: Vec<IndexDefinition>,
    /// Whether it has a stream of new images.
    pub stream: bool,
}

/// A key attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: KeyKind,
}

/// The type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// `S`
    Text,
    /// `N`
    Number,
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexDefinition {
    /// Its name.
    pub name: String,
    /// Its partition key.
    pub partition: KeyAttribute,
    /// Its sort key.
    pub sort: Option<KeyAttribute>,
    /// The attributes that it contains besides the keys; empty for the keys only.
    pub include: Vec<String>,
}

impl KeyAttribute {
    /// Of type `S`.
    #[must_use]
    pub fn text(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: KeyKind::Text,
        }
    }

    /// Of type `N`.
    #[must_use]
    pub fn number(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: KeyKind::Number,
        }
    }
}

impl TableDefinition {
    /// The same without a stream, for an engine where somebody else watches the writes.
    #[must_use]
    pub fn without_stream(mut self) -> Self {
        self.stream = false;
        self
    }
}
