//! Path parameters.

use std::fmt;
use std::str::FromStr;

/// A subscriber's name, for example `order-history`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SubscriberName(String);

/// The number of a rebuild or a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(pub(super) u64);

/// The largest number. There will never be more runs, and it is below 2^53, the limit of many JSON readers.
pub(super) const MAX_NUMBER: u64 = 9_999_999_999;

impl SubscriberName {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SubscriberName {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let fits = text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if fits && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("The name of a view has 1 to 64 lower-case letters or hyphens.")
        }
    }
}

impl fmt::Display for SubscriberName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Number {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, &'static str> {
        let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        let number = text.parse().ok().filter(|number| digits && *number <= MAX_NUMBER);
        number.map(Self).ok_or("The id is a number from 1 to 9999999999.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_letters_and_hyphens() {
        assert!("order-history".parse::<SubscriberName>().is_ok());
        for bad in ["", "Order", "a b", "../x", "é", &"a".repeat(65)] {
            assert!(bad.parse::<SubscriberName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_canonical_numbers_are_accepted() {
        assert_eq!("12".parse(), Ok(Number(12)));
        for bad in [
            "",
            "0",
            "01",
            "+1",
            "-1",
            "1.0",
            "1e3",
            "10000000000",
            "99999999999999999999",
        ] {
            assert!(bad.parse::<Number>().is_err(), "{bad}");
        }
    }
}
