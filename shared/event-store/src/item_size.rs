//! The size of an item by DynamoDB's rules, by which it is billed and limited.

use crate::item::Item;
use aws_sdk_dynamodb::types::AttributeValue;

/// Returns the size of an item in bytes. Attribute names count as well as values.
#[must_use]
pub fn item_size(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + value_size(value))
        .sum()
}

/// Returns the size of a value. Lists and maps cost 3 bytes, and 1 byte more for each element.
pub(crate) fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number_size(number),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|n| number_size(n)).sum(),
        AttributeValue::Bs(all) => all.iter().map(|bytes| bytes.as_ref().len()).sum(),
        AttributeValue::L(list) => 3 + list.iter().map(|v| 1 + value_size(v)).sum::<usize>(),
        AttributeValue::M(map) => {
            3 + map
                .iter()
                .map(|(k, v)| 1 + k.len() + value_size(v))
                .sum::<usize>()
        }
        // NULL and BOOL
        _ => 1,
    }
}

/// Returns the size of a number: one byte per two digits on each side of the point, one more, and one for the sign.
/// Zeros that DynamoDB trims are counted: an estimate must not be too low.
fn number_size(text: &str) -> usize {
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count().div_ceil(2);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    1 + digits(whole) + digits(fraction) + usize::from(text.starts_with('-'))
}

/// Rounds up to whole kilobytes, by which a write is billed.
pub(crate) fn kilobytes(bytes: usize) -> usize {
    bytes.div_ceil(1024).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn values_have_the_documented_sizes() {
        let number = |text: &str| AttributeValue::N(text.to_owned());
        for (value, size) in [
            (AttributeValue::S("é".into()), 2),
            (number("7"), 2),
            (number("-42"), 3),
            (number("1700000000123"), 8),
            (number("12.345"), 4),
            (AttributeValue::Bool(true), 1),
            (AttributeValue::L(vec![number("1"), number("2")]), 9),
            (AttributeValue::M(HashMap::from([("ab".into(), number("1"))])), 8),
        ] {
            assert_eq!(value_size(&value), size, "{value:?}");
        }
    }

    #[test]
    fn names_count() {
        let item = HashMap::from([("name".to_owned(), AttributeValue::S("value".into()))]);
        assert_eq!(item_size(&item), 9);
    }
}
