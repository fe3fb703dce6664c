//! The events of one __thing__.
//!
//! The names and fields are stored and published; version them with care.

use commit::Event;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::{id, text};

/// The category of the streams: `__category__#__prefix__…`.
pub const CATEGORY: &str = "__category__";

id! {
    /// The id of one __thing__.
    __Id__, "__prefix__"
}

text! {
    /// The name of one __thing__.
    __Category__Name, "a name", max = 100
}

/// What happened to one __thing__.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum __Category__Event {
    /// The __thing__ was created.
    #[serde(rename_all = "camelCase")]
    __Category__Created {
        /// The name.
        name: __Category__Name,
    },
    /// The __thing__ was renamed.
    #[serde(rename_all = "camelCase")]
    __Category__Renamed {
        /// The new name.
        name: __Category__Name,
    },
    /// The __thing__ was closed permanently.
    #[serde(rename_all = "camelCase")]
    __Category__Closed {},
}

impl Event for __Category__Event {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("__Category__Created", 1),
        ("__Category__Renamed", 1),
        ("__Category__Closed", 1),
    ];
}
