//! Text entered by people: never empty, limited in length, without hidden characters.

use crate::legible;

/// The reason why a value was refused. The text is meant for the sender of the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    /// Creates the error with this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Checks a text that somebody enters: something of it can be seen, and nothing is hidden in it.
#[doc(hidden)]
pub fn check_text(what: &str, text: &str, max: usize) -> Result<(), Invalid> {
    check_size(what, text, max)?;
    check_characters(text).map_err(|Invalid(reason)| Invalid(format!("{what} {reason}")))
}

/// Checks the characters of any text of a request. The reason lacks the subject of its sentence.
///
/// # Errors
/// [`Invalid`] when nothing of the text can be seen, unless it is empty, or when a character is hidden in it.
pub fn check_characters(text: &str) -> Result<(), Invalid> {
    if let Some(hidden) = legible::hidden(text) {
        return Err(Invalid::new(format!(
            "must not contain control or invisible characters, such as U+{:04X} where it is",
            u32::from(hidden)
        )));
    }
    if !text.is_empty() && !legible::can_be_seen(text) {
        return Err(Invalid::new("must not be empty: nothing of it can be seen"));
    }
    Ok(())
}

/// Checks a text that is stored: as [`check_text`], or as 0.2.0 did, so that every event that was valid once still decodes.
#[doc(hidden)]
pub fn check_stored_text(what: &str, text: &str, max: usize) -> Result<(), Invalid> {
    check_size(what, text, max)?;
    if text.chars().any(was_refused) && legible::hidden(text).is_some() {
        return Err(Invalid::new(format!(
            "{what} must not contain control or invisible characters"
        )));
    }
    Ok(())
}

/// Returns whether 0.2.0 refused every text with this character.
fn was_refused(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn check_size(what: &str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new(format!("{what} must not be empty")));
    }
    let length = text.chars().count();
    if length > max {
        return Err(Invalid::new(format!(
            "{what} has {length} characters, at most {max} are allowed"
        )));
    }
    Ok(())
}

#[doc(hidden)]
pub fn check_token(what: &str, text: &str, max: usize, allowed: &str) -> Result<(), Invalid> {
    check_text(what, text, max)?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || allowed.as_bytes().contains(&b);
    if text.bytes().all(fits) {
        Ok(())
    } else {
        Err(Invalid::new(format!(
            "{what} may contain letters, digits and {allowed:?} only"
        )))
    }
}

/// Returns a regular expression for schemas that matches what [`check_token`] allows.
#[doc(hidden)]
pub fn token_pattern(allowed: &str) -> String {
    // Of all allowed characters, only the hyphen has a special meaning inside the brackets.
    format!("^[A-Za-z0-9{}]+$", allowed.replace('-', r"\-"))
}

