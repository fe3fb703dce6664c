use super::{Contents, ExpectedError, expected_contents, fold};
use crate::read::{IndexQuery, Page, ReadError, ReadYourWrites, RowPage, RowsQuery, Tallied, ViewReader};
use crate::view::View;
use commit::Commit;
use futures::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeMap;

/// A view without its type, for simulations that read all views of a system.
pub trait Examined: Send + Sync {
    /// See [`ViewReader::get`].
    fn get<'a>(
        &'a self,
        key: &'a str,
        read: &'a ReadYourWrites,
    ) -> BoxFuture<'a, Result<Option<Shown>, ReadError>>;

    /// See [`ViewReader::list`].
    fn list<'a>(
        &'a self,
        query: &'a IndexQuery,
        read: &'a ReadYourWrites,
    ) -> BoxFuture<'a, Result<Page, ReadError>>;

    /// See [`ViewReader::rows`].
    fn rows<'a>(
        &'a self,
        query: &'a RowsQuery,
        read: &'a ReadYourWrites,
    ) -> BoxFuture<'a, Result<RowPage, ReadError>>;

    /// See [`ViewReader::tallies`].
    fn tallies<'a>(
        &'a self,
        keys: &'a [String],
        read: &'a ReadYourWrites,
    ) -> BoxFuture<'a, Result<Vec<Tallied>, ReadError>>;

    /// Returns the fold of these commits.
    ///
    /// # Errors
    /// When the document cannot be serialized as JSON.
    fn folded(&self, commits: &[Commit]) -> Result<Value, serde_json::Error>;

    /// See [`expected_contents`].
    ///
    /// # Errors
    /// When the view derives an item that cannot be stored.
    fn expected(&self, generation: u64, history: &[Commit]) -> Result<Contents, ExpectedError>;
}

/// A document of a view, as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The document.
    pub document: Value,
    /// The version of each source that the document reflects.
    pub versions: BTreeMap<String, u64>,
}

impl<V: View> Examined for ViewReader<V> {
    fn get<'a>(
        &'a self,
        key: &'a str,
        read: &'a ReadYourWrites,
    ) -> BoxFuture<'a, Result<Option<Shown>, ReadError>> {
        Box::pin(async move {
            let fresh = Self::get(self, key, read).await?;
            Ok(fresh.map(|fresh| Shown {
                document: serde_json::to_value(&fresh.document).expect("a stored document is valid JSON"),
                versions: fresh.versions,
            }))
        })
    }

    fn list<'a>(
        &'a self,
        query: &'a IndexQuery,
        read: &'a ReadYourWrites,
    ) -> BoxFuture<'a, Result<Page, ReadError>> {
        Box::pin(Self::list(self, query, read))
    }

    fn rows<'a>(
        &'a self,
        query: &'a RowsQuery,
        read: &'a ReadYourWrites,
    ) -> BoxFuture<'a, Result<RowPage, ReadError>> {
        Box::pin(Self::rows(self, query, read))
    }

    fn tallies<'a>(
        &'a self,
        keys: &'a [String],
        read: &'a ReadYourWrites,
    ) -> BoxFuture<'a, Result<Vec<Tallied>, ReadError>> {
        Box::pin(Self::tallies(self, keys, read))
    }

    fn folded(&self, commits: &[Commit]) -> Result<Value, serde_json::Error> {
        serde_json::to_value(fold::<V>(commits))
    }

    fn expected(&self, generation: u64, history: &[Commit]) -> Result<Contents, ExpectedError> {
        expected_contents::<V>(generation, history)
    }
}
