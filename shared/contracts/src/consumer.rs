//! The events of one consumer.

use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::text;

/// The category of a consumer's stream.
pub const CATEGORY: &str = "consumer";

text! {
    /// A first or last name. The longest name that passports print has 39 characters; some names are longer.
    NamePart, "a name", max = 100
}

/// A person's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonName {
    /// Given name.
    pub first_name: NamePart,
    /// Family name.
    pub last_name: NamePart,
}

/// What happened to a consumer. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum ConsumerEvent {
    /// The consumer registered.
    #[serde(rename_all = "camelCase")]
    ConsumerCreated {
        /// The name.
        name: PersonName,
    },
}

impl Event for ConsumerEvent {
    const TYPES: &'static [(&'static str, u32)] = &[("ConsumerCreated", 1)];
}
