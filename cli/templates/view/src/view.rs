__contracts__
use jiff::Timestamp;
use projection::{ApplyError, Index, Published, Uses, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The view: one document per __source__, all in one list.
#[derive(Debug, Clone, Copy)]
pub struct __Name__;

/// The one partition of the index. It takes 1,000 writes a second: a list that grows with the traffic is better a list of
/// something, for example of a customer, whose id is then its partition.
pub(crate) const ALL: &str = "__name__";

/// What is known of one __source__; nothing before its first event. The names are stored; version them with care.
///
/// A field of your own goes here, and what changes it into [`__Name__::apply`](View::apply). One that is added when documents are
/// stored already needs `#[serde(default)]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct __Name__Entry {
    /// Whose events these are.
    pub __id_field__: __Id__,
    /// How many events there were.
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
        // Types are listed one by one, so that the compiler asks about a new one. What changes an answer gets an arm of its own.
        __apply__
        Ok(())
    }

    fn index(document: &Self::Document) -> Option<Index> {
        let entry = document.as_ref()?;
        __whole__
        Some(Index {
            partition: ALL.to_owned(),
            // An id begins with the time of its creation, or is derived from a key of the client's; it is unique.
            sort: entry.__id_field__.to_string(),
            lean: serde_json::to_value(entry).expect("an entry has only text for keys"),
            attributes: BTreeMap::new(),
        })
    }
}

/// An entry before its first event.
fn begun(event: &Published<'_>) -> Result<__Name__Entry, ApplyError> {
    let id = event.id().parse();
    Ok(__Name__Entry {
        __id_field__: id.map_err(|error| ApplyError::rejected(format!("the stream's id is none of __source__: {error}")))?,
        events: 0,
        last_events: BTreeMap::new(),
        changed_at: event.time(),
    })
}
