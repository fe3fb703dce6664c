//! Days and ranges of them.

use contracts::Invalid;
use http_api::Problem;
use http_api::codes::INVALID_PARAMETER;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The maximum number of days in one request: with a counter of two shards each they are two calls to DynamoDB.
pub const MAX_DAYS: usize = 92;

/// The number of days that are shown without a first day.
const DEFAULT_DAYS: i32 = 30;

/// A day in UTC, `YYYY-MM-DD`, in the years 2000 to 2199, as for every committed moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Day(Date);

impl Day {
    /// Returns the day of a moment.
    pub(crate) fn of(time: Timestamp) -> Self {
        Self(time.to_zoned(TimeZone::UTC).date())
    }

    fn before(self, days: i32) -> Self {
        // The first day of the calendar is far before every allowed day.
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
        // `Date`'s own parser accepts more than this one form.
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

/// Returns the days of a range, both ends inclusive. The default last day is today; by default the range has 30 days.
pub(crate) fn days(from: Option<Day>, to: Option<Day>, today: Day) -> Result<Vec<Day>, Problem> {
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| to.before(DEFAULT_DAYS - 1));
    let invalid = |field, detail: String| Err(INVALID_PARAMETER.problem(detail).field(field));
    if from > to {
        return invalid("to", "The last day is before the first day.".to_owned());
    }
    let series = from.0.series(jiff::Span::new().days(1));
    let days: Vec<Day> = series
        .take_while(|day| *day <= to.0)
        .take(MAX_DAYS + 1)
        .map(Day)
        .collect();
    if days.len() > MAX_DAYS {
        return invalid("from", format!("A request may span at most {MAX_DAYS} days."));
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
    fn range_defaults_to_the_last_thirty_days() {
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
    fn range_includes_both_ends() {
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
    fn range_of_more_than_ninety_two_days_is_refused() {
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
    fn last_day_before_the_first_is_refused() {
        assert_eq!(span(Some("2026-11-24"), Some("2026-11-23")), Err("to".to_owned()));
        assert_eq!(span(Some("2026-11-24"), None), Err("to".to_owned()));
    }

    #[test]
    fn malformed_days_are_refused() {
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
