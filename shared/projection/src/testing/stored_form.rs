use super::reactions::Unused;
use crate::reactor::Reactor;
use crate::state::{State, Step};
use crate::subscriber::{Derived, ReactorOf, Subscriber, ViewOf};
use crate::view::View;
use commit::Commit;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is stored for each key.
type Documents = BTreeMap<String, Value>;

/// How a subscriber stores its documents, without its type: for tests that compare the stored form with the one before.
#[derive(Clone, Copy)]
pub struct StoredForm {
    fold: fn(&[Value]) -> Result<Documents, Unfolded>,
    read: fn(&Value) -> Result<Value, String>,
}

/// A commit that cannot be folded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the commit at position {position} cannot be applied: {reason}")]
pub struct Unfolded {
    /// Its position in the history, from 0.
    pub position: usize,
    /// The error of the code or of the engine.
    pub reason: String,
}

impl StoredForm {
    /// Returns the form of a view's documents, with what is derived from them.
    #[must_use]
    pub fn view<V: View>() -> Self {
        Self::of::<ViewOf<V>>()
    }

    /// Returns the form of a reactor's documents.
    #[must_use]
    pub fn reactor<R: Reactor>() -> Self {
        Self::of::<ReactorOf<R, Unused>>()
    }

    fn of<S: Subscriber>() -> Self {
        Self {
            fold: fold::<S>,
            read: read::<S>,
        }
    }

    /// Returns the documents after these commits, by key, as they are stored: `document`, and what a view derives from it. The
    /// commits have the form that they have in messages.
    ///
    /// # Errors
    /// When a commit cannot be applied, or one before it is missing.
    pub fn fold(&self, commits: &[Value]) -> Result<BTreeMap<String, Value>, Unfolded> {
        (self.fold)(commits)
    }

    /// Reads a document and returns it as this code stores it.
    ///
    /// # Errors
    /// When this code cannot read it: the document would be quarantined.
    pub fn read(&self, document: &Value) -> Result<Value, String> {
        (self.read)(document)
    }
}

fn fold<S: Subscriber>(commits: &[Value]) -> Result<Documents, Unfolded> {
    let mut states: BTreeMap<String, State<S>> = BTreeMap::new();
    for (position, commit) in commits.iter().enumerate() {
        let failed = |reason| Unfolded { position, reason };
        let commit: Commit =
            serde_json::from_value(commit.clone()).map_err(|error| failed(error.to_string()))?;
        let state = states.entry(commit.stream.id().to_owned()).or_default();
        match state.step(&commit) {
            Step::Ready(advance) => state.accept(&commit, *advance),
            Step::Poison(poison) => return Err(failed(poison.error)),
            _ => return Err(failed("its place in its stream is wrong".to_owned())),
        }
    }
    let documents = states.into_iter().filter_map(|(key, state)| {
        let document = state.document.as_ref().ok()?;
        // What was derived is stored with the document; a reactor derives deadlines only.
        let derived = state.derived.unwrap_or_default();
        let rows = derived.rows.iter().cloned().chain(state.journal.rows()).collect();
        let stored = stored(document)
            .map(|document| with_derived(document, &Derived { rows, ..derived }))
            .unwrap_or_else(|error| json!({ "cannot be stored": error }));
        Some((key, stored))
    });
    Ok(documents.collect())
}

fn with_derived(document: Value, derived: &Derived) -> Value {
    let mut stored = json!({ "document": document });
    if let Some(index) = &derived.index {
        stored["index"] = json!({
            "partition": index.partition,
            "sort": index.sort,
            "lean": index.lean,
            "attributes": index.attributes,
        });
    }
    let rows = derived.rows.iter();
    let rows: Vec<_> = rows
        .map(|row| json!({ "partition": row.partition, "sort": row.sort, "data": row.data }))
        .collect();
    if !rows.is_empty() {
        stored["rows"] = rows.into();
    }
    let tallies = derived.tallies.iter();
    let tallies: Vec<_> = tallies
        .map(|tally| json!({ "key": tally.key, "amounts": tally.amounts }))
        .collect();
    if !tallies.is_empty() {
        stored["tallies"] = tallies.into();
    }
    let deadlines = derived.deadlines.iter();
    let deadlines: Vec<_> = deadlines
        .map(|deadline| json!({ "name": deadline.name, "time": deadline.time, "watched": deadline.watched }))
        .collect();
    if !deadlines.is_empty() {
        stored["deadlines"] = deadlines.into();
    }
    stored
}

fn read<S: Subscriber>(document: &Value) -> Result<Value, String> {
    let item = serde_dynamo::to_attribute_value(document).map_err(|error| error.to_string())?;
    let item: aws_sdk_dynamodb::types::AttributeValue = item;
    let document: S::Document =
        serde_dynamo::from_attribute_value(item).map_err(|error| error.to_string())?;
    stored(&document)
}

/// Returns a document as DynamoDB stores it, in JSON.
fn stored(document: &impl serde::Serialize) -> Result<Value, String> {
    let item: aws_sdk_dynamodb::types::AttributeValue =
        serde_dynamo::to_attribute_value(document).map_err(|error| error.to_string())?;
    serde_dynamo::from_attribute_value(item).map_err(|error| error.to_string())
}
