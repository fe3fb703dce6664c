//! Opening hours by weekday.

use contracts::restaurant::{DayOfWeek, OpeningHours};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The minutes of a day in local time, without clock changes.
const DAY: i16 = 24 * 60;

/// The days of a week, in order.
pub(crate) const WEEK: [DayOfWeek; 7] = [
    DayOfWeek::Monday,
    DayOfWeek::Tuesday,
    DayOfWeek::Wednesday,
    DayOfWeek::Thursday,
    DayOfWeek::Friday,
    DayOfWeek::Saturday,
    DayOfWeek::Sunday,
];

/// A span in which a restaurant is open, in minutes from the midnight at which a day begins: open from `.0`, closed from
/// `.1`. It may begin the day before (below zero) and end the day after (above 1,440).
///
/// The form is stored; version it with care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Span(i16, i16);

/// Returns the spans of each day of [`WEEK`]. A span that passes midnight belongs to both days as a whole, so that either
/// day has its end.
pub(crate) fn by_day(hours: &[OpeningHours]) -> [BTreeSet<Span>; 7] {
    let mut days: [BTreeSet<Span>; 7] = Default::default();
    for hours in hours {
        let day = hours.day_of_week as usize;
        let opens = minutes(hours.opens.minutes());
        let mut closes = minutes(hours.closes.minutes());
        if closes <= opens {
            closes += DAY;
        }
        days[day].insert(Span(opens, closes));
        if closes > DAY {
            days[(day + 1) % 7].insert(Span(opens - DAY, closes - DAY));
        }
    }
    days
}

fn minutes(of_day: u16) -> i16 {
    i16::try_from(of_day).expect("a time of day is less than 1,440 minutes")
}

/// Returns the closing time, `HH:MM`, if the restaurant is open at this minute of the day. Spans that overlap or follow
/// one another without a break count as one.
pub(crate) fn open_until(spans: &[Span], minute: i16) -> Option<String> {
    let mut until = minute;
    // Each iteration moves to a later end, of which there are as many as spans.
    while let Some(end) = spans
        .iter()
        .filter(|s| s.0 <= until && until < s.1)
        .map(|s| s.1)
        .max()
    {
        until = end;
    }
    let closes = until.rem_euclid(DAY);
    (until > minute).then(|| format!("{:02}:{:02}", closes / 60, closes % 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn anything() -> impl Strategy<Value = OpeningHours> {
        let time = || (0..24, 0..60).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
        (0..7_usize, time(), time()).prop_map(|(day, opens, closes)| hours(WEEK[day], &opens, &closes))
    }

    proptest! {
        #[test]
        fn it_is_open_when_less_has_passed_since_it_opened_than_it_is_open_for(
            all in prop::collection::vec(anything(), 0..6), day in 0..7_usize, minute in 0..DAY
        ) {
            let since_monday = |day: usize, minute: i32| i32::try_from(day).unwrap() * 1440 + minute;
            let open = all.iter().any(|hours| {
                let (opens, closes) = (i32::from(hours.opens.minutes()), i32::from(hours.closes.minutes()));
                let long = match (closes - opens).rem_euclid(1440) {
                    0 => 1440,
                    part => part,
                };
                let passed = since_monday(day, i32::from(minute)) - since_monday(hours.day_of_week as usize, opens);
                passed.rem_euclid(7 * 1440) < long
            });
            prop_assert_eq!(open_until(&spans(WEEK[day], &all), minute).is_some(), open);
        }
    }

    fn hours(day: DayOfWeek, opens: &str, closes: &str) -> OpeningHours {
        OpeningHours {
            day_of_week: day,
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
        }
    }

    fn spans(day: DayOfWeek, of: &[OpeningHours]) -> Vec<Span> {
        by_day(of)[day as usize].iter().copied().collect()
    }

    #[test]
    fn days_are_indexed_in_week_order() {
        for (place, day) in WEEK.into_iter().enumerate() {
            assert_eq!(day as usize, place);
        }
    }

    #[test]
    fn opening_minute_is_open_and_closing_minute_is_closed() {
        let monday = spans(DayOfWeek::Monday, &[hours(DayOfWeek::Monday, "06:00", "22:00")]);
        assert_eq!(open_until(&monday, 6 * 60 - 1), None);
        assert_eq!(open_until(&monday, 6 * 60).as_deref(), Some("22:00"));
        assert_eq!(open_until(&monday, 22 * 60 - 1).as_deref(), Some("22:00"));
        assert_eq!(open_until(&monday, 22 * 60), None);
    }

    #[test]
    fn span_past_midnight_belongs_to_both_days_and_the_week_wraps() {
        let sunday = [hours(DayOfWeek::Sunday, "23:00", "02:00")];
        let open = |day, minute| open_until(&spans(day, &sunday), minute);
        assert_eq!(open(DayOfWeek::Sunday, DAY - 1).as_deref(), Some("02:00"));
        assert_eq!(open(DayOfWeek::Monday, 0).as_deref(), Some("02:00"));
        assert_eq!(open(DayOfWeek::Monday, 120), None);
        assert_eq!(open(DayOfWeek::Sunday, 60), None);
    }

    #[test]
    fn hours_that_end_at_midnight_are_not_in_the_next_day() {
        let monday = [hours(DayOfWeek::Monday, "18:00", "00:00")];
        assert_eq!(
            open_until(&spans(DayOfWeek::Monday, &monday), DAY - 1).as_deref(),
            Some("00:00")
        );
        assert_eq!(spans(DayOfWeek::Tuesday, &monday), []);
    }

    #[test]
    fn equal_opening_and_closing_time_is_a_whole_day() {
        let day = [hours(DayOfWeek::Monday, "00:00", "00:00")];
        assert_eq!(spans(DayOfWeek::Monday, &day), [Span(0, DAY)]);
        assert_eq!(spans(DayOfWeek::Tuesday, &day), []);
        let shifted = [hours(DayOfWeek::Monday, "08:00", "08:00")];
        assert_eq!(spans(DayOfWeek::Tuesday, &shifted), [Span(8 * 60 - DAY, 8 * 60)]);
    }

    #[test]
    fn adjacent_spans_merge_and_a_break_separates_them() {
        let monday = [
            hours(DayOfWeek::Monday, "11:00", "14:00"),
            hours(DayOfWeek::Monday, "13:00", "15:00"),
            hours(DayOfWeek::Monday, "15:00", "16:00"),
            hours(DayOfWeek::Monday, "18:00", "22:00"),
        ];
        let monday = spans(DayOfWeek::Monday, &monday);
        assert_eq!(open_until(&monday, 12 * 60).as_deref(), Some("16:00"));
        assert_eq!(open_until(&monday, 17 * 60), None);
        assert_eq!(open_until(&monday, 18 * 60).as_deref(), Some("22:00"));
    }
}
