//! Amounts of money: integers of the minor unit in code, decimal text in JSON, one currency.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An amount of money, never negative. In JSON it is text with exactly two decimals, for example `"12.34"`, because
/// many parsers read a JSON number as a float.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Money(i64);

impl Money {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// The largest amount: 12 digits, `9999999999.99`. A 64-bit sum can hold nine million such amounts.
    pub const MAX: Self = Self(999_999_999_999);

    /// Returns the amount with this number of minor units (cents).
    ///
    /// # Errors
    /// [`Invalid`] below zero or above [`Self::MAX`].
    pub fn from_minor(minor: i64) -> Result<Self, Invalid> {
        if (0..=Self::MAX.0).contains(&minor) {
            Ok(Self(minor))
        } else {
            Err(Invalid::new(format!(
                "an amount must be between 0.00 and {}",
                Self::MAX
            )))
        }
    }

    /// Returns the amount in minor units (cents).
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.0
    }

    /// Returns the sum, or `None` above [`Self::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0
            .checked_add(other.0)
            .and_then(|sum| Self::from_minor(sum).ok())
    }

    /// Returns the difference, or `None` below zero.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0
            .checked_sub(other.0)
            .and_then(|rest| Self::from_minor(rest).ok())
    }

    /// Returns the price of this quantity, or `None` above [`Self::MAX`].
    #[must_use]
    pub fn checked_mul(self, quantity: u32) -> Option<Self> {
        self.0
            .checked_mul(i64::from(quantity))
            .and_then(|product| Self::from_minor(product).ok())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl FromStr for Money {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || {
            Invalid::new(
                "money is text with up to ten digits, a point and two decimals, for example \"12.34\"",
            )
        };
        let (units, cents) = text.split_once('.').ok_or_else(invalid)?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let fits = (1..=10).contains(&units.len()) && cents.len() == 2 && digits(units) && digits(cents);
        let leading_zero = units.len() > 1 && units.starts_with('0');
        if !fits || leading_zero {
            return Err(invalid());
        }
        let units: i64 = units.parse().map_err(|_| invalid())?;
        let cents: i64 = cents.parse().map_err(|_| invalid())?;
        Self::from_minor(units * 100 + cents)
    }
}

impl TryFrom<String> for Money {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Money> for String {
    fn from(money: Money) -> String {
        money.to_string()
    }
}

impl utoipa::PartialSchema for Money {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(r"^(0|[1-9][0-9]{0,9})\.[0-9]{2}$"))
            .description(Some("An amount of money, as text with exactly two decimals."))
            .examples(["12.34"])
            .into()
    }
}

impl utoipa::ToSchema for Money {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("Money")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_amount_round_trips(minor in 0..=Money::MAX.minor()) {
            let money = Money::from_minor(minor).unwrap();
            prop_assert_eq!(money.to_string().parse::<Money>(), Ok(money));
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }

        #[test]
        fn parsed_amount_displays_as_the_same_text(text in "[-+]?[0-9]{0,13}[.,]?[0-9]{0,3}(e[0-9])?") {
            if let Ok(money) = text.parse::<Money>() {
                prop_assert_eq!(money.to_string(), text);
            }
        }

        #[test]
        fn subtraction_reverses_addition(a in 0..=Money::MAX.minor() / 2, b in 0..=Money::MAX.minor() / 2) {
            let (a, b) = (Money::from_minor(a).unwrap(), Money::from_minor(b).unwrap());
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b), Some(a));
        }
    }

    #[test]
    fn text_without_exactly_two_decimals_is_refused() {
        for text in [
            "",
            ".",
            "12",
            "12.3",
            "12.345",
            "1e3",
            "1.2e3",
            "-1.00",
            "+1.00",
            "01.00",
            "1,00",
            " 1.00",
            "1.00 ",
            "NaN",
            "١.٠٠",
            ".50",
            "1.",
            "12345678901.00",
            "1_0.00",
            "0x1.00",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn json_number_is_refused() {
        for json in ["12.34", "12", "1e3", "null", "{\"amount\":\"12.34\"}"] {
            assert!(serde_json::from_str::<Money>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn arithmetic_out_of_range_returns_none() {
        assert_eq!(Money::MAX.checked_mul(1_000), None);
        assert_eq!(Money::MAX.checked_add(Money::MAX), None);
        assert_eq!(Money::ZERO.checked_sub(Money::MAX), None);
    }

    #[test]
    fn price_is_multiplied_by_quantity() {
        let price: Money = "12.34".parse().unwrap();
        assert_eq!(price.checked_mul(5).unwrap().to_string(), "61.70");
    }
}
