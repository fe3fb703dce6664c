use crate::{IndexDefinition, KeyAttribute, KeyKind, TableDefinition, TableError};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TableStatus,
    TimeToLiveSpecification,
};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

/// The number of times that a new table's status is read, and the pause between two reads: one minute in total.
const LOOKS: u32 = 300;
const PAUSE: Duration = Duration::from_millis(200);

impl TableDefinition {
    /// Creates the table, billed on demand, unless it exists, and waits until it is active.
    ///
    /// # Errors
    /// See [`TableError`].
    pub async fn create(&self, client: &Client) -> Result<(), TableError> {
        match self.request(client)?.send().await {
            Ok(_) => {}
            Err(error) if error.code() == Some("ResourceInUseException") => {}
            Err(error) => return Err(self.failed("CreateTable", error)),
        }
        for _ in 0..LOOKS {
            let described = client.describe_table().table_name(&self.name).send().await;
            let described = described.map_err(|error| self.failed("DescribeTable", error))?;
            let status = described.table().and_then(|table| table.table_status());
            if status == Some(&TableStatus::Active) {
                return self.let_items_expire(client).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(TableError::NotActive {
            table: self.name.clone(),
        })
    }

    async fn let_items_expire(&self, client: &Client) -> Result<(), TableError> {
        let Some(attribute) = &self.expires else {
            return Ok(());
        };
        let specification = TimeToLiveSpecification::builder()
            .attribute_name(attribute)
            .enabled(true);
        let specification = specification.build().map_err(|source| TableError::Invalid {
            table: self.name.clone(),
            source,
        })?;
        let update = client.update_time_to_live().table_name(&self.name);
        match update.time_to_live_specification(specification).send().await {
            Ok(_) => Ok(()),
            // It is switched on already.
            Err(error) if error.code() == Some("ValidationException") => Ok(()),
            Err(error) => Err(self.failed("UpdateTimeToLive", error)),
        }
    }

    fn request(&self, client: &Client) -> Result<CreateTableFluentBuilder, TableError> {
        let wrong = |source| TableError::Invalid {
            table: self.name.clone(),
            source,
        };
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

    /// Returns each key attribute of the table and its indexes once.
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

    fn failed(&self, operation: &'static str, error: impl Error) -> TableError {
        TableError::Failed {
            operation,
            table: self.name.clone(),
            detail: DisplayErrorContext(error).to_string(),
        }
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
) -> impl Iterator<Item = Result<KeySchemaElement, BuildError>> {
    let element = |key: &KeyAttribute, kind| {
        KeySchemaElement::builder()
            .attribute_name(&key.name)
            .key_type(kind)
            .build()
    };
    std::iter::once(element(partition, KeyType::Hash)).chain(sort.map(|key| element(key, KeyType::Range)))
}
