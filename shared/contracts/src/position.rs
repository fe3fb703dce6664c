//! Geographic positions.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A position on the globe (WGS 84), to a millionth of a degree: about 11 cm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// Degrees north.
    pub latitude: Latitude,
    /// Degrees east.
    pub longitude: Longitude,
}

macro_rules! degrees {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal, $example:literal) => {
        $(#[$doc])*
        ///
        /// A JSON number, kept in millionths of a degree, so that repeated round trips do not change it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "f64", try_from = "f64")]
        pub struct $name(i32);

        impl TryFrom<f64> for $name {
            type Error = Invalid;
            fn try_from(degrees: f64) -> Result<Self, Invalid> {
                if !(-f64::from($max)..=f64::from($max)).contains(&degrees) {
                    return Err(Invalid::new(concat!(
                        $what, " is from -", stringify!($max), " to ", stringify!($max), " degrees"
                    )));
                }
                #[expect(clippy::cast_possible_truncation, reason = "at most 180 million")]
                let millionths = (degrees * 1e6).round() as i32;
                Ok(Self(millionths))
            }
        }

        impl From<$name> for f64 {
            fn from(degrees: $name) -> f64 {
                f64::from(degrees.0) / 1e6
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::Number)
                    .minimum(Some(-$max))
                    .maximum(Some($max))
                    .examples([$example])
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed(stringify!($name))
            }
        }
    };
}

degrees! {
    /// Degrees north of the equator, from -90 to 90.
    Latitude, "a latitude", 90, 37.8044
}

degrees! {
    /// Degrees east of Greenwich, from -180 to 180.
    Longitude, "a longitude", 180, -122.2712
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn position_round_trips(degrees in -180.0..=180.0_f64) {
            let longitude = Longitude::try_from(degrees).unwrap();
            let text = serde_json::to_string(&longitude).unwrap();
            prop_assert_eq!(serde_json::from_str::<Longitude>(&text).unwrap(), longitude);
        }
    }

    #[test]
    fn degrees_outside_the_globe_are_refused() {
        for degrees in [90.1, -90.1, 1e300, f64::NAN, f64::INFINITY] {
            assert!(Latitude::try_from(degrees).is_err(), "{degrees}");
        }
        for json in ["\"37.8\"", "null", "180.000001", "1e999"] {
            assert!(serde_json::from_str::<Longitude>(json).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<Latitude>("90").is_ok());
    }
}
