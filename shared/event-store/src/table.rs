use crate::StoreError;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TableStatus,
};
use std::collections::BTreeMap;
use std::time::Duration;

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

/// The event table of a service: `pk` (S), `sk` (N), a stream of new images.
#[must_use]
pub fn event_table(name: impl Into<String>) -> TableDefinition {
    TableDefinition {
        name: name.into(),
        partition: KeyAttribute::text("pk"),
        sort: Some(KeyAttribute::number("sk")),
        indexes: Vec::new(),
        stream: true,
    }
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

    /// Creates the table, billed on demand, unless it exists, and waits until it can be used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create(&self, client: &Client) -> Result<(), StoreError> {
        match self.request(client)?.send().await {
            Ok(_) => {}
            Err(error) if error.code() == Some("ResourceInUseException") => {}
            Err(error) => return Err(StoreError::from_sdk("CreateTable", error)),
        }
        for _ in 0..300 {
            let described = client.describe_table().table_name(&self.name).send().await;
            let described = described.map_err(|e| StoreError::from_sdk("DescribeTable", e))?;
            let status = described.table().and_then(|table| table.table_status());
            if status == Some(&TableStatus::Active) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Err(StoreError::damaged(
            &self.name,
            "the table did not become active within a minute",
        ))
    }

    fn request(&self, client: &Client) -> Result<CreateTableFluentBuilder, StoreError> {
        let wrong = |e: aws_sdk_dynamodb::error::BuildError| StoreError::damaged(&self.name, e);
        let mut request = client
            .create_table()
            .table_name(&self.name)
            .billing_mode(BillingMode::PayPerRequest);
        for (name, kind) in self.key_attributes() {
            let definition = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(kind);
            request = request.attribute_definitions(definition.build().map_err(wrong)?);
        }
        for element in key_schema(&self.partition, self.sort.as_ref()) {
            request = request.key_schema(element.map_err(wrong)?);
        }
        for index in &self.indexes {
            let elements = key_schema(&index.partition, index.sort.as_ref());
            let index = GlobalSecondaryIndex::builder()
                .index_name(&index.name)
                .set_key_schema(Some(elements.collect::<Result<_, _>>().map_err(wrong)?))
                .projection(index.projection());
            request = request.global_secondary_indexes(index.build().map_err(wrong)?);
        }
        if self.stream {
            let stream = StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewImage);
            request = request.stream_specification(stream.build().map_err(wrong)?);
        }
        Ok(request)
    }

    /// Each once, whether the table or an index uses it.
    fn key_attributes(&self) -> BTreeMap<&str, ScalarAttributeType> {
        let of_indexes = self
            .indexes
            .iter()
            .flat_map(|i| std::iter::once(&i.partition).chain(&i.sort));
        std::iter::once(&self.partition)
            .chain(&self.sort)
            .chain(of_indexes)
            .map(|key| (key.name.as_str(), key.kind.into()))
            .collect()
    }
}

impl IndexDefinition {
    fn projection(&self) -> Projection {
        let projection = Projection::builder();
        if self.include.is_empty() {
            projection.projection_type(ProjectionType::KeysOnly).build()
        } else {
            projection
                .projection_type(ProjectionType::Include)
                .set_non_key_attributes(Some(self.include.clone()))
                .build()
        }
    }
}

impl From<KeyKind> for ScalarAttributeType {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Text => Self::S,
            KeyKind::Number => Self::N,
        }
    }
}

fn key_schema(
    partition: &KeyAttribute,
    sort: Option<&KeyAttribute>,
) -> impl Iterator<Item = Result<KeySchemaElement, aws_sdk_dynamodb::error::BuildError>> {
    let element = |key: &KeyAttribute, kind| {
        KeySchemaElement::builder()
            .attribute_name(&key.name)
            .key_type(kind)
            .build()
    };
    std::iter::once(element(partition, KeyType::Hash)).chain(sort.map(|key| element(key, KeyType::Range)))
}
