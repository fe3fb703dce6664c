//! Reading a view: documents, lists, and the reader's own writes (G10, G13).

mod query;

pub use query::{Condition, Filter, IndexQuery, Page, Position, ReadYourWrites};

use crate::source::Sources;
use crate::view::View;
use aws_sdk_dynamodb::Client;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::marker::PhantomData;

/// A document with how fresh it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh<D> {
    /// The document.
    pub document: D,
    /// How often the stored document was written.
    pub revision: u64,
    /// The last version of each source that it reflects.
    pub versions: BTreeMap<String, u64>,
    /// The time of the last event that it reflects.
    pub time: Option<Timestamp>,
    /// Whether events that the projection had not stored were added while reading.
    pub caught_up: bool,
    /// The generation that was read.
    pub generation: u64,
}

impl<D> Fresh<D> {
    /// What an `ETag` is made from: the generation and the versions, which determine the document (G6). Unlike the
    /// revision it is the same for a document caught up while reading and for the stored one of the same versions.
    #[must_use]
    pub fn tag(&self) -> String {
        self.versions
            .iter()
            .fold(format!("g{}", self.generation), |tag, (source, version)| {
                format!("{tag}.{source}-{version}")
            })
    }
}

/// Why a read gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The token names a version that its stream never had. HTTP 400.
    #[error("{stream} has no version {version}: the token is not one of ours")]
    ForeignToken {
        /// The stream.
        stream: commit::StreamId,
        /// The version that the token names.
        version: u64,
    },
    /// What the token names cannot be shown, because an event before it is quarantined. HTTP 503.
    #[error("{stream} version {version} is quarantined: {error}")]
    Quarantined {
        /// The stream.
        stream: commit::StreamId,
        /// The first version that could not be applied.
        version: u64,
        /// Why.
        error: String,
    },
    /// The view's table or an event table cannot be read now. HTTP 503.
    #[error("cannot be read now: {0}")]
    Unavailable(String),
}

/// Reads one view. Cheap to clone.
pub struct ViewReader<V> {
    client: Client,
    table: String,
    sources: Sources,
    view: PhantomData<fn() -> V>,
}

impl<V: View> ViewReader<V> {
    /// A reader of this table, which catches up from these event tables.
    pub fn new(client: Client, view_table: impl Into<String>, sources: Sources) -> Self {
        Self {
            client,
            table: view_table.into(),
            sources,
            view: PhantomData,
        }
    }

    /// One document.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn get(
        &self,
        key: &str,
        read: &ReadYourWrites,
    ) -> Result<Option<Fresh<V::Document>>, ReadError> {
        unimplemented!()
    }

    /// One page of a list.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub async fn list(&self, query: &IndexQuery, read: &ReadYourWrites) -> Result<Page, ReadError> {
        unimplemented!()
    }
}
