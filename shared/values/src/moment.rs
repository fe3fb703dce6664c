//! A moment in time, as clients and events write it.

use crate::Invalid;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A moment in whole milliseconds, parsed from RFC 3339 and written in UTC.
///
/// The text has the form of RFC 3339, section 5.6: `T` and `Z` in either case, any number of decimals, an offset of less
/// than 24 hours. Decimals beyond the third are cut off; the bounds of a range, which have to be exact, are
/// [`MomentBound`]s. A leap second (`:60`) is refused, because it has no place of its own in a [`Timestamp`]. So are a time
/// without a zone, which is ambiguous, and a year outside 2000 to 2199, which is probably a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Moment(Timestamp);

impl Moment {
    /// Returns the moment of this timestamp, truncated to whole milliseconds.
    ///
    /// # Errors
    /// [`Invalid`] outside the years 2000 to 2199.
    pub fn new(timestamp: Timestamp) -> Result<Self, Invalid> {
        const FIRST: i64 = 946_684_800_000; // 2000-01-01T00:00:00Z
        const END: i64 = 7_258_118_400_000; // 2200-01-01T00:00:00Z
        let millisecond = timestamp.as_millisecond();
        if !(FIRST..END).contains(&millisecond) {
            return Err(Invalid::new("a time must be in the years 2000 to 2199"));
        }
        Timestamp::from_millisecond(millisecond)
            .map(Self)
            .map_err(|e| Invalid::new(e.to_string()))
    }

    /// Returns the timestamp, for arithmetic.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for Moment {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Parsed::from_text(text).map(|parsed| parsed.moment)
    }
}

/// A bound of a range of moments: the first moment that is not before the given time. `08.3995Z` becomes `08.400Z`, so that
/// comparing moments with the bound is the same as comparing them with the time itself.
///
/// It is parsed as a [`Moment`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct MomentBound(Timestamp);

impl MomentBound {
    /// Returns the bound, in whole milliseconds.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl FromStr for MomentBound {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let Parsed { moment, exact } = Parsed::from_text(text)?;
        let rest = SignedDuration::from_millis(i64::from(!exact));
        Ok(Self(moment.0 + rest))
    }
}

impl TryFrom<String> for MomentBound {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

/// A time as it was written.
struct Parsed {
    moment: Moment,
    /// Whether the time is a whole number of milliseconds.
    exact: bool,
}

impl Parsed {
    fn from_text(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new(
                "a time must be RFC 3339 with a zone, for example \"2026-11-23T18:30:00Z\" or \"2026-11-23T10:30:00-08:00\"",
            )
        };
        let written = Written::read(text.as_bytes()).ok_or_else(invalid)?;
        if written.second == 60 {
            return Err(Invalid::new(
                "a leap second is not supported: seconds are 00 to 59",
            ));
        }
        let moment = Moment::new(written.timestamp().ok_or_else(invalid)?)?;
        Ok(Self {
            moment,
            exact: written.exact,
        })
    }
}

/// The fields of an RFC 3339 time, in their order. The parser is our own, because that of timestamps accepts more (ISO 8601,
/// leap seconds, offsets of up to 25:59:59) and less (at most nine decimals).
struct Written {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    millisecond: i32,
    exact: bool,
    /// Minutes east of UTC.
    offset: i64,
}

