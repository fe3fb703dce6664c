use crate::Problem;
use crate::codes::INVALID_PARAMETER;
use axum::extract::FromRequestParts;
use http::Uri;
use http::request::Parts;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqDeserializer, StringDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// Strict query parameters: unknown ones, repeated ones, and invalid percent-encoding are refused.
///
/// A field of type `Vec` takes several values, as repeated parameters or joined by commas. Numbers and booleans are
/// parsed from their text.
///
/// The extractor refuses with 400 `INVALID_PARAMETER` and the parameter as `field`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        read(&parts.uri).map(Self)
    }
}

/// The query string of an operation without parameters: any parameter is refused. [`Command`](crate::Command) does so by
/// itself.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// Reads the parameters of a request.
pub(crate) fn read<T: DeserializeOwned>(uri: &Uri) -> Result<T, Problem> {
    parse(uri.query().unwrap_or_default()).map_err(|error| {
        let problem = INVALID_PARAMETER.problem(error.message);
        match error.field {
            Some(field) => problem.field(field),
            None => problem,
        }
    })
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name =
            decode(name).ok_or_else(|| Error::new("A parameter's name is not percent-encoded UTF-8."))?;
        let value =
            decode(value).ok_or_else(|| Error::new("The value is not percent-encoded UTF-8.").at(&name))?;
        parameters.entry(name).or_default().push(value);
    }
    T::deserialize(MapAccessDeserializer::new(Parameters {
        rest: parameters.into_iter(),
        current: None,
    }))
}

/// Decodes percent-encoding strictly, with `+` for a space. Returns `None` for a `%` without two hexadecimal digits, or
/// when the result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[derive(Debug)]
struct Error {
    field: Option<String>,
    message: String,
}

impl Error {
    fn new(message: impl fmt::Display) -> Self {
        Self {
            field: None,
            message: message.to_string(),
        }
    }

    fn at(mut self, field: &str) -> Self {
        self.field.get_or_insert_with(|| field.to_owned());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
    fn missing_field(field: &'static str) -> Self {
        Self::new("The parameter is missing.").at(field)
    }
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = match expected {
            [] => "Unknown parameter. None is supported.".to_owned(),
            expected => format!("Unknown parameter. Supported are: {}.", expected.join(", ")),
        };
        Self::new(message).at(field)
    }
}

struct Parameters {
    rest: std::collections::btree_map::IntoIter<String, Vec<String>>,
    current: Option<(String, Vec<String>)>,
}

impl<'de> MapAccess<'de> for Parameters {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.current = self.rest.next();
        match &self.current {
            None => Ok(None),
            Some((name, _)) => {
                let deserializer: StringDeserializer<Error> = name.clone().into_deserializer();
                seed.deserialize(deserializer).map(Some).map_err(|e| e.at(name))
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, values) = self
            .current
            .take()
            .ok_or_else(|| Error::new("a value was asked for before its key"))?;
        seed.deserialize(Values(values)).map_err(|e| e.at(&name))
    }
}

/// The values of one parameter.
struct Values(Vec<String>);

impl Values {
    fn single(self) -> Result<String, Error> {
        match <[String; 1]>::try_from(self.0) {
            Ok([value]) => Ok(value),
            Err(_) => Err(Error::new("The parameter is given more than once.")),
        }
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $kind:ty, $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let value = self.single()?;
            // Rust also parses "+1", but a number has only one spelling here.
            let parsed = if value.starts_with('+') { None } else { value.parse::<$kind>().ok() };
            visitor.$visit(parsed.ok_or_else(|| Error::new(concat!("The value must be ", $what, ".")))?)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Values {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.single()?)
    }

    parsed! {
        deserialize_bool visit_bool bool, "true or false";
        deserialize_i8 visit_i8 i8, "a whole number";
        deserialize_i16 visit_i16 i16, "a whole number";
        deserialize_i32 visit_i32 i32, "a whole number";
        deserialize_i64 visit_i64 i64, "a whole number";
        deserialize_u8 visit_u8 u8, "a whole number, not negative, and not too large";
        deserialize_u16 visit_u16 u16, "a whole number, not negative, and not too large";
        deserialize_u32 visit_u32 u32, "a whole number, not negative, and not too large";
        deserialize_u64 visit_u64 u64, "a whole number, not negative, and not too large";
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let value: StringDeserializer<Error> = self.single()?.into_deserializer();
        visitor.visit_enum(value)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let each = self.0.iter().flat_map(|value| value.split(','));
        let each: Vec<Values> = each.map(|text| Values(vec![text.to_owned()])).collect();
        visitor.visit_seq(SeqDeserializer::new(each.into_iter()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        // A type without `deny_unknown_fields` would ignore it.
        Err(Error::new("Unknown parameter."))
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier
    }
}

impl IntoDeserializer<'_, Error> for Values {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}
