//! Sums of money.

/// Returns minor units as text with two decimals. A sum may have more digits than a [`Money`](contracts::Money).
pub(crate) fn decimal(minor: i128) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_have_two_decimals() {
        for (minor, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (6_170, "61.70"),
            (-5, "-0.05"),
            (-12_345, "-123.45"),
            (1_234_567_890_123_456_789, "12345678901234567.89"),
        ] {
            assert_eq!(decimal(minor), text);
        }
    }
}
