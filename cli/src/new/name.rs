use std::fmt;
use std::str::FromStr;

/// The maximum length of a name. A function's name on Lambda has at most 64 characters, which include the stack's name and the
/// function's role. A category has at most 32.
const LONGEST: usize = 32;

/// Words with a meaning in Rust.
const RUST: [&str; 56] = [
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "const", "continue", "core",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in",
    "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "self", "static", "std", "struct", "super", "test", "tests", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The name of a part, a category or a system, such as `favourite-dishes`, with every spelling that the code needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name(String);

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        if !text.split('-').all(word) {
            return Err(
                "a name is lower-case letters, with single hyphens between words: favourite-dishes"
                    .to_owned(),
            );
        }
        if text.len() > LONGEST {
            return Err(format!("a name has at most {LONGEST} characters"));
        }
        if RUST.contains(&text) {
            return Err("the word has a meaning in Rust; choose another one".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Name {
    /// Returns `favourite-dishes`.
    pub(crate) fn kebab(&self) -> &str {
        &self.0
    }

    /// Returns `favourite_dishes`.
    pub(crate) fn snake(&self) -> String {
        self.0.replace('-', "_")
    }

    /// Returns `FAVOURITE_DISHES`.
    pub(crate) fn constant(&self) -> String {
        self.snake().to_uppercase()
    }

    /// Returns `favourite dishes`.
    pub(crate) fn words(&self) -> String {
        self.0.replace('-', " ")
    }

    /// Returns `Favourite dishes`.
    pub(crate) fn title(&self) -> String {
        capitalized(&self.words())
    }

    /// Appends a word: `favourite-dishes-history`.
    pub(crate) fn with(&self, word: &str) -> Self {
        Self(format!("{}-{word}", self.0))
    }

    /// Returns `FavouriteDishes`.
    pub(crate) fn pascal(&self) -> String {
        self.0.split('-').map(capitalized).collect()
    }
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_every_spelling() {
        let name: Name = "favourite-dishes".parse().unwrap();
        let spellings = (name.snake(), name.constant(), name.words(), name.pascal());
        let expected = (
            "favourite_dishes",
            "FAVOURITE_DISHES",
            "favourite dishes",
            "FavouriteDishes",
        );
        let (snake, constant, words, pascal) = expected;
        assert_eq!(
            spellings,
            (snake.into(), constant.into(), words.into(), pascal.into())
        );
    }

    #[test]
    fn invalid_name_is_refused() {
        let long = "x".repeat(33);
        for text in [
            "",
            "Dishes",
            "two words",
            "-a",
            "a-",
            "a--b",
            "a_b",
            "dish1",
            "café",
            "../x",
            "match",
            "tests",
            &long,
        ] {
            assert!(text.parse::<Name>().is_err(), "{text}");
        }
    }
}
