//! Days and ranges of them.

use contracts::Invalid;
use http_api::Problem;
use http_api::codes::INVALID_PARAMETER;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most days that one question may span: with a counter each they are one call to DynamoDB.
pub const MAX_DAYS: usize = 92;

/// How many days are shown when nobody says where to begin.
const DEFAULT_DAYS: i32 = 30;

/// A day in UTC, `YYYY-MM-DD`. Years from 2000 to 2199, as for every moment that is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Day(Date);

impl Day {
    /// The day of a moment.
    pub(crate) fn of(time: Timestamp) -> Self {
        Self(time.to_zoned(TimeZone::UTC).date())
    }

    fn before(self, days: i32) -> Self {
        // The first day of the calendar is far from every day that is allowed.
        let earlier = self.0.checked_sub(jiff::Span::new().days(days));
        Self(earlier.unwrap_or(self.0))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TryFrom<String> for Day {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new(
                "a day is written YYYY-MM-DD, from the year 2000 to 2199, for example \"2026-11-23\"",
            )
        };
        // The parser behind it takes more than this one form.
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(place, byte)| match place {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let date: Option<Date> = shape.then(|| text.parse().ok()).flatten();
        let date = date.filter(|date| (2000..2200).contains(&date.year()));
        date.map(Self).ok_or_else(invalid)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

/// The days from one to another, both inclusive. Without an end up to today, without a beginning 30 of them.
pub(crate) fn days(from: Option<Day>, to: Option<Day>, today: Day) -> Result<Vec<Day>, Problem> {
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| to.before(DEFAULT_DAYS - 1));
    let invalid = |field, detail: String| Err(INVALID_PARAMETER.problem(detail).field(field));
    if from > to {
        return invalid("to", "The end lies before the beginning.".to_owned());
    }
    let series = from.0.series(jiff::Span::new().days(1));
    let days: Vec<Day> = series
        .take_while(|day| *day <= to.0)
        .take(MAX_DAYS + 1)
        .map(Day)
        .collect();
    if days.len() > MAX_DAYS {
        return invalid("from", format!("One question may span {MAX_DAYS} days."));
    }
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.to_owned().try_into().unwrap()
    }

    fn span(from: Option<&str>, to: Option<&str>) -> Result<(String, String, usize), String> {
        let days =
            days(from.map(day), to.map(day), day("2026-11-23")).map_err(|problem| problem.field.unwrap())?;
        Ok((days[0].to_string(), days[days.len() - 1].to_string(), days.len()))
    }

    fn found(from: &str, to: &str, count: usize) -> Result<(String, String, usize), String> {
        Ok((from.to_owned(), to.to_owned(), count))
    }

    #[test]
    fn the_last_thirty_days_are_what_nobody_has_to_ask_for() {
        assert_eq!(span(None, None), found("2026-10-25", "2026-11-23", 30));
        assert_eq!(
            span(None, Some("2026-03-01")),
            found("2026-01-31", "2026-03-01", 30)
        );
        assert_eq!(
            span(Some("2026-11-20"), None),
            found("2026-11-20", "2026-11-23", 4)
        );
    }

    #[test]
    fn both_ends_belong_to_it() {
        assert_eq!(
            span(Some("2026-02-28"), Some("2026-02-28")),
            found("2026-02-28", "2026-02-28", 1)
        );
        assert_eq!(
            span(Some("2028-02-28"), Some("2028-03-01")),
            found("2028-02-28", "2028-03-01", 3)
        );
    }

    #[test]
    fn ninety_two_days_are_enough_for_any_quarter_and_no_more_are_answered() {
        assert_eq!(
            span(Some("2026-07-01"), Some("2026-09-30")),
            found("2026-07-01", "2026-09-30", MAX_DAYS)
        );
        assert_eq!(
            span(Some("2026-07-01"), Some("2026-10-01")),
            Err("from".to_owned())
        );
        assert_eq!(
            span(Some("2000-01-01"), Some("2199-12-31")),
            Err("from".to_owned())
        );
        assert_eq!(span(Some("2026-01-01"), None), Err("from".to_owned()));
    }

    #[test]
    fn the_end_does_not_lie_before_the_beginning() {
        assert_eq!(span(Some("2026-11-24"), Some("2026-11-23")), Err("to".to_owned()));
        assert_eq!(span(Some("2026-11-24"), None), Err("to".to_owned()));
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "2026-11-2",
            "20261123",
            "2026-11-23T00:00:00",
            "2026/11/23",
            "2026-02-30",
            "2026-13-01",
            "1999-12-31",
            "2200-01-01",
            "+02026-1-1",
            "２026-11-",
        ] {
            assert!(Day::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_ends_at_midnight_in_utc() {
        let of = |time: &str| Day::of(time.parse().unwrap()).to_string();
        assert_eq!(of("2026-11-23T23:59:59.999Z"), "2026-11-23");
        assert_eq!(of("2026-11-23T16:00:00-08:00"), "2026-11-24");
    }
}
