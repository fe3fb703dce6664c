//! A moment in time, as clients and events write it.

use crate::Invalid;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A moment with millisecond precision, parsed from RFC 3339 with a zone and written in UTC.
///
/// A time without a zone is refused, because it is ambiguous. A year outside 2000 to 2199 is refused, because it is
/// probably a typing error.
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

/// Returns whether the text has the form `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`. The check is needed because the
/// timestamp parser accepts more than RFC 3339 allows.
fn is_rfc3339(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = |bytes: &[u8], shape: &[u8]| {
        bytes.len() == shape.len()
            && bytes.iter().zip(shape).all(|(b, s)| match s {
                b'0' => b.is_ascii_digit(),
                b'+' => matches!(b, b'+' | b'-'),
                other => b == other,
            })
    };
    let Some((date, rest)) = bytes.split_at_checked(19) else {
        return false;
    };
    let rest = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            &fraction[digits..]
        }
        rest => rest,
    };
    shape(date, b"0000-00-00T00:00:00") && (rest == b"Z" || shape(rest, b"+00:00"))
}

impl FromStr for Moment {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new(
                "a time must be RFC 3339 with a zone, for example \"2026-11-23T18:30:00Z\" or \"2026-11-23T10:30:00-08:00\"",
            )
        };
        if !is_rfc3339(text) {
            return Err(invalid());
        }
        Self::new(text.parse().map_err(|_| invalid())?)
    }
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
                "A moment in the years 2000 to 2199: RFC 3339 with a zone; answers are in UTC.",
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