impl Written {
    fn read(text: &[u8]) -> Option<Self> {
        let (year, text) = number(text, 4)?;
        let (month, text) = number(after(text, b"-")?, 2)?;
        let (day, text) = number(after(text, b"-")?, 2)?;
        let (hour, text) = number(after(text, b"Tt")?, 2)?;
        let (minute, text) = number(after(text, b":")?, 2)?;
        let (second, text) = number(after(text, b":")?, 2)?;
        let (decimals, text) = match text {
            [b'.', rest @ ..] => rest.split_at(rest.iter().take_while(|b| b.is_ascii_digit()).count()),
            text => (&b"0"[..], text),
        };
        if decimals.is_empty() {
            return None;
        }
        let thousandth = |place: usize| i32::from(decimals.get(place).map_or(0, |digit| digit - b'0'));
        let offset = match text {
            [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), rest @ ..] => {
                let (hours, rest) = number(rest, 2)?;
                let (minutes, end) = number(after(rest, b":")?, 2)?;
                if hours > 23 || minutes > 59 || !end.is_empty() {
                    return None;
                }
                let offset = i64::from(hours) * 60 + i64::from(minutes);
                if *sign == b'-' { -offset } else { offset }
            }
            _ => return None,
        };
        Some(Self {
            year,
            month: i8::try_from(month).ok()?,
            day: i8::try_from(day).ok()?,
            hour: i8::try_from(hour).ok()?,
            minute: i8::try_from(minute).ok()?,
            second: i8::try_from(second).ok()?,
            millisecond: thousandth(0) * 100 + thousandth(1) * 10 + thousandth(2),
            exact: decimals.iter().skip(3).all(|digit| *digit == b'0'),
            offset,
        })
    }

    /// Returns `None` for a date or a time of day that does not exist.
    fn timestamp(&self) -> Option<Timestamp> {
        let date = Date::new(self.year, self.month, self.day).ok()?;
        let time = Time::new(self.hour, self.minute, self.second, self.millisecond * 1_000_000).ok()?;
        let there = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
        there.checked_sub(SignedDuration::from_mins(self.offset)).ok()
    }
}

/// Reads a number of exactly this many digits; returns it with the rest of the text.
fn number(text: &[u8], digits: usize) -> Option<(i16, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    let digits = number.iter().all(u8::is_ascii_digit);
    let value = number
        .iter()
        .fold(0, |value, digit| value * 10 + i16::from(digit & 0x0f));
    digits.then_some((value, rest))
}

/// Returns the text after one of these characters.
fn after<'a>(text: &'a [u8], one_of: &[u8]) -> Option<&'a [u8]> {
    let (first, rest) = text.split_first()?;
    one_of.contains(first).then_some(rest)
}

impl TryFrom<String> for Moment {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> String {
        moment.to_string()
    }
}

impl utoipa::PartialSchema for Moment {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                utoipa::openapi::KnownFormat::DateTime,
            )))
            .description(Some(
                "A moment in the years 2000 to 2199: RFC 3339 with a zone, without leap seconds (`:60`); decimals beyond the third are cut \
                 off. Answers are in UTC, with three decimals.",
            ))
            .examples(["2026-11-23T18:30:00Z"])
            .into()
    }
}

