//! The events of one restaurant.

use crate::line_item::check_number;
use crate::{Address, Invalid, MenuItemId, MenuItemName, Money, Zip};
use commit::Event;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use values::text;

/// The category of a restaurant's stream.
pub const CATEGORY: &str = "restaurant";

text! {
    /// A restaurant's name. It is copied into every order.
    RestaurantName, "a restaurant name", max = 200
}

text! {
    /// The name of a time zone in the IANA database, for example `America/Los_Angeles`. Whether the zone exists is
    /// checked when a restaurant is created; a reader of events needs no zone database.
    TimeZoneName, "a time zone", max = 64, only = "_-+/"
}

/// An item on a menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MenuItem {
    /// The restaurant's id for the item; unique within the menu.
    pub id: MenuItemId,
    /// The item's name.
    pub name: MenuItemName,
    /// The price of one.
    pub price: Money,
}

/// A menu: at least one item, at most [`Menu::MAX`], each id once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "MenuFields", rename_all = "camelCase")]
pub struct Menu {
    #[schema(min_items = 1, max_items = 500)]
    menu_items: Vec<MenuItem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MenuFields {
    menu_items: Vec<MenuItem>,
}

impl Menu {
    /// The maximum number of items of one menu. 500 items with the longest names are about 160 KB in a commit, under the
    /// limit of 350 KB; the 64 KiB limit of a request's body is reached earlier.
    pub const MAX: usize = 500;

    /// Returns a menu of these items.
    ///
    /// # Errors
    /// [`Invalid`] if there are no items or too many, or an id appears twice.
    pub fn new(menu_items: Vec<MenuItem>) -> Result<Self, Invalid> {
        check_number("menu items", menu_items.len(), Self::MAX)?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = menu_items.iter().find(|item| !seen.insert(&item.id)) {
            return Err(Invalid::new(format!("menu item id {} appears twice", twice.id)));
        }
        Ok(Self { menu_items })
    }

    /// Returns the items, in the restaurant's order.
    #[must_use]
    pub fn items(&self) -> &[MenuItem] {
        &self.menu_items
    }

    /// Returns the item with this id. The search is linear, because menus are short.
    #[must_use]
    pub fn item(&self, id: &MenuItemId) -> Option<&MenuItem> {
        self.menu_items.iter().find(|item| item.id == *id)
    }
}

impl TryFrom<MenuFields> for Menu {
    type Error = Invalid;
    fn try_from(fields: MenuFields) -> Result<Self, Invalid> {
        Self::new(fields.menu_items)
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "they are the days of the week")]
pub enum DayOfWeek {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A time of day: `"HH:MM"`, from `00:00` to `23:59`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// Returns the minutes since midnight.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl std::str::FromStr for TimeOfDay {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digit = |b: u8| b.is_ascii_digit().then(|| u16::from(b - b'0'));
        let minutes = match *text.as_bytes() {
            [h1, h2, b':', m1, m2] => (|| {
                let (hours, minutes) = (digit(h1)? * 10 + digit(h2)?, digit(m1)? * 10 + digit(m2)?);
                (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
            })(),
            _ => None,
        };
        minutes
            .map(Self)
            .ok_or_else(|| Invalid::new("a time of day is written HH:MM, from 00:00 to 23:59"))
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        time.to_string()
    }
}

impl utoipa::PartialSchema for TimeOfDay {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"))
            .examples(["11:30"])
            .into()
    }
}

impl ToSchema for TimeOfDay {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("TimeOfDay")
    }
}

/// A span in which a restaurant is open on one day, in local time of its time zone. If it closes no later than it opens,
/// it closes on the next day: `18:00`–`02:00` passes midnight, `00:00`–`00:00` is the whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpeningHours {
    /// The day on which the restaurant opens.
    pub day_of_week: DayOfWeek,
    /// When the restaurant opens.
    pub opens: TimeOfDay,
    /// When the restaurant closes.
    pub closes: TimeOfDay,
}

/// The maximum number of opening hours of one restaurant: four spans on each of seven days.
pub const MAX_OPENING_HOURS: usize = 28;

/// The maximum number of zip codes that one restaurant serves. A view that finds restaurants by zip code and weekday
/// keeps one row for each pair, at most 343, and replaces them in a few transactions of at most 100 items.
pub const MAX_SERVICE_AREA: usize = 49;

/// What happened to a restaurant. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t", content = "d")]
pub enum RestaurantEvent {
    /// The restaurant registered.
    #[serde(rename_all = "camelCase")]
    RestaurantCreated {
        /// The restaurant's name.
        name: RestaurantName,
        /// The restaurant's address.
        address: Address,
        /// The restaurant's menu.
        menu: Menu,
        /// The restaurant's opening hours.
        opening_hours: Vec<OpeningHours>,
        /// The zip codes that the restaurant delivers to.
        service_area: Vec<Zip>,
        /// The time zone of the opening hours.
        time_zone: TimeZoneName,
    },
    /// The restaurant replaced its menu.
    #[serde(rename_all = "camelCase")]
    RestaurantMenuRevised {
        /// The whole new menu.
        menu: Menu,
    },
    /// The restaurant changed its opening hours.
    #[serde(rename_all = "camelCase")]
    RestaurantHoursChanged {
        /// All opening hours after the change.
        opening_hours: Vec<OpeningHours>,
        /// The time zone of the new opening hours.
        time_zone: TimeZoneName,
    },
    /// The restaurant changed the area that it delivers to.
    #[serde(rename_all = "camelCase")]
    RestaurantServiceAreaChanged {
        /// All zip codes that the restaurant delivers to after the change.
        service_area: Vec<Zip>,
    },
    /// The restaurant closed for good. Its open orders are still carried out.
    RestaurantClosed {},
}

impl Event for RestaurantEvent {
    const TYPES: &'static [(&'static str, u32)] = &[
        ("RestaurantCreated", 1),
        ("RestaurantMenuRevised", 1),
        ("RestaurantHoursChanged", 1),
        ("RestaurantServiceAreaChanged", 1),
        ("RestaurantClosed", 1),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: &str) -> MenuItem {
        MenuItem {
            id: id.parse().unwrap(),
            name: "Naan".parse().unwrap(),
            price: "2.50".parse().unwrap(),
        }
    }

    #[test]
    fn empty_menu_and_duplicate_id_are_refused() {
        assert!(Menu::new(vec![item("1"), item("2")]).is_ok());
        assert!(Menu::new(vec![item("1"), item("1")]).is_err());
        assert!(Menu::new(vec![]).is_err());
    }

    #[test]
    fn menu_schema_states_the_limit() {
        let schema = serde_json::to_value(<Menu as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["properties"]["menuItems"]["maxItems"], Menu::MAX);
    }

    #[test]
    fn times_of_day_round_trip() {
        for text in ["00:00", "09:05", "23:59"] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn malformed_times_of_day_are_refused() {
        for text in [
            "", "24:00", "12:60", "9:00", "09:5", "09.05", "０9:05", "-1:00", "12:00:00",
        ] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
    }
}
