//! Prefixed ids: an id of one kind is never accepted as one of another.

use crate::Invalid;
use uuid::Uuid;

/// Defines an id: a newtype over a UUID whose text begins with a prefix, with serde and an OpenAPI schema.
///
/// The crate that uses it depends on `serde`, `utoipa` and `uuid`.
///
/// ```
/// values::id! {
///     /// An account.
///     AccountId, "acc_"
/// }
///
/// let id: AccountId = "acc_0193a5b2c4d67e8f9a0b1c2d3e4f5061".parse()?;
/// assert_eq!(id.to_string(), "acc_0193a5b2c4d67e8f9a0b1c2d3e4f5061");
/// assert!("ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061".parse::<AccountId>().is_err());
/// # Ok::<(), values::Invalid>(())
/// ```
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        ///
        /// The id is written as the prefix and 32 lower-case hexadecimal digits. There is only one spelling, because
        /// the id is a key.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(::uuid::Uuid);

        impl $name {
            /// The prefix of every id of this kind.
            pub const PREFIX: &'static str = $prefix;

            /// Returns the id with this UUID: a UUIDv7, or a UUID derived from the command that creates the aggregate
            /// (G4).
            #[must_use]
            pub const fn from_uuid(uuid: ::uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the UUID.
            #[must_use]
            pub const fn uuid(&self) -> ::uuid::Uuid {
                self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, "{self}")
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::Invalid;
            fn from_str(text: &str) -> Result<Self, $crate::Invalid> {
                $crate::parse_id($prefix, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::Invalid;
            fn try_from(text: String) -> Result<Self, $crate::Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some(concat!("^", $prefix, "[0-9a-f]{32}$")))
                    .examples([concat!($prefix, "0193a5b2c4d67e8f9a0b1c2d3e4f5061")])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
}

/// The UUID behind `prefix`. For [`id!`].
///
/// # Errors
/// [`Invalid`] for another prefix or spelling.
#[doc(hidden)]
pub fn parse_id(prefix: &str, text: &str) -> Result<Uuid, Invalid> {
    let invalid = || Invalid::new(format!("expected {prefix} and 32 lower-case hexadecimal digits"));
    let digits = text.strip_prefix(prefix).ok_or_else(invalid)?;
    let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if digits.len() != 32 || !digits.bytes().all(lower_hex) {
        return Err(invalid());
    }
    Uuid::try_parse(digits).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    crate::id! {
        /// An order.
        OrderId, "ord_"
    }

    crate::id! {
        /// A consumer.
        ConsumerId, "con_"
    }

    proptest! {
        #[test]
        fn every_id_round_trips(uuid: u128) {
            let id = OrderId::from_uuid(Uuid::from_u128(uuid));
            prop_assert_eq!(id.to_string().parse::<OrderId>(), Ok(id));
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<OrderId>(&json).unwrap(), id);
        }

        #[test]
        fn parsed_id_displays_as_the_same_text(text in "(ord_)?[0-9a-fA-F-]{30,38}") {
            if let Ok(id) = text.parse::<OrderId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn ids_of_another_kind_and_invalid_text_are_refused() {
        let consumer = ConsumerId::from_uuid(Uuid::nil()).to_string();
        for text in [
            consumer.as_str(),
            "",
            "ord_",
            "ord_../../../../../../etc/passwd00000000",
            "ord_0193A5B2C4D67E8F9A0B1C2D3E4F5061",
            "ord_0193a5b2-c4d6-7e8f-9a0b-1c2d3e4f5061",
            " ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061",
            "ord_0193a5b2c4d67e8f9a0b1c2d3e4f506１",
        ] {
            assert!(text.parse::<OrderId>().is_err(), "{text}");
        }
    }
}
