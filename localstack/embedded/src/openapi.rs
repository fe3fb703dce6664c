use function::{System, UnwiredError};
use serde_json::Value;

/// The system's OpenAPI document as it is committed and served: pretty, its keys sorted, so that two runs print the same bytes.
pub(crate) fn document(system: &System) -> Result<String, UnwiredError> {
    let document = system.openapi(env!("CARGO_PKG_VERSION"))?;
    let document = serde_json::to_value(document).unwrap_or(Value::Null);
    Ok(serde_json::to_string_pretty(&document).unwrap_or_default())
}
