//! Edits of existing files. Each adds one line in the right place, unless the file already has it.

/// Adds a line to the block that has a line beginning with `near`. The block is sorted by the text before the first dot or
/// equals sign. Returns `None` when there is no such block.
pub(super) fn sorted_line(text: &str, near: &str, line: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let near = lines.iter().position(|other| other.starts_with(near))?;
    let apart = |line: &str| line.is_empty() || line.starts_with(['#', '[']);
    let begin = lines[..near]
        .iter()
        .rposition(|line| apart(line))
        .map_or(0, |before| before + 1);
    let end = lines[near..]
        .iter()
        .position(|line| apart(line))
        .map_or(lines.len(), |after| near + after);
    if lines[begin..end].contains(&line) {
        return Some(text.to_owned());
    }
    // A line that begins with another character continues the line before it.
    let begins = |other: &str| other.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    let at = lines[begin..end]
        .iter()
        .position(|other| begins(other) && key(other) > key(line));
    Some(with_line(&lines, at.map_or(end, |at| begin + at), line))
}

fn key(line: &str) -> &str {
    line.split(['.', '=']).next().unwrap_or_default()
}

/// Adds a line before the first line that equals one of `before` apart from its indentation, and indents it like that line.
/// Returns `None` when there is no such line.
pub(super) fn line_before(text: &str, before: &[&str], line: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    if lines.iter().any(|other| other.trim() == line) {
        return Some(text.to_owned());
    }
    let at = lines.iter().position(|other| before.contains(&other.trim()))?;
    let indentation = lines[at].len() - lines[at].trim_start().len();
    Some(with_line(
        &lines,
        at,
        &format!("{}{line}", &lines[at][..indentation]),
    ))
}

/// Adds an entry to the JSON list or object that opens with the line `opening` and has one entry per line. The entries of an object
/// are sorted; in a list the new entry is the last. Returns `None` when the list or object does not exist or does not end.
pub(super) fn into_list(text: &str, opening: &str, entry: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().position(|line| line.trim() == opening)? + 1;
    let closes = if opening.ends_with('{') { '}' } else { ']' };
    let end = begin
        + lines[begin..]
            .iter()
            .position(|line| line.trim_start().starts_with(closes))?;
    let entries = lines[begin..end]
        .iter()
        .map(|line| line.trim().trim_end_matches(','));
    let mut entries: Vec<&str> = entries.collect();
    if entries.contains(&entry) {
        return Some(text.to_owned());
    }
    entries.push(entry);
    if closes == '}' {
        entries.sort_unstable();
    }
    let indentation = " ".repeat(lines[begin - 1].len() - lines[begin - 1].trim_start().len() + 2);
    let list = entries.join(&format!(",\n{indentation}"));
    Some(with_line(
        &[&lines[..begin], &lines[end..]].concat(),
        begin,
        &format!("{indentation}{list}"),
    ))
}

/// Writes each `vec![…]` that stands in one line in several ones, as rustfmt does when an entry more makes it too long.
pub(super) fn open_list(text: &str) -> String {
    let opened = text.lines().map(|line| {
        let indentation = &line[..line.len() - line.trim_start().len()];
        let entries = line
            .trim()
            .strip_prefix("vec![")
            .and_then(|rest| rest.strip_suffix(']'));
        match entries {
            Some("") => format!("{indentation}vec![\n{indentation}]\n"),
            Some(entries) => format!("{indentation}vec![\n{indentation}    {entries},\n{indentation}]\n"),
            None => format!("{line}\n"),
        }
    });
    opened.collect()
}

fn with_line(lines: &[&str], at: usize, line: &str) -> String {
    let (before, after) = lines.split_at(at);
    [before, &[line], after].concat().join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str =
        "[dependencies]\n# Ours\nkitchen = 1\nkitchen-board = 1\nsystem = 1\n\n# Theirs\naxum = 1\n";

    fn added(line: &str) -> String {
        sorted_line(MANIFEST, "system ", line).unwrap()
    }

    #[test]
    fn a_line_is_sorted_into_its_block() {
        assert!(added("apples = 1").contains("# Ours\napples = 1\nkitchen"));
        assert!(added("kitchen-aid = 1").contains("kitchen = 1\nkitchen-aid = 1\nkitchen-board = 1\n"));
        assert!(added("views = 1").contains("system = 1\nviews = 1\n\n# Theirs"));
    }

    #[test]
    fn existing_line_is_not_added_again() {
        let once = added("loyalty = 1");
        assert_eq!(sorted_line(&once, "system ", "loyalty = 1"), Some(once));
        let parts = "    .with(a())\n    .with(relay())\n";
        let once = line_before(parts, &[".with(relay())"], ".with(b())").unwrap();
        assert_eq!(once, "    .with(a())\n    .with(b())\n    .with(relay())\n");
        assert_eq!(line_before(&once, &[".with(relay())"], ".with(b())"), Some(once));
    }

    #[test]
    fn sorted_declaration_does_not_split_a_declaration_of_several_lines() {
        let text = "//! Doc\n\npub mod a;\n\npub use a::{\n    A,\n};\npub use z::Z;\n";
        let with_use = sorted_line(text, "pub use ", "pub use m::M;").unwrap();
        assert!(
            with_use.ends_with("    A,\n};\npub use m::M;\npub use z::Z;\n"),
            "{with_use}"
        );
        let with_mod = sorted_line(text, "pub mod ", "pub mod m;").unwrap();
        assert!(
            with_mod.contains("pub mod a;\npub mod m;\n\npub use"),
            "{with_mod}"
        );
    }

    #[test]
    fn entry_is_appended_to_a_list_and_sorted_into_an_object() {
        let text = "{\n  \"ids\": {\n    \"a\": 1,\n    \"c\": 3\n  },\n  \"story\": [\n    \"b\"\n  ]\n}\n";
        let object = into_list(text, "\"ids\": {", "\"b\": 2").unwrap();
        assert!(
            object.contains("    \"a\": 1,\n    \"b\": 2,\n    \"c\": 3\n  },"),
            "{object}"
        );
        let list = into_list(text, "\"story\": [", "\"a\"").unwrap();
        assert!(list.contains("    \"b\",\n    \"a\"\n  ]"), "{list}");
        assert_eq!(into_list(&list, "\"story\": [", "\"a\""), Some(list));
        let empty = into_list("{\n  \"story\": [\n  ]\n}\n", "\"story\": [", "\"a\"").unwrap();
        assert_eq!(empty, "{\n  \"story\": [\n    \"a\"\n  ]\n}\n");
    }

    #[test]
    fn list_in_one_line_is_opened_for_another_entry() {
        assert_eq!(open_list("{\n    vec![]\n}\n"), "{\n    vec![\n    ]\n}\n");
        let one = "    vec![Category::of::<A>(a::CATEGORY)]\n";
        let opened = "    vec![\n        Category::of::<A>(a::CATEGORY),\n    ]\n";
        assert_eq!(open_list(one), opened);
        assert_eq!(open_list(opened), opened);
    }

    #[test]
    fn edit_without_a_place_for_the_line_returns_none() {
        assert_eq!(sorted_line("[dependencies]\n", "system ", "loyalty = 1"), None);
        assert_eq!(
            line_before("fn main() {}\n", &[".with(relay())"], ".with(b())"),
            None
        );
    }
}
