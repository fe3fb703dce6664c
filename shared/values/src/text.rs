//! Text that somebody typed: never empty, never over-long, nothing invisible in it.

/// Why a value was refused. What it says is meant for whoever sent the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    /// For this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// Characters that show nothing or reorder what is around them: in a name they only serve to deceive or to break a log.
fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[doc(hidden)]
pub fn check_text(what: &str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new(format!("{what} must not be empty")));
    }
    let length = text.chars().count();
    if length > max {
        return Err(Invalid::new(format!(
            "{what} has {length} characters, at most {max} are allowed"
        )));
    }
    if text.chars().any(invisible) {
        return Err(Invalid::new(format!(
            "{what} must not contain control or invisible characters"
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

/// What [`check_token`] allows, as a regular expression for schemas.
#[doc(hidden)]
pub fn token_pattern(allowed: &str) -> String {
    // Of what is allowed anywhere, the hyphen alone means something inside the brackets.
    format!("^[A-Za-z0-9{}]+$", allowed.replace('-', r"\-"))
}

/// Defines a newtype over `String` that exists only when its check passed: not empty, at most `max` characters, none of them
/// invisible. With `only`, it consists of letters, digits and these characters. serde and the OpenAPI schema say the same.
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
            /// The most characters that it may have.
            pub const MAX: usize = $max;

            /// Parses it.
            ///
            /// # Errors
            /// `Invalid` when it is empty, too long, or contains characters that it must not.
            pub fn new(text: impl Into<String>) -> Result<Self, $crate::Invalid> {
                let text = text.into();
                $crate::text!(@check $what, &text, Self::MAX $(, $only)?)?;
                Ok(Self(text))
            }

            /// Its text.
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
                Self::new(text)
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
    // Said in words, because a pattern that an event's schema did not have is a narrower limit.
    (@description) => { Some("Not only blanks, and nothing that cannot be seen, such as control characters.") };
    (@description $only:literal) => { None::<String> };
    (@pattern $only:literal) => { Some($crate::text::token_pattern($only)) };
    (@check $what:literal, $text:expr, $max:expr) => { $crate::text::check_text($what, $text, $max) };
    (@check $what:literal, $text:expr, $max:expr, $only:literal) => {
        $crate::text::check_token($what, $text, $max, $only)
    };
}
text! {
    /// Why something was declined or rejected, as a stable code such as `INSUFFICIENT_CREDIT`.
    ///
    /// Text and not an enum, because a reader must not fail on a reason that a newer service invented. The longest
    /// code so far has 20 characters; 64 leave room without letting prose in.
    ReasonCode, "a reason code", max = 64, only = "_"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_of_any_language_is_text() {
        for text in ["Ajanta", "Café Zoë", "寿司", "9 Amazing View, #4", "O’Brien 🍛"] {
            assert_eq!(check_text("it", text, 20), Ok(()), "{text}");
        }
    }

    #[test]
    fn nothing_and_only_blanks_are_refused() {
        for text in ["", " ", "\u{2003}\u{2003}"] {
            assert!(check_text("it", text, 20).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
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

    #[test]
    fn length_counts_characters_and_the_limit_is_inside() {
        assert_eq!(check_text("it", &"é".repeat(20), 20), Ok(()));
        assert_eq!(
            check_text("it", &"é".repeat(21), 20),
            Err(Invalid::new("it has 21 characters, at most 20 are allowed"))
        );
    }

    #[test]
    fn codes_hold_no_prose() {
        assert!(ReasonCode::new("INSUFFICIENT_CREDIT").is_ok());
        assert!(ReasonCode::new("not enough money").is_err());
    }
}
