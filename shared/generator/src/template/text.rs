//! Text with places to fill in, and lists that stay readable.

/// Columns that a line has at most, where it can be broken.
const WIDTH: usize = 120;

/// A text with each `@name@` replaced by its value.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("@{name}@"), value)
    })
}

/// `order-history` as `OrderHistory`.
pub(crate) fn pascal(name: &str) -> String {
    name.split('-').map(capitalized).collect()
}

/// With a capital first letter: `placeOrder` as `PlaceOrder`.
pub(super) fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// A key with one value or a list of them, in one line if it fits.
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

/// The items of a list in brackets that goes on over several lines.
pub(super) fn wrapped(indent: usize, items: &[String]) -> String {
    let mut text = String::new();
    let mut column = indent;
    for (position, item) in items.iter().enumerate() {
        let comma = if position + 1 < items.len() { "," } else { "" };
        if position > 0 {
            if column + item.len() + 2 > WIDTH {
                text.push('\n');
                text.push_str(&" ".repeat(indent));
                column = indent;
            } else {
                text.push(' ');
                column += 1;
            }
        }
        text.push_str(item);
        text.push_str(comma);
        column += item.len() + comma.len();
    }
    text
}

/// Each line of a remark as a comment.
pub(super) fn comment(indent: usize, remark: &str) -> String {
    let space = " ".repeat(indent);
    remark.lines().map(|line| format!("{space}# {line}\n")).collect()
}

/// The line that begins a section.
pub(super) fn section(title: &str) -> String {
    let dashes = WIDTH - "  # ".len() - 1 - title.len();
    format!("\n  # {} {title}\n", "-".repeat(dashes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts_become_names_of_resources() {
        assert_eq!(pascal("order-history"), "OrderHistory");
        assert_eq!(capitalized("placeOrder"), "PlaceOrder");
    }

    #[test]
    fn a_list_is_broken_into_lines_when_it_is_too_long_for_one() {
        let short = ["a".to_owned(), "b".to_owned()];
        assert_eq!(entry(2, "Key", &short[..1]), "  Key: a\n");
        assert_eq!(entry(2, "Key", &short), "  Key: [a, b]\n");
        let long = ["a".repeat(60), "b".repeat(60)];
        assert_eq!(
            entry(0, "Key", &long),
            format!("Key:\n  - {}\n  - {}\n", long[0], long[1])
        );
        assert_eq!(wrapped(4, &long), format!("{},\n    {}", long[0], long[1]));
    }
}
