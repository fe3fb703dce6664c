//! The grammar of header fields: lists, parameters and quoted strings (RFC 9110, section 5.6).

use http::header::AsHeaderName;
use http::{HeaderMap, HeaderValue};

/// Returns the elements of a list field, of all its lines. Empty elements are left out, as section 5.6.1.2 requires.
pub(crate) fn elements(headers: &HeaderMap, name: impl AsHeaderName) -> Vec<String> {
    let lines: Vec<String> = headers.get_all(name).iter().map(text).collect();
    lines
        .iter()
        .flat_map(|line| split(line, ','))
        .map(str::to_owned)
        .collect()
}

/// Returns an element without its parameters, and the parameters: `name=value` each.
pub(crate) fn parameters(element: &str) -> (&str, impl Iterator<Item = (&str, &str)>) {
    let mut parts = split(element, ';').into_iter();
    let first = if element.trim_start().starts_with(';') {
        None
    } else {
        parts.next()
    };
    (first.unwrap_or_default(), parts.map(pair))
}

/// Splits `name=value`, with spaces around the sign; the value is empty if there is none.
pub(crate) fn pair(text: &str) -> (&str, &str) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim(), value.trim())
}

/// Returns the word that is written as a token or as a quoted string; `None` if it is neither.
pub(crate) fn word(text: &str) -> Option<String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        return (!text.is_empty() && text.bytes().all(token)).then(|| text.to_owned());
    };
    let mut word = String::new();
    let mut rest = quoted.chars();
    loop {
        match rest.next()? {
            '"' => return rest.as_str().is_empty().then_some(word),
            '\\' => word.push(rest.next()?),
            other => word.push(other),
        }
    }
}

/// Returns the parts between separators that are not inside of a quoted string, trimmed, without empty ones.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|c: char| {
        let ends = c == separator && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && quoted && !escaped;
        ends
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// Returns a field value as text. Bytes that are not ASCII may occur in quoted strings and mean nothing here.
fn text(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a8_commas_and_semicolons_in_quoted_strings_separate_nothing() {
        assert_eq!(
            split(r#"a;b="1,2", c="\",", d"#, ','),
            [r#"a;b="1,2""#, r#"c="\",""#, "d"]
        );
        let (name, parameters) = parameters(r#"x; a = 1 ; b=";" ;; c"#);
        assert_eq!(name, "x");
        assert_eq!(
            parameters.collect::<Vec<_>>(),
            [("a", "1"), ("b", "\";\""), ("c", "")]
        );
    }

    #[test]
    fn a8_empty_elements_are_left_out() {
        assert_eq!(split(" , a,, b ,\t,", ','), ["a", "b"]);
        assert_eq!(split("", ','), [""; 0]);
    }

    #[test]
    fn a8_word_is_a_token_or_a_quoted_string() {
        assert_eq!(word("utf-8").as_deref(), Some("utf-8"));
        assert_eq!(word(r#""utf\-8 \"x\"""#).as_deref(), Some("utf-8 \"x\""));
        for bad in ["", "a b", "\"a", "\"", "a\"", "\"a\"b", "\"a\\", "(a)"] {
            assert_eq!(word(bad), None, "{bad}");
        }
    }
}
