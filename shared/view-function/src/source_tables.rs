use aws_sdk_dynamodb::Client;
use commit::StreamId;
use event_store::CommitReader;
use lambda_runtime::Error;
use projection::Sources;
use std::collections::BTreeMap;
use telemetry::lambda;

/// The event tables of a subscriber's sources, by category: what a function is told in `SOURCE_TABLES`.
///
/// A subscriber heals from them as [`Self::sources`]; who shows the events themselves asks for a [`Self::reader`].
#[derive(Debug, Clone)]
pub struct SourceTables(BTreeMap<String, CommitReader>);

impl SourceTables {
    /// These tables: category and name.
    pub fn new<C: Into<String>, T: Into<String>>(
        client: &Client,
        tables: impl IntoIterator<Item = (C, T)>,
    ) -> Self {
        let reader = |(category, table): (C, T)| (category.into(), CommitReader::new(client.clone(), table));
        Self(tables.into_iter().map(reader).collect())
    }

    /// The tables of these categories from the environment variable `SOURCE_TABLES`, for example
    /// `{"order": "orders-events"}`. What it has besides is left alone.
    ///
    /// # Errors
    /// When the variable is missing, is not such an object, or lacks one of the categories.
    pub fn from_environment(client: &Client, categories: &[&str]) -> Result<Self, Error> {
        Self::of(client, categories, lambda::json("SOURCE_TABLES")?)
    }

    fn of(client: &Client, categories: &[&str], mut tables: BTreeMap<String, String>) -> Result<Self, Error> {
        let mut named = Vec::with_capacity(categories.len());
        for category in categories {
            let table = tables
                .remove(*category)
                .ok_or_else(|| format!("SOURCE_TABLES has no {category:?}"))?;
            named.push((*category, table));
        }
        Ok(Self::new(client, named))
    }

    /// What reads the events of one category; none when it is no source.
    #[must_use]
    pub fn reader(&self, category: &str) -> Option<&CommitReader> {
        self.0.get(category)
    }

    /// As the engine takes them.
    #[must_use]
    pub fn sources(&self) -> Sources {
        self.0.iter().fold(Sources::new(), |sources, (category, reader)| {
            sources.with(category, reader.clone())
        })
    }

    /// One Query for a stream that does not exist (0.5–1 RU) takes name resolution, TLS and credentials out of the first
    /// request, into the phase that has a full CPU. One table is enough: all of them are behind one endpoint.
    pub(crate) async fn warm(&self) -> Result<(), Error> {
        if let Some((category, reader)) = self.0.first_key_value() {
            reader.head(&StreamId::new(category, "nobody")?).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client::from_conf(local_dynamodb::config_for("http://127.0.0.1:1").build())
    }

    fn environment() -> BTreeMap<String, String> {
        [("order", "orders-events"), ("ticket", "kitchen-events")]
            .map(|(category, table)| (category.to_owned(), table.to_owned()))
            .into()
    }

    #[test]
    fn every_category_has_its_table() {
        let tables = SourceTables::of(&client(), &["ticket", "order"], environment()).unwrap();
        let name = |category| tables.reader(category).map(CommitReader::table);
        assert_eq!(name("order"), Some("orders-events"));
        assert_eq!(name("ticket"), Some("kitchen-events"));
    }

    #[test]
    fn a_table_that_nobody_asked_for_is_no_source() {
        let tables = SourceTables::of(&client(), &["order"], environment()).unwrap();
        assert!(tables.reader("ticket").is_none());
        assert_eq!(format!("{:?}", tables.sources()), r#"{"order"}"#);
    }

    #[test]
    fn a_category_without_a_table_is_named() {
        let error = SourceTables::of(&client(), &["order", "payment"], environment()).unwrap_err();
        assert_eq!(error.to_string(), r#"SOURCE_TABLES has no "payment""#);
    }

    #[tokio::test]
    async fn a_table_that_does_not_answer_is_an_error_before_the_first_request() {
        let dynamo = local_dynamodb::LocalDynamo::in_memory().await.unwrap();
        let tables = SourceTables::new(&dynamo.client(), [("order", "orders-events")]);
        assert!(tables.warm().await.is_err());
        event_store::event_table("orders-events")
            .create(&dynamo.client())
            .await
            .unwrap();
        assert!(tables.warm().await.is_ok());
    }
}
