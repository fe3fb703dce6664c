//! Prefixed ids: an id of one kind cannot be taken for an id of another kind.

use crate::Invalid;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        ///
        /// The id is written as the prefix and 32 lower-case hexadecimal digits. There is only one spelling, because
        /// the id is a key.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of every id of this kind.
            pub const PREFIX: &'static str = $prefix;

            /// Returns the id with this UUID: a UUIDv7, or a UUID derived from the command that creates the aggregate
            /// (G4).
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the UUID.
            #[must_use]
            pub const fn uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{self}")
            }
        }

        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                parse($prefix, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
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
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
}

fn parse(prefix: &str, text: &str) -> Result<Uuid, Invalid> {
    let invalid = || Invalid::new(format!("expected {prefix} and 32 lower-case hexadecimal digits"));
    let digits = text.strip_prefix(prefix).ok_or_else(invalid)?;
    let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if digits.len() != 32 || !digits.bytes().all(lower_hex) {
        return Err(invalid());
    }
    Uuid::try_parse(digits).map_err(|_| invalid())
}

id! {
    /// A consumer, and the consumer's account.
    ConsumerId, "con_"
}

id! {
    /// A restaurant.
    RestaurantId, "rst_"
}

id! {
    /// An order, its ticket, its payment and its delivery.
    OrderId, "ord_"
}

id! {
    /// A courier.
    CourierId, "cou_"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