impl utoipa::ToSchema for Moment {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("Moment")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_moment_round_trips(millisecond in 946_684_800_000_i64..7_258_118_400_000) {
            let moment = Moment::new(Timestamp::from_millisecond(millisecond).unwrap()).unwrap();
            prop_assert_eq!(moment.to_string().parse::<Moment>(), Ok(moment));
        }
    }

    #[test]
    fn offset_is_converted_to_utc() {
        let moment: Moment = "2026-11-23T10:30:00.1234-08:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-23T18:30:00.123Z");
    }

    #[test]
    fn a6_times_are_as_rfc_3339_has_them() {
        for (text, same) in [
            ("2026-11-23t18:30:00z", "2026-11-23T18:30:00Z"),
            ("2026-11-23T18:30:00-00:00", "2026-11-23T18:30:00Z"),
            ("2026-11-24T18:29:00+23:59", "2026-11-23T18:30:00Z"),
            ("2026-11-22T18:31:00-23:59", "2026-11-23T18:30:00Z"),
            ("2026-11-23T18:30:00.1Z", "2026-11-23T18:30:00.100Z"),
            (
                "2026-11-23T18:30:00.1234567890123456789z",
                "2026-11-23T18:30:00.123Z",
            ),
            ("2028-02-29T23:59:59Z", "2028-02-29T23:59:59Z"),
        ] {
            let (moment, same): (Moment, Timestamp) = (text.parse().unwrap(), same.parse().unwrap());
            assert_eq!(moment.timestamp(), same, "{text}");
        }
        for text in [
            "2026-11-23T18:30:00+24:00",
            "2026-11-23T18:30:00-25:59",
            "2026-11-23T18:30:00+01:60",
            "2026-11-23T18:30:60Z",
            "2016-12-31T23:59:60Z",
            "2026-11-23T18:30:61Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T18:60:00Z",
            "2026-11-23T18:30:00.Z",
            "2026-11-23T18:30:00,5Z",
            "2026-11-23 18:30:00Z",
            "2026-11-23T18:30:00",
            "2026-11-23T18:30:00+0100",
            "2026-11-23T18:30:00+01",
            "2026-11-23T18:30:00+01:00:00",
            "2026-11-23T18:30:00Z ",
            "2026-11-23T18:30:00Zz",
            "2026-11-23T18:30:00\u{2212}01:00",
            "\u{ff12}026-11-23T18:30:00Z",
            "2026-02-29T18:30:00Z",
            "2026-00-23T18:30:00Z",
            "2026-11-00T18:30:00Z",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
            assert!(text.parse::<MomentBound>().is_err(), "{text}");
        }
    }

    #[test]
    fn a6_bound_between_two_milliseconds_is_the_later_one() {
        let bound = |text: &str| text.parse::<MomentBound>().unwrap().timestamp().to_string();
        assert_eq!(bound("2026-11-23T18:30:08.399Z"), "2026-11-23T18:30:08.399Z");
        assert_eq!(
            bound("2026-11-23T18:30:08.399000000000Z"),
            "2026-11-23T18:30:08.399Z"
        );
        assert_eq!(bound("2026-11-23T18:30:08.3995Z"), "2026-11-23T18:30:08.4Z");
        assert_eq!(
            bound("2026-11-23T18:30:08.3990000000001Z"),
            "2026-11-23T18:30:08.4Z"
        );
        assert_eq!(bound("2199-12-31T23:59:59.9999Z"), "2200-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn a6_every_written_time_is_read_as_it_is_written(
            millisecond in 946_771_200_000_i64..7_258_032_000_000,
            offset in -1_439_i32..=1_439,
            upper in any::<bool>(),
        ) {
            let time = Timestamp::from_millisecond(millisecond).unwrap();
            let there = Offset::from_seconds(offset * 60).unwrap().to_datetime(time);
            let sign = if offset < 0 { '-' } else { '+' };
            let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
            let written = format!("{there:.3}{sign}{hours:02}:{minutes:02}");
            let written = if upper { written } else { written.to_lowercase() };
            prop_assert_eq!(written.parse::<Moment>().unwrap().timestamp(), time);
            prop_assert_eq!(written.parse::<MomentBound>().unwrap().timestamp(), time);
        }

        #[test]
        fn a6_no_text_makes_the_parser_panic(text in "[0-9Tt:.Zz+-]{0,40}") {
            let (moment, bound) = (text.parse::<Moment>(), text.parse::<MomentBound>());
            prop_assert_eq!(moment.is_ok(), bound.is_ok());
        }
    }

    #[test]
    fn invalid_and_out_of_range_times_are_refused() {
        for text in [
            "",
            "2026-11-23",
            "2026-11-23T10:30:00",
            "2026-11-23 10:30:00Z",
            "2026-11-23T10:30Z",
            "tomorrow",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-11-23T10:30:00Z[UTC]",
            "1999-12-31T23:59:59Z",
            "2200-01-01T00:00:00Z",
            "+002026-11-23T10:30:00Z",
            "2026-11-23T10:30:00.Z",
            "2026-11-23T25:30:00Z",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
