//! What readers of published events rely on: the JSON Schemas of the events, and every version of an event ever written.
//!
//! A crate of contracts has `golden/{category}/{Type}.v{version}.json` and `schemas/{category}/{Type}.v{version}.json`, and one
//! test module that lists its categories and calls [`assert_golden`], [`assert_additions_are_ignored`] and [`assert_schemas`].

mod compatibility;
mod golden;
mod schemas;

pub use compatibility::breaks;
pub use golden::{assert_additions_are_ignored, assert_golden};
pub use schemas::assert_schemas;

use commit::{CodecError, Event, EventData};
use serde_json::Value;
use std::path::{Path, PathBuf};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// The events of one category, with their types erased.
pub struct Category {
    name: &'static str,
    types: &'static [(&'static str, u32)],
    /// Decodes a stored event and encodes it again.
    recode: fn(&EventData) -> Result<EventData, CodecError>,
    schema: Value,
    components: Vec<(String, RefOr<Schema>)>,
}

impl Category {
    /// The category with this name, whose events are `E`.
    ///
    /// # Panics
    /// When the schema of `E` cannot be written as JSON.
    #[must_use]
    pub fn of<E: Event + ToSchema>(name: &'static str) -> Self {
        let mut components = Vec::new();
        E::schemas(&mut components);
        Self {
            name,
            types: E::TYPES,
            recode: |stored| E::decode(stored)?.encode(),
            schema: serde_json::to_value(<E as PartialSchema>::schema()).expect("a schema is JSON"),
            components,
        }
    }
}

/// `folder/{category}/{Type}.v{version}.json` of a crate of contracts.
fn file(contracts: &Path, folder: &str, category: &str, kind: &str, version: u32) -> PathBuf {
    contracts
        .join(folder)
        .join(category)
        .join(format!("{kind}.v{version}.json"))
}
