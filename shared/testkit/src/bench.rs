use anyhow::Context;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use commit::Commit;
use event_store::{CommitReader, event_table};
use projection::testing::feeding;
use projection::{Sources, view_table};
use std::collections::HashMap;

type Item = HashMap<String, AttributeValue>;

/// A view's table and one event table for all its sources, with unique names, in a DynamoDB for tests.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The client.
    pub client: Client,
    /// The name of the view's table.
    pub view_table: String,
    /// The name of the event table.
    pub event_table: String,
}

impl Bench {
    /// Creates the tables.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn create(client: Client, name: &str, filters: &[&str]) -> anyhow::Result<Self> {
        let bench = Self {
            client,
            view_table: format!("{name}-view"),
            event_table: format!("{name}-events"),
        };
        let view = view_table(&bench.view_table, filters, true);
        view.create(&bench.client).await?;
        let events = event_table(&bench.event_table).without_stream();
        events.create(&bench.client).await?;
        Ok(bench)
    }

    /// Marks the view as filled, because its table is as old as the event table.
    ///
    /// # Errors
    /// When DynamoDB refuses the write.
    pub async fn filled(self) -> anyhow::Result<Self> {
        let put = self.client.put_item().table_name(&self.view_table);
        put.set_item(Some(feeding(1))).send().await?;
        Ok(self)
    }

    /// Returns sources that read every category from the one event table.
    #[must_use]
    pub fn sources(&self, categories: &[&str]) -> Sources {
        let reader = CommitReader::new(self.client.clone(), &self.event_table);
        categories.iter().fold(Sources::new(), |sources, category| {
            sources.with(*category, reader.clone())
        })
    }

    /// Writes commits into the event table, as the event store does.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn store(&self, commits: &[Commit]) -> anyhow::Result<()> {
        for chunk in commits.chunks(25) {
            let mut requests = Vec::new();
            for commit in chunk {
                let mut item: Item = serde_dynamo::to_item(commit)?;
                item.insert("f".to_owned(), AttributeValue::S("private".to_owned()));
                let put = PutRequest::builder().set_item(Some(item)).build()?;
                requests.push(WriteRequest::builder().put_request(put).build());
            }
            self.client
                .batch_write_item()
                .request_items(&self.event_table, requests)
                .send()
                .await
                .context("the commits were not stored")?;
        }
        Ok(())
    }

    /// Returns all items of the view's table.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn contents(&self) -> anyhow::Result<Vec<Item>> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let scan = self.client.scan().table_name(&self.view_table);
            let page = scan.set_exclusive_start_key(start).send().await?;
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// Deletes the tables.
    ///
    /// # Errors
    /// When DynamoDB fails.
    pub async fn delete(self) -> anyhow::Result<()> {
        for table in [self.view_table, self.event_table] {
            self.client.delete_table().table_name(table).send().await?;
        }
        Ok(())
    }
}
