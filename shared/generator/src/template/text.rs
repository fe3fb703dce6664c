//! Text with placeholders, and lists that stay readable.

use std::time::Duration;

/// The maximum width of a line that can be broken.
const WIDTH: usize = 120;

/// Replaces each `@name@` in a text by its value.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("@{name}@"), value)
    })
}

/// Converts `order-history` to `OrderHistory`.
pub(crate) fn pascal(name: &str) -> String {
    name.split('-').map(capitalized).collect()
}

/// Capitalizes the first letter: `placeOrder` to `PlaceOrder`.
pub(super) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// Formats a key with one value or a list of them, in one line if it fits.
pub(super) fn entry(indent: usize, key: &str, values: &[String]) -> String {
    let space = " ".repeat(indent);
    if let [value] = values {
        return format!("{space}{key}: {value}\n");
    }
    let line = format!("{space}{key}: [{}]\n", values.join(", "));
    if line.len() <= WIDTH {
        return line;
    }
    let lines = values.iter().map(|value| format!("{space}  - {value}\n"));
    std::iter::once(format!("{space}{key}:\n")).chain(lines).collect()
}

/// Formats each line of a remark as a comment.
pub(super) fn comment(indent: usize, remark: &str) -> String {
    let space = " ".repeat(indent);
    remark.lines().map(|line| format!("{space}# {line}\n")).collect()
}

/// Returns the line that begins a section.
pub(super) fn section(title: &str) -> String {
    let dashes = WIDTH - "  # ".len() - 1 - title.len();
    format!("\n  # {} {title}\n", "-".repeat(dashes))
}

/// Returns a schedule of EventBridge, in whole minutes or hours.
pub(super) fn rate(every: Duration) -> String {
    let minutes = every.as_secs() / 60;
    let (number, unit) = if minutes.is_multiple_of(60) {
        (minutes / 60, "hour")
    } else {
        (minutes, "minute")
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("rate({number} {unit}{plural})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_names_become_resource_names() {
        assert_eq!(pascal("order-history"), "OrderHistory");
        assert_eq!(capitalized("placeOrder"), "PlaceOrder");
    }

    #[test]
    fn schedule_is_in_the_largest_whole_unit() {
        let rates = [60, 300, 3_600, 7_200].map(|seconds| rate(Duration::from_secs(seconds)));
        assert_eq!(
            rates,
            [
                "rate(1 minute)",
                "rate(5 minutes)",
                "rate(1 hour)",
                "rate(2 hours)"
            ]
        );
    }

    #[test]
    fn list_is_broken_into_lines_if_too_long() {
        let short = ["a".to_owned(), "b".to_owned()];
        assert_eq!(entry(2, "Key", &short[..1]), "  Key: a\n");
        assert_eq!(entry(2, "Key", &short), "  Key: [a, b]\n");
        let long = ["a".repeat(60), "b".repeat(60)];
        assert_eq!(
            entry(0, "Key", &long),
            format!("Key:\n  - {}\n  - {}\n", long[0], long[1])
        );
    }
}
