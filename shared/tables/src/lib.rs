//! Definitions of DynamoDB tables, and their creation.
//!
//! A crate that stores something defines its table once, as a [`TableDefinition`]: the tests and the emulators create
//! the table from it, and the template is compared with it. This crate contains no definition itself.
//!
//! ```
//! use tables::{KeyAttribute, TableDefinition};
//!
//! # #[tokio::main]
//! # async fn main() -> anyhow::Result<()> {
//! let lamps = TableDefinition {
//!     name: "lamps".to_owned(),
//!     partition: KeyAttribute::text("room"),
//!     sort: Some(KeyAttribute::number("number")),
//!     indexes: Vec::new(),
//!     stream: false,
//!     expires: None,
//! };
//! let dynamo = local_dynamodb::LocalDynamo::in_memory().await?;
//! lamps.create(&dynamo.client()).await?;
//! // A table that exists is not changed.
//! lamps.create(&dynamo.client()).await?;
//! # Ok(()) }
//! ```

mod create;
mod definition;
mod error;

pub use definition::{IndexDefinition, KeyAttribute, KeyKind, TableDefinition};
pub use error::TableError;
