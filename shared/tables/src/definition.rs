/// The definition of a table. All code that creates tables uses it, and the template is compared with it.
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
    /// Whether the table has a stream of new images.
    pub stream: bool,
    /// The attribute by which items expire, in seconds since 1970; items without it never do.
    pub expires: Option<String>,
}

/// A key attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// The name.
    pub name: String,
    /// The type.
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
    /// The name.
    pub name: String,
    /// The partition key.
    pub partition: KeyAttribute,
    /// The sort key.
    pub sort: Option<KeyAttribute>,
    /// The attributes that the index contains besides the keys; empty for the keys only.
    pub include: Vec<String>,
}

impl KeyAttribute {
    /// Creates an attribute of type `S`.
    #[must_use]
    pub fn text(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: KeyKind::Text,
        }
    }

    /// Creates an attribute of type `N`.
    #[must_use]
    pub fn number(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: KeyKind::Number,
        }
    }
}

impl TableDefinition {
    /// Returns the definition without a stream, for engines in which something else observes the writes.
    #[must_use]
    pub fn without_stream(mut self) -> Self {
        self.stream = false;
        self
    }
}