/// Defines a newtype over `String` that can only be created by its check: not empty, at most `max` characters, none of them
/// hidden. With `only`, it consists of letters, digits and these characters.
///
/// Serde decodes events as well, and therefore also takes a text that an earlier version took. In a request such a text is
/// refused before its type is known: `http-api` checks every text of a body.
///
/// The crate that uses it depends on `serde` and `utoipa`.
///
/// ```
/// values::text! {
///     /// The name of an account's owner.
///     OwnerName, "an owner's name", max = 100
/// }
///
/// assert!(OwnerName::new("Zoë").is_ok());
/// assert_eq!(OwnerName::new(" ").unwrap_err().to_string(), "an owner's name must not be empty");
/// ```
#[macro_export]
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $what:literal, max = $max:literal $(, only = $only:literal)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// The maximum number of characters.
            pub const MAX: usize = $max;

            /// Checks the text.
            ///
            /// # Errors
            /// `Invalid` when the text is empty, too long, or contains characters that are not allowed.
            pub fn new(text: impl Into<String>) -> Result<Self, $crate::Invalid> {
                let text = text.into();
                $crate::text!(@check $what, &text, Self::MAX $(, $only)?)?;
                Ok(Self(text))
            }

            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Invalid;
            fn from_str(text: &str) -> Result<Self, $crate::Invalid> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::Invalid;
            fn try_from(text: String) -> Result<Self, $crate::Invalid> {
                $crate::text!(@stored $what, &text, Self::MAX $(, $only)?)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .min_length(Some(1))
                    .max_length(Some($max))
                    .pattern($crate::text!(@pattern $($only)?))
                    .description($crate::text!(@description $($only)?))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
    (@pattern) => { None::<String> };
    // A description and not a pattern, because adding a pattern to an event's schema would narrow its limit.
    (@description) => {
        Some("Has something visible, and no control or invisible character that its spelling does not need.")
    };
    (@description $only:literal) => { None::<String> };
    (@pattern $only:literal) => { Some($crate::text::token_pattern($only)) };
    (@stored $what:literal, $text:expr, $max:expr) => { $crate::text::check_stored_text($what, $text, $max) };
    (@stored $what:literal, $text:expr, $max:expr, $only:literal) => {
        $crate::text::check_token($what, $text, $max, $only)
    };
    (@check $what:literal, $text:expr, $max:expr) => { $crate::text::check_text($what, $text, $max) };
    (@check $what:literal, $text:expr, $max:expr, $only:literal) => {
        $crate::text::check_token($what, $text, $max, $only)
    };
}
text! {
    /// The reason of a decline or rejection, as a stable code such as `INSUFFICIENT_CREDIT`.
    ///
    /// The code is text and not an enum, because a reader must not fail on a reason that a newer service adds. The
    /// longest code so far has 20 characters; a limit of 64 leaves room and still excludes prose.
    ReasonCode, "a reason code", max = 64, only = "_"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_language_is_accepted() {
        for text in [
            "Ajanta",
            "Café Zoë",
            "寿司",
            "9 Amazing View, #4",
            "O’Brien 🍛",
            "چلوکباب\u{200c}ها",
            "👩\u{200d}🍳",
        ] {
            assert_eq!(check_text("it", text, 20), Ok(()), "{text}");
        }
    }

    #[test]
    fn empty_and_blank_text_is_refused() {
        for text in ["", " ", "\u{2003}\u{2003}"] {
            assert!(check_text("it", text, 20).is_err(), "{text:?}");
        }
    }

    #[test]
    fn invisible_characters_are_refused() {
        for text in [
            "a\nb",
            "a\u{0}b",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{7f}",
            "\u{feff}a",
        ] {
            assert!(check_text("it", text, 20).is_err(), "{text:?}");
        }
    }

    text! {
        /// A name.
        Name, "a name", max = 20
    }

    /// Texts that 0.2.0 accepted.
    const REFUSED_SINCE: [&str; 6] = [
        "\u{3164}",
        "\u{2800}",
        "\u{ad}",
        "a\u{61c}",
        "a\u{ffff}",
        "a\u{e0041}",
    ];

    #[test]
    fn a7_names_of_nothing_that_can_be_seen_and_hidden_marks_are_refused() {
        for text in REFUSED_SINCE.into_iter().chain(["a\u{200d}b"]) {
            assert!(Name::new(text).is_err(), "{text:?}");
        }
        assert_eq!(
            Name::new("a\u{61c}").unwrap_err().to_string(),
            "a name must not contain control or invisible characters, such as U+061C where it is"
        );
        for text in ["چلوکباب\u{200c}ها", "ශ\u{dca}\u{200d}ර\u{dd3}", "👩\u{200d}🍳"] {
            let stored = serde_json::to_string(&Name::new(text).unwrap()).unwrap();
            assert_eq!(serde_json::from_str::<Name>(&stored).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a7_text_that_was_valid_once_still_decodes() {
        for text in REFUSED_SINCE {
            let stored = serde_json::to_string(text).unwrap();
            assert_eq!(serde_json::from_str::<Name>(&stored).unwrap().as_str(), text);
        }
        for text in ["", " ", "a\u{200d}b", "a\u{202e}", "a\n"] {
            let never = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<Name>(&never).is_err(), "{text:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_limit_is_inclusive() {
        assert_eq!(check_text("it", &"é".repeat(20), 20), Ok(()));
        assert_eq!(
            check_text("it", &"é".repeat(21), 20),
            Err(Invalid::new("it has 21 characters, at most 20 are allowed"))
        );
    }

    #[test]
    fn reason_code_refuses_prose() {
        assert!(ReasonCode::new("INSUFFICIENT_CREDIT").is_ok());
        assert!(ReasonCode::new("not enough money").is_err());
    }
}
