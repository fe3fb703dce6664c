//! The bodies of requests. The types of the contracts ignore unknown fields, because newer events may have more; these
//! types refuse unknown fields, so that a client notices a typing error.

use crate::codes::UNKNOWN_TIME_ZONE;
use crate::restaurant::{RestaurantCommand, RestaurantDetails};
use contracts::restaurant::{
    DayOfWeek, MAX_OPENING_HOURS, MAX_SERVICE_AREA, Menu, MenuItem, OpeningHours, RestaurantName, TimeOfDay,
    TimeZoneName,
};
use contracts::{AddressInput, Invalid, MenuItemId, MenuItemName, Money, Zip};
use http_api::Problem;
use http_api::codes::MALFORMED_BODY;
use jiff::tz::TimeZoneDatabase;
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A request to add a restaurant.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateRestaurant {
    name: RestaurantName,
    address: AddressInput,
    menu: MenuInput,
    /// At most 28 opening hours: several on one day are allowed, duplicates are not.
    #[schema(max_items = 28)]
    opening_hours: Vec<OpeningHoursInput>,
    /// The zip codes that the restaurant delivers to: at most 49, each once.
    #[schema(max_items = 49)]
    service_area: Vec<Zip>,
    /// The time zone of the opening hours; UTC if absent.
    #[serde(default)]
    time_zone: Option<TimeZoneName>,
}

/// A request to change a restaurant's opening hours.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChangeHours {
    /// All opening hours, at most 28: several on one day are allowed, duplicates are not.
    #[schema(max_items = 28)]
    opening_hours: Vec<OpeningHoursInput>,
    /// The time zone of the opening hours; unchanged if absent.
    #[serde(default)]
    time_zone: Option<TimeZoneName>,
}

/// A request to change the area that a restaurant delivers to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChangeServiceArea {
    /// All zip codes: at most 49, each once.
    #[schema(max_items = 49)]
    service_area: Vec<Zip>,
}

/// A menu: 1 to 500 items, each id once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, try_from = "MenuFields")]
pub(crate) struct MenuInput {
    #[schema(value_type = Vec<MenuItemInput>, min_items = 1, max_items = 500)]
    menu_items: Menu,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MenuFields {
    menu_items: Vec<MenuItemInput>,
}

/// An item on a menu.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct MenuItemInput {
    /// The restaurant's id for the item; unique within the menu.
    id: MenuItemId,
    name: MenuItemName,
    price: Money,
}

/// A span in which a restaurant is open on one day. If it closes no later than it opens, it closes on the next day.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OpeningHoursInput {
    day_of_week: DayOfWeek,
    opens: TimeOfDay,
    closes: TimeOfDay,
}

impl TryFrom<MenuFields> for MenuInput {
    type Error = Invalid;
    fn try_from(fields: MenuFields) -> Result<Self, Invalid> {
        let items = fields.menu_items.into_iter();
        let menu_items = Menu::new(
            items
                .map(|MenuItemInput { id, name, price }| MenuItem { id, name, price })
                .collect(),
        )?;
        Ok(Self { menu_items })
    }
}

impl MenuInput {
    pub(crate) fn into_menu(self) -> Menu {
        self.menu_items
    }
}

impl TryFrom<CreateRestaurant> for RestaurantDetails {
    type Error = Problem;

    fn try_from(request: CreateRestaurant) -> Result<Self, Problem> {
        Ok(Self {
            name: request.name,
            address: request.address.into(),
            menu: request.menu.into_menu(),
            opening_hours: opening_hours(request.opening_hours)?,
            service_area: service_area(request.service_area)?,
            time_zone: match request.time_zone {
                Some(name) => known_zone(&name)?,
                None => TimeZoneName::new("UTC").map_err(Problem::internal)?,
            },
            closed: false,
        })
    }
}

impl TryFrom<ChangeHours> for RestaurantCommand {
    type Error = Problem;

