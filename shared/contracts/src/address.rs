//! Postal addresses.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use values::text;

text! {
    /// One line of a street address. The longest line that postal standards print has well under 100 characters.
    StreetLine, "a street line", max = 100
}

text! {
    /// A city's name. The longest official one has 58 letters, its ceremonial form 168.
    City, "a city", max = 170
}

text! {
    /// A state, province or region, by name or by code.
    Region, "a state", max = 100
}

text! {
    /// A postal code. None has more than 10 characters; 16 leave room for one written with blanks.
    Zip, "a zip code", max = 16, only = " -"
}

/// A postal address, as events and answers show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Number and street.
    pub street1: StreetLine,
    /// A second line, for example the floor or apartment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street2: Option<StreetLine>,
    /// The city.
    pub city: City,
    /// The state.
    pub state: Region,
    /// The postal code.
    pub zip: Zip,
}

/// A postal address as a client sends it. The fields are those of [`Address`]. Unknown fields are refused here; a reader
/// of events ignores fields that newer code added.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(description = "A postal address.")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddressInput {
    /// Number and street.
    pub street1: StreetLine,
    /// A second line, for example the floor or apartment.
    #[serde(default)]
    pub street2: Option<StreetLine>,
    /// The city.
    pub city: City,
    /// The state.
    pub state: Region,
    /// The postal code.
    pub zip: Zip,
}

impl From<AddressInput> for Address {
    fn from(input: AddressInput) -> Self {
        let AddressInput {
            street1,
            street2,
            city,
            state,
            zip,
        } = input;
        Self {
            street1,
            street2,
            city,
            state,
            zip,
        }
    }
}
