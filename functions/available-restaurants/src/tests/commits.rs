//! Commits as the restaurants service writes them.

use commit::Commit;
use contracts::restaurant::{CATEGORY, DayOfWeek, Menu, OpeningHours, RestaurantEvent};
use contracts::{Address, RestaurantId};
use testkit::commit;
use uuid::Uuid;

pub(crate) const ZIP: &str = "94612";
pub(crate) const WEEK: [DayOfWeek; 7] = [
    DayOfWeek::Monday,
    DayOfWeek::Tuesday,
    DayOfWeek::Wednesday,
    DayOfWeek::Thursday,
    DayOfWeek::Friday,
    DayOfWeek::Saturday,
    DayOfWeek::Sunday,
];

pub(crate) fn id(number: u128) -> RestaurantId {
    RestaurantId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn hours(day: DayOfWeek, opens: &str, closes: &str) -> OpeningHours {
    OpeningHours {
        day_of_week: day,
        opens: opens.parse().unwrap(),
        closes: closes.parse().unwrap(),
    }
}

/// Returns hours that are open all week.
pub(crate) fn always() -> Vec<OpeningHours> {
    WEEK.map(|day| hours(day, "00:00", "00:00")).into()
}

fn menu() -> Menu {
    fixtures::menu(&[("1", "12.34")])
}

pub(crate) fn created(hours: &[OpeningHours], zips: &[&str], zone: &str) -> RestaurantEvent {
    RestaurantEvent::RestaurantCreated {
        name: "Ajanta".parse().unwrap(),
        address: Address {
            street1: "1888 Solano Ave".parse().unwrap(),
            street2: None,
            city: "Berkeley".parse().unwrap(),
            state: "CA".parse().unwrap(),
            zip: "94707".parse().unwrap(),
        },
        menu: menu(),
        opening_hours: hours.to_vec(),
        service_area: zips.iter().map(|zip| zip.parse().unwrap()).collect(),
        time_zone: zone.parse().unwrap(),
    }
}

pub(crate) fn menu_revised() -> RestaurantEvent {
    RestaurantEvent::RestaurantMenuRevised { menu: menu() }
}

pub(crate) fn hours_changed(hours: &[OpeningHours], zone: &str) -> RestaurantEvent {
    RestaurantEvent::RestaurantHoursChanged {
        opening_hours: hours.to_vec(),
        time_zone: zone.parse().unwrap(),
    }
}

pub(crate) fn area_changed(zips: &[&str]) -> RestaurantEvent {
    RestaurantEvent::RestaurantServiceAreaChanged {
        service_area: zips.iter().map(|zip| zip.parse().unwrap()).collect(),
    }
}

pub(crate) fn closed() -> RestaurantEvent {
    RestaurantEvent::RestaurantClosed {}
}

/// Writes the commits of one restaurant, with increasing versions.
pub(crate) struct Life {
    stream: String,
    version: u64,
}

impl Life {
    pub(crate) fn new(number: u128) -> Self {
        let stream = format!("{CATEGORY}#{}", id(number));
        Self { stream, version: 0 }
    }

    pub(crate) fn commit(&mut self, event: &RestaurantEvent) -> Commit {
        self.version += 1;
        let time = "2026-11-23T17:00:00Z".parse().unwrap();
        commit(&self.stream, self.version, time, std::slice::from_ref(event))
    }
}
