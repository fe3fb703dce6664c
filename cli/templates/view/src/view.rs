__contracts__
use jiff::Timestamp;
use projection::{ApplyError, Index, Published, Uses, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The view: one document per __source__, and one list of all documents.
#[derive(Debug, Clone, Copy)]
pub struct __Name__;

/// The only partition of the index. A partition takes 1,000 write units a second. For more traffic, split the list, for example
/// into one list per customer, with the customer's id as the partition.
pub(crate) const ALL: &str = "__name__";

/// The entry of one __source__. The names are stored; version them with care.
///
/// Add fields here, and the code that changes them to [`__Name__::apply`](View::apply). A field that is added after documents
/// were stored needs `#[serde(default)]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct __Name__Entry {
    /// The id.
    pub __id_field__: __Id__,
    /// The number of events.
    pub events: u64,
    /// The type of each source's last event.
    pub last_events: BTreeMap<String, String>,
    /// When the last event was committed.
    #[schema(value_type = values::Moment)]
    pub changed_at: Timestamp,
}

impl View for __Name__ {
    type Document = Option<__Name__Entry>;
    const NAME: &'static str = "__name__";
    const SOURCES: &'static [&'static str] = &[__source_constants__];
    const USES: Uses = Uses::NOTHING.index();

    fn apply(document: &mut Self::Document, event: &Published<'_>) -> Result<(), ApplyError> {
        let entry = match document {
            Some(entry) => entry,
            None => document.insert(begun(event)?),
        };
        entry.events += 1;
        entry.changed_at = entry.changed_at.max(event.time());
        let (source, kind) = (event.category(), &event.event.kind);
        entry.last_events.insert(source.to_owned(), kind.clone());
        // Lists every type, so that the compiler reports a new one. A type that changes an answer needs its own arm.
        __apply__
        Ok(())
    }

    fn index(document: &Self::Document) -> Option<Index> {
        let entry = document.as_ref()?;
        __whole__
        Some(Index {
            partition: ALL.to_owned(),
            // Ids are unique. An id begins with the time of its creation, or is derived from the client's key.
            sort: entry.__id_field__.to_string(),
            lean: serde_json::to_value(entry).expect("an entry has only text for keys"),
            attributes: BTreeMap::new(),
        })
    }
}

/// Returns the entry before its first event.
fn begun(event: &Published<'_>) -> Result<__Name__Entry, ApplyError> {
    let id = event.id().parse();
    Ok(__Name__Entry {
        __id_field__: id.map_err(|error| ApplyError::rejected(format!("the stream's id is not valid for __source__: {error}")))?,
        events: 0,
        last_events: BTreeMap::new(),
        changed_at: event.time(),
    })
}