    fn try_from(request: ChangeHours) -> Result<Self, Problem> {
        Ok(Self::ChangeHours {
            opening_hours: opening_hours(request.opening_hours)?,
            time_zone: request.time_zone.map(|name| known_zone(&name)).transpose()?,
        })
    }
}

impl TryFrom<ChangeServiceArea> for RestaurantCommand {
    type Error = Problem;

    fn try_from(request: ChangeServiceArea) -> Result<Self, Problem> {
        Ok(Self::ChangeServiceArea(service_area(request.service_area)?))
    }
}

/// Checks opening hours. They may overlap: the restaurant is open during any of them. A duplicate is a typing error.
fn opening_hours(hours: Vec<OpeningHoursInput>) -> Result<Vec<OpeningHours>, Problem> {
    check_length("openingHours", hours.len(), MAX_OPENING_HOURS)?;
    let hours = hours.into_iter().map(|input| OpeningHours {
        day_of_week: input.day_of_week,
        opens: input.opens,
        closes: input.closes,
    });
    let hours: Vec<OpeningHours> = hours.collect();
    let key = |hours: &OpeningHours| (hours.day_of_week, hours.opens, hours.closes);
    check_distinct("openingHours", "opening hours", hours.iter().map(key))?;
    Ok(hours)
}

fn service_area(area: Vec<Zip>) -> Result<Vec<Zip>, Problem> {
    check_length("serviceArea", area.len(), MAX_SERVICE_AREA)?;
    check_distinct("serviceArea", "zip code", area.iter())?;
    Ok(area)
}

fn check_distinct<T: Ord>(
    field: &str,
    what: &str,
    mut values: impl Iterator<Item = T>,
) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    match values.position(|value| !seen.insert(value)) {
        None => Ok(()),
        Some(at) => Err(MALFORMED_BODY
            .problem(format_args!("The same {what} appears twice."))
            .field(format!("{field}[{at}]"))),
    }
}

fn check_length(field: &str, length: usize, max: usize) -> Result<(), Problem> {
    if length <= max {
        return Ok(());
    }
    Err(MALFORMED_BODY
        .problem(format_args!("There are {length}; at most {max} are allowed."))
        .field(field))
}

/// Returns the zone's name as the database spells it. The database is compiled in: the Lambda runtime's image has none,
/// and an answer must not depend on the machine.
fn known_zone(name: &TimeZoneName) -> Result<TimeZoneName, Problem> {
    let unknown = || {
        UNKNOWN_TIME_ZONE
            .problem("A time zone is a name of the IANA database, for example \"America/Los_Angeles\".")
            .field("timeZone")
    };
    let zone = TimeZoneDatabase::bundled()
        .get(name.as_str())
        .map_err(|_| unknown())?;
    TimeZoneName::new(zone.iana_name().ok_or_else(unknown)?).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_name_is_accepted_in_any_case_and_stored_as_in_the_database() {
        let zone = known_zone(&"america/los_angeles".parse().unwrap()).unwrap();
        assert_eq!(zone.as_str(), "America/Los_Angeles");
    }

    #[test]
    fn unknown_zones_are_refused() {
        for name in ["Mars/Olympus", "../../etc/passwd", "PST8", "+02"] {
            if let Ok(name) = name.parse() {
                assert_eq!(known_zone(&name).unwrap_err().code, "UNKNOWN_TIME_ZONE");
            }
        }
    }

    #[test]
    fn schema_limits_match_the_enforced_limits() {
        fn properties<T: utoipa::PartialSchema>() -> serde_json::Value {
            serde_json::to_value(T::schema()).unwrap()["properties"].take()
        }
        for hours in [properties::<CreateRestaurant>(), properties::<ChangeHours>()] {
            assert_eq!(hours["openingHours"]["maxItems"], MAX_OPENING_HOURS);
        }
        for area in [
            properties::<CreateRestaurant>(),
            properties::<ChangeServiceArea>(),
        ] {
            assert_eq!(area["serviceArea"]["maxItems"], MAX_SERVICE_AREA);
        }
    }
}
