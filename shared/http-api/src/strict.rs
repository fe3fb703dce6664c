//! Refuses arrays in the place of objects. Serde's derived types also accept an array with the fields in their order,
//! so that `[]` would be a body without fields and `["Anya","Lee"]` a name.

use serde::Deserializer;
use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde_json::{Error, Value};

/// Returns the path of an array in the place of an object, and the error. `value` is known to be a `T` in every other
/// respect.
pub(crate) fn check_objects<T: DeserializeOwned>(value: &Value) -> Result<(), (String, Error)> {
    serde_path_to_error::deserialize::<_, T>(Strict(value))
        .map(drop)
        .map_err(|error| (error.path().to_string(), error.into_inner()))
}

#[derive(Clone, Copy)]
struct Strict<'a>(&'a Value);

impl<'de> Deserializer<'de> for Strict<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(elements) => visitor.visit_seq(SeqDeserializer::new(elements.iter().map(Strict))),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), Strict(value)));
                visitor.visit_map(MapDeserializer::new(fields))
            }
            scalar => scalar.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(_) => Err(Error::invalid_type(Unexpected::Seq, &"an object")),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Strict<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Deserialize)]
    struct Order {
        #[expect(dead_code, reason = "only its shape is used")]
        lines: Vec<Line>,
        #[expect(dead_code, reason = "only its shape is used")]
        note: Option<Note>,
    }

    #[derive(Deserialize)]
    struct Line {
        #[expect(dead_code, reason = "only its shape is used")]
        item: String,
        #[expect(dead_code, reason = "only its shape is used")]
        quantity: u32,
    }

    #[derive(Deserialize)]
    struct Note {
        #[expect(dead_code, reason = "only its shape is used")]
        text: String,
    }

    fn refused_at(value: &Value) -> Option<String> {
        check_objects::<Order>(value).err().map(|(path, _)| path)
    }

    #[test]
    fn objects_that_contain_lists_are_accepted() {
        let order = json!({ "lines": [{ "item": "1", "quantity": 2 }], "note": { "text": "hot" } });
        assert_eq!(refused_at(&order), None);
        assert_eq!(refused_at(&json!({ "lines": [] })), None);
    }

    #[test]
    fn array_in_the_place_of_an_object_is_refused_with_its_path() {
        for (order, path) in [
            (json!([[], null]), "."),
            (json!({ "lines": [["1", 2]] }), "lines[0]"),
            (json!({ "lines": [], "note": ["hot"] }), "note"),
        ] {
            assert_eq!(refused_at(&order).as_deref(), Some(path), "{order}");
        }
    }
}
