//! What a decoder's message says, without the data that it quotes.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Display;

/// The beginnings of the messages of serde's decoders. What follows may quote a value.
const FAULTS: [&str; 6] = [
    "invalid type",
    "invalid value",
    "invalid length",
    "unknown variant",
    "unknown field",
    "duplicate field",
];

/// Returns the kind of fault that a decoder's message names, for logs and whatever else is stored: messages of decoders quote
/// the data, which may be personal, and every check of a value may add a text of its own.
///
/// ```
/// let error = serde_json::from_str::<u8>(r#""Anya Lee""#).unwrap_err();
/// assert!(error.to_string().contains("Anya Lee"));
/// assert_eq!(commit::fault(&error), "invalid type");
/// ```
#[must_use]
pub fn fault(error: &impl Display) -> String {
    let message = error.to_string();
    // The name of a missing field comes from the code.
    if let Some((field, _)) = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split_once('`'))
    {
        return format!("missing field `{field}`");
    }
    let fault = FAULTS.iter().find(|fault| message.starts_with(**fault));
    (*fault.unwrap_or(&"not the expected data")).to_owned()
}

/// Decodes a value that has failed to decode once more, and returns the path of what is wrong and its kind.
pub(crate) fn located<T: DeserializeOwned>(tagged: &Value) -> String {
    match serde_path_to_error::deserialize::<_, T>(tagged) {
        Ok(_) => "not the expected data".to_owned(),
        Err(error) => {
            let path: Vec<String> = error.path().iter().map(ToString::to_string).collect();
            // The first segment is the place of the data beside the type.
            let path = path.get(1..).unwrap_or_default().join(".");
            let fault = fault(error.inner());
            if path.is_empty() {
                fault
            } else {
                format!("{fault} at {path}")
            }
        }
    }
}
