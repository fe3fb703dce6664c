use crate::lambda::LambdaNeighbour;
use crate::{Function, Part, UnwiredError, Wiring, function_variable};
use aws_sdk_dynamodb::Client;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The environment does not match the function's description. It is a deployment error, and ends the init phase at the first
/// start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// A variable is missing or empty.
    #[error("the environment variable {0} is not set; deploy a template.yaml that sets it")]
    Missing(String),
    /// A variable is not the expected JSON.
    #[error("the environment variable {name} is not the expected JSON: {reason}")]
    Malformed {
        /// The variable's name.
        name: String,
        /// The parser's error.
        reason: String,
    },
    /// `SOURCE_TABLES` lacks a category that the function reads.
    #[error("{0}; add it to SOURCE_TABLES in template.yaml")]
    Unwired(#[from] UnwiredError),
    /// The function's handler is not a role of this binary.
    #[error("the handler {found:?} is not one of this binary's roles: {expected:?}")]
    UnknownRole {
        /// The `Handler` of the function.
        found: String,
        /// The roles of the binary.
        expected: Vec<&'static str>,
    },
}

/// Reads a variable that the function needs.
///
/// # Errors
/// [`EnvironmentError::Missing`] when it is missing or empty.
pub fn required(name: &str) -> Result<String, EnvironmentError> {
    optional(name).ok_or_else(|| EnvironmentError::Missing(name.to_owned()))
}

/// Reads a variable that may be missing or empty.
#[must_use]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reads a variable that contains JSON, for example `SOURCE_TABLES` = `{"order":"orders-events"}`.
///
/// # Errors
/// [`EnvironmentError::Missing`] or [`EnvironmentError::Malformed`].
pub fn json<T: DeserializeOwned>(name: &str) -> Result<T, EnvironmentError> {
    from_json(name, &required(name)?)
}

/// Reads a variable like [`json`], or returns the default when it is missing or empty.
///
/// # Errors
/// [`EnvironmentError::Malformed`] when it is present but is not the expected JSON.
pub fn json_or<T: DeserializeOwned>(name: &str, default: T) -> Result<T, EnvironmentError> {
    optional(name).map_or(Ok(default), |text| from_json(name, &text))
}

fn from_json<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, EnvironmentError> {
    serde_json::from_str(text).map_err(|error| EnvironmentError::Malformed {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

/// Returns the role of this function. One binary per crate has several roles, because each binary costs a link of its own. The
/// function's `Handler`, which Lambda puts into `_HANDLER`, selects the role.
///
/// # Errors
/// [`EnvironmentError::UnknownRole`] when it is not one of `expected`.
pub fn role(expected: &[&'static str]) -> Result<&'static str, EnvironmentError> {
    choose(&optional("_HANDLER").unwrap_or_default(), expected)
}

fn choose(handler: &str, expected: &[&'static str]) -> Result<&'static str, EnvironmentError> {
    let role = expected.iter().find(|role| **role == handler);
    role.copied().ok_or_else(|| EnvironmentError::UnknownRole {
        found: handler.to_owned(),
        expected: expected.to_vec(),
    })
}

/// Builds the wiring of a part's function. Reads `EVENT_TABLE` if it appends, `SOURCE_TABLES` if it reads the events of other
/// parts, `VIEW_TABLE` if it uses documents, and for each part that it asks a variable such as `ORDERS_FUNCTION` (for the part
/// `orders`).
///
/// # Errors
/// [`EnvironmentError`] when one of them is missing or lacks a category.
pub(super) async fn wiring(part: &Part, function: &Function) -> Result<Wiring, EnvironmentError> {
    let config = super::sdk_config().await;
    let mut wiring = Wiring::new(Client::new(config));
    if function.appends {
        let table = required("EVENT_TABLE")?;
        let own = part.owns.iter();
        wiring = own.fold(wiring, |wiring, category| wiring.events(*category, &table));
    }
    if !function.reads.is_empty() {
        let tables: BTreeMap<String, String> = json("SOURCE_TABLES")?;
        wiring = tables
            .into_iter()
            .fold(wiring, |wiring, (category, table)| wiring.events(category, table));
    }
    if let Some(documents) = function.documents() {
        wiring = wiring.documents(documents, required("VIEW_TABLE")?);
    }
    if !function.asks.is_empty() {
        let client = aws_sdk_lambda::Client::new(config);
        for asked in function.asks {
            let name = required(&function_variable(asked))?;
            wiring = wiring.neighbour(*asked, Arc::new(LambdaNeighbour::new(client.clone(), name)));
        }
    }
    Ok(function.narrow(part, &wiring)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_variable_is_named() {
        assert_eq!(
            required("NOT_SET"),
            Err(EnvironmentError::Missing("NOT_SET".into()))
        );
        assert_eq!(json_or("NOT_SET", 7), Ok(7));
    }

    #[test]
    fn json_variable_is_parsed() {
        let tables: BTreeMap<String, String> = from_json("T", r#"{"order":"orders-events"}"#).unwrap();
        assert_eq!(tables["order"], "orders-events");
    }

    #[test]
    fn malformed_json_variable_is_named() {
        let error = from_json::<BTreeMap<String, String>>("SOURCE_TABLES", "order=x").unwrap_err();
        assert!(error.to_string().contains("SOURCE_TABLES"), "{error}");
    }

    #[test]
    fn handler_selects_the_role() {
        assert_eq!(choose("reactor", &["command", "reactor"]), Ok("reactor"));
    }

    #[test]
    fn unknown_handler_is_refused() {
        for handler in ["", "Command", "bootstrap"] {
            let error = choose(handler, &["command", "reactor"]).unwrap_err();
            assert!(error.to_string().contains("reactor"), "{error}");
        }
    }
}
