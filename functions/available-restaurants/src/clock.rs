//! Local times of all time zones at one moment.

use crate::hours::WEEK;
use contracts::restaurant::{DayOfWeek, TimeZoneName};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use std::collections::HashMap;

/// The local times at one moment. Each zone is looked up once.
pub(crate) struct Clocks {
    at: Timestamp,
    zones: HashMap<TimeZoneName, Option<Reading>>,
}

/// A local weekday and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) day: DayOfWeek,
    /// Whole minutes since midnight in local time. On a day of a clock change some minutes occur twice and some never.
    pub(crate) minute: i16,
}

impl Clocks {
    pub(crate) fn at(at: Timestamp) -> Self {
        let zones = HashMap::new();
        Self { at, zones }
    }

    /// Returns the local time of this zone, or `None` if the database has no such zone, which the restaurants service
    /// rules out.
    ///
    /// The database is compiled in: the Lambda runtime's image has none, and an answer must not depend on the machine.
    pub(crate) fn reading(&mut self, zone: &TimeZoneName) -> Option<Reading> {
        let at = self.at;
        if let Some(known) = self.zones.get(zone) {
            return *known;
        }
        let found = TimeZoneDatabase::bundled().get(zone.as_str()).ok();
        let reading = found.map(|zone| Reading::of(at.to_zoned(zone).datetime()));
        self.zones.insert(zone.clone(), reading);
        reading
    }

    /// Returns the weekdays that occur on Earth at the moment, from UTC−12 to UTC+14: two, and from 10:00 to 12:00 UTC
    /// three. UTC's own is first, because it is the most frequent one.
    pub(crate) fn weekdays(&self) -> Vec<DayOfWeek> {
        let mut days = Vec::with_capacity(3);
        for hours in [0, -12, 14] {
            let zone = TimeZone::fixed(Offset::constant(hours));
            let day = Reading::of(self.at.to_zoned(zone).datetime()).day;
            if !days.contains(&day) {
                days.push(day);
            }
        }
        days
    }
}

impl Reading {
    fn of(time: DateTime) -> Self {
        let day = usize::try_from(time.weekday().to_monday_zero_offset());
        let day = day.expect("a weekday is 0 to 6");
        Self {
            day: WEEK[day],
            minute: i16::from(time.hour()) * 60 + i16::from(time.minute()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clocks(at: &str) -> Clocks {
        Clocks::at(at.parse().unwrap())
    }

    fn reading(at: &str, zone: &str) -> Option<(DayOfWeek, String)> {
        let reading = clocks(at).reading(&zone.parse().unwrap())?;
        Some((
            reading.day,
            format!("{:02}:{:02}", reading.minute / 60, reading.minute % 60),
        ))
    }

    #[test]
    fn monday_noon_in_utc_is_morning_in_california_and_tuesday_on_kiritimati() {
        let noon = "2026-11-23T12:00:00Z";
        let shows = |zone, day, time: &str| assert_eq!(reading(noon, zone), Some((day, time.to_owned())));
        shows("UTC", DayOfWeek::Monday, "12:00");
        shows("America/Los_Angeles", DayOfWeek::Monday, "04:00");
        shows("Pacific/Kiritimati", DayOfWeek::Tuesday, "02:00");
        assert_eq!(reading(noon, "Mars/Olympus"), None);
    }

    #[test]
    fn skipped_hour_does_not_occur_and_repeated_hour_occurs_twice() {
        let zone = "America/Los_Angeles";
        let sunday = |time: &str| Some((DayOfWeek::Sunday, time.to_owned()));
        assert_eq!(reading("2026-03-08T09:59:59Z", zone), sunday("01:59"));
        assert_eq!(reading("2026-03-08T10:00:00Z", zone), sunday("03:00"));
        assert_eq!(reading("2026-11-01T08:30:00Z", zone), sunday("01:30"));
        assert_eq!(reading("2026-11-01T09:30:00Z", zone), sunday("01:30"));
    }

    #[test]
    fn weekdays_cover_every_zone() {
        for hour in 0..24 {
            let mut clocks = clocks(&format!("2026-11-23T{hour:02}:30:00Z"));
            let weekdays = clocks.weekdays();
            assert_eq!(weekdays[0], DayOfWeek::Monday);
            assert_eq!(weekdays.len(), if (10..12).contains(&hour) { 3 } else { 2 });
            for zone in TimeZoneDatabase::bundled().available() {
                let zone = zone.as_str().parse().unwrap();
                let day = clocks.reading(&zone).unwrap().day;
                assert!(weekdays.contains(&day), "{hour}: {zone}");
            }
        }
    }
}
