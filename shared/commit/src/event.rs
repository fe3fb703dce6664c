use crate::fault;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An event as it is stored and sent: its type, the version of its schema, and its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventData {
    /// The type's name, in the past tense, for example `OrderCreated`.
    #[serde(rename = "t")]
    pub kind: String,
    /// The version of the type's schema, from 1.
    #[serde(rename = "v")]
    pub schema: u32,
    /// The data, a JSON object.
    #[serde(rename = "d")]
    pub data: Value,
}

/// The error when an event cannot be encoded or decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The type is not listed in [`Event::TYPES`]. Newer code wrote the event. A view or reactor waits for
    /// newer code; a service refuses to load a stream of its own that contains it.
    #[error("unknown event type {kind:?}")]
    UnknownType {
        /// The type's name.
        kind: String,
    },
    /// The type is known, but this version of its schema is not: newer code wrote the event.
    #[error("event {kind} has schema version {schema}, which this code cannot upcast to the current one")]
    UnknownSchema {
        /// The type's name.
        kind: String,
        /// The version that was found.
        schema: u32,
    },
    /// The data does not match the schema of this type and version.
    #[error("event {kind} v{schema} cannot be read: {fault}")]
    Malformed {
        /// The type's name.
        kind: String,
        /// The version that was found.
        schema: u32,
        /// What is wrong and where: `invalid type at lineItems.0.quantity`. It never quotes the data, because errors are
        /// logged and stored.
        fault: String,
    },
    /// The value is not an adjacently tagged enum with a listed type.
    #[error("the event cannot be encoded: {0}")]
    Unwritable(String),
}

/// The events of one category: an enum with `#[serde(tag = "t", content = "d")]` whose variants have named fields (`{}`
/// when there are none).
pub trait Event: Serialize + DeserializeOwned {
    /// All types with their current schema versions. The names are stored; version them with care.
    const TYPES: &'static [(&'static str, u32)];

    /// Converts data of an older schema version to the current one. Each event type has one such place, and each
    /// version a golden file.
    ///
    /// # Errors
    /// [`CodecError::UnknownSchema`] for an unknown version; the default implementation returns it for every version.
    fn upcast(kind: &str, schema: u32, data: Value) -> Result<Value, CodecError> {
        let _ = data;
        Err(CodecError::UnknownSchema {
            kind: kind.to_owned(),
            schema,
        })
    }

    /// Encodes the event as it is stored.
    ///
    /// # Errors
    /// [`CodecError::Unwritable`] when the type is not an adjacently tagged enum whose variants are all in
    /// [`Self::TYPES`].
    fn encode(&self) -> Result<EventData, CodecError> {
        let unwritable = |reason: &str| CodecError::Unwritable(reason.to_owned());
        let value = serde_json::to_value(self).map_err(|e| CodecError::Unwritable(e.to_string()))?;
        let Value::Object(mut fields) = value else {
            return Err(unwritable("it is not an object"));
        };
        let Some(Value::String(kind)) = fields.remove("t") else {
            return Err(unwritable("it has no type `t`"));
        };
        let Some(data @ Value::Object(_)) = fields.remove("d") else {
            return Err(unwritable("it has no object `d`"));
        };
        let Some((_, schema)) = Self::TYPES.iter().find(|(name, _)| *name == kind) else {
            return Err(CodecError::Unwritable(format!(
                "type {kind} is not listed in TYPES"
            )));
        };
        Ok(EventData {
            kind,
            schema: *schema,
            data,
        })
    }

    /// Decodes a stored event and upcasts it to the current schema.
    ///
    /// # Errors
    /// [`CodecError::UnknownType`], [`CodecError::UnknownSchema`] or [`CodecError::Malformed`].
    fn decode(stored: &EventData) -> Result<Self, CodecError> {
        let EventData { kind, schema, data } = stored;
        let Some((_, current)) = Self::TYPES.iter().find(|(name, _)| name == kind) else {
            return Err(CodecError::UnknownType { kind: kind.clone() });
        };
        let data = if schema == current {
            data.clone()
        } else {
            Self::upcast(kind, *schema, data.clone())?
        };
        // In this form the type precedes the data, whose path is then known.
        let tagged = json!([kind, data]);
        Self::deserialize(&tagged).map_err(|_| CodecError::Malformed {
            kind: kind.clone(),
            schema: *schema,
            fault: fault::located::<Self>(&tagged),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "t", content = "d")]
    enum Lamp {
        SwitchedOn { watts: u32 },
        SwitchedOff {},
        Unlisted {},
    }

    impl Event for Lamp {
        const TYPES: &'static [(&'static str, u32)] = &[("SwitchedOn", 2), ("SwitchedOff", 1)];

        fn upcast(kind: &str, schema: u32, data: Value) -> Result<Value, CodecError> {
            match (kind, schema) {
                ("SwitchedOn", 1) => Ok(json!({ "watts": data["power"] })),
                _ => Err(CodecError::UnknownSchema {
                    kind: kind.to_owned(),
                    schema,
                }),
            }
        }
    }

    fn stored(kind: &str, schema: u32, data: Value) -> EventData {
        EventData {
            kind: kind.to_owned(),
            schema,
            data,
        }
    }

    #[test]
    fn encoded_event_decodes_to_the_same_event() {
        for event in [Lamp::SwitchedOn { watts: 40 }, Lamp::SwitchedOff {}] {
            assert_eq!(Lamp::decode(&event.encode().unwrap()).unwrap(), event);
        }
    }

    #[test]
    fn an_older_schema_is_upcast() {
        let old = stored("SwitchedOn", 1, json!({ "power": 60 }));
        assert_eq!(Lamp::decode(&old).unwrap(), Lamp::SwitchedOn { watts: 60 });
    }

    #[test]
    fn newer_schema_is_an_unknown_schema_error() {
        let newer = stored("SwitchedOn", 3, json!({}));
        assert_eq!(
            Lamp::decode(&newer),
            Err(CodecError::UnknownSchema {
                kind: "SwitchedOn".into(),
                schema: 3
            })
        );
    }

    #[test]
    fn unknown_type_is_an_unknown_type_error() {
        let unknown = stored("LampStolen", 1, json!({}));
        assert_eq!(
            Lamp::decode(&unknown),
            Err(CodecError::UnknownType {
                kind: "LampStolen".into()
            })
        );
    }

    #[test]
    fn a11_error_names_kind_and_place_of_a_fault_and_quotes_nothing() {
        let faults = [
            (json!({ "watts": "Anya" }), "invalid type at watts"),
            (json!({ "watts": -7 }), "invalid value at watts"),
            (json!({}), "missing field `watts`"),
            (json!("Anya"), "invalid type"),
        ];
        for (data, expected) in faults {
            let error = Lamp::decode(&stored("SwitchedOn", 2, data)).unwrap_err();
            let CodecError::Malformed { fault, .. } = &error else {
                panic!("{error}")
            };
            assert_eq!(fault, expected);
            assert!(!format!("{error} {error:?}").contains("Anya"));
        }
    }

    #[test]
    fn unlisted_type_cannot_be_encoded() {
        assert!(matches!(
            Lamp::Unlisted {}.encode(),
            Err(CodecError::Unwritable(_))
        ));
    }
}
