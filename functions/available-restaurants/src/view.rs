use crate::hours::{Span, WEEK, by_day};
use contracts::restaurant::{
    CATEGORY, DayOfWeek, OpeningHours, RestaurantEvent, RestaurantName, TimeZoneName,
};
use contracts::{Address, RestaurantId, Zip};
use projection::{ApplyError, Published, Row, Uses, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The view: one document per restaurant, and a row under each of its zip codes for each weekday on which it is open. At
/// most 49 zip codes × 7 days = 343 rows of about 300 bytes, 3 KB with the longest names.
///
/// An event that changes rows costs 2 write units for each row and for each KB of the document, which lists its rows: 32
/// for two zip codes, 1,920 if a restaurant that is open all week moves from 49 zip codes to 49 others. Other events cost
/// 1 per KB.
#[derive(Debug, Clone, Copy)]
pub struct AvailableRestaurants;

/// The document of one restaurant. The names are stored; version them with care.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RestaurantDocument {
    /// `None` before the restaurant's creation, and after it closed for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listing: Option<Listing>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    restaurant_id: RestaurantId,
    name: RestaurantName,
    address: Address,
    opening_hours: Vec<OpeningHours>,
    service_area: BTreeSet<Zip>,
    time_zone: TimeZoneName,
}

/// The content of a row. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestaurantRow {
    pub(crate) name: RestaurantName,
    pub(crate) address: Address,
    pub(crate) time_zone: TimeZoneName,
    /// The spans of the row's weekday.
    pub(crate) spans: Vec<Span>,
}

impl View for AvailableRestaurants {
    type Document = RestaurantDocument;
    const NAME: &'static str = "available-restaurants";
    const SOURCES: &'static [&'static str] = &[CATEGORY];
    const USES: Uses = Uses::NOTHING.rows();

    fn apply(document: &mut RestaurantDocument, event: &Published<'_>) -> Result<(), ApplyError> {
        let change = event.decode::<RestaurantEvent>()?;
        if document.closed {
            return Ok(());
        }
        match change {
            RestaurantEvent::RestaurantCreated {
                name,
                address,
                opening_hours,
                service_area,
                time_zone,
                ..
            } => {
                document.listing = Some(Listing {
                    restaurant_id: event.id().parse().map_err(rejected)?,
                    name,
                    address,
                    opening_hours,
                    service_area: service_area.into_iter().collect(),
                    time_zone,
                });
            }
            // The view does not contain the menu.
            RestaurantEvent::RestaurantMenuRevised { .. } => {}
            RestaurantEvent::RestaurantHoursChanged {
                opening_hours,
                time_zone,
            } => {
                let listing = document.created()?;
                listing.opening_hours = opening_hours;
                listing.time_zone = time_zone;
            }
            RestaurantEvent::RestaurantServiceAreaChanged { service_area } => {
                document.created()?.service_area = service_area.into_iter().collect();
            }
            RestaurantEvent::RestaurantClosed {} => {
                document.listing = None;
                document.closed = true;
            }
        }
        Ok(())
    }

    fn rows(document: &RestaurantDocument) -> Vec<Row> {
        let Some(listing) = &document.listing else {
            return Vec::new();
        };
        let days = WEEK.into_iter().zip(by_day(&listing.opening_hours));
        let days: Vec<(DayOfWeek, serde_json::Value)> = days
            .filter(|(_, spans)| !spans.is_empty())
            .map(|(day, spans)| {
                let row = RestaurantRow {
                    name: listing.name.clone(),
                    address: listing.address.clone(),
                    time_zone: listing.time_zone.clone(),
                    spans: spans.into_iter().collect(),
                };
                let row = serde_json::to_value(row).expect("a row has only text for keys");
                (day, row)
            })
            .collect();
        let row = |zip: &Zip, (day, data): &(DayOfWeek, serde_json::Value)| Row {
            partition: partition(zip, *day),
            sort: listing.restaurant_id.to_string(),
            data: data.clone(),
        };
        let zips = listing.service_area.iter();
        zips.flat_map(|zip| days.iter().map(move |day| row(zip, day)))
            .collect()
    }
}

impl RestaurantDocument {
    /// Returns the created restaurant. Events arrive in the order of their versions, so a missing creation means a broken
    /// stream.
    fn created(&mut self) -> Result<&mut Listing, ApplyError> {
        self.listing
            .as_mut()
            .ok_or_else(|| rejected("the restaurant's stream does not begin with its creation"))
    }
}

/// Returns the partition of the restaurants that deliver to a zip code and are open at some time of a weekday. No zip
/// code contains `#`.
pub(crate) fn partition(zip: &Zip, day: DayOfWeek) -> String {
    let day = match day {
        DayOfWeek::Monday => "MONDAY",
        DayOfWeek::Tuesday => "TUESDAY",
        DayOfWeek::Wednesday => "WEDNESDAY",
        DayOfWeek::Thursday => "THURSDAY",
        DayOfWeek::Friday => "FRIDAY",
        DayOfWeek::Saturday => "SATURDAY",
        DayOfWeek::Sunday => "SUNDAY",
    };
    format!("{zip}#{day}")
}

fn rejected(reason: impl ToString) -> ApplyError {
    ApplyError::rejected(reason.to_string())
}
