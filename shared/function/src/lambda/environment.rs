use crate::lambda::LambdaNeighbour;
use crate::{Function, Part, UnwiredError, Wiring, function_variable};
use aws_sdk_dynamodb::Client;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The environment is not what the function needs. It ends the init phase: a deployment error, seen at the first start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// A variable is missing or empty.
    #[error(
        "the environment variable {0} is not set; template.yaml sets it for every function that reads it"
    )]
    Missing(String),
    /// A variable cannot be read.
    #[error("the environment variable {name} is not the JSON that is expected: {reason}")]
    Malformed {
        /// Which one.
        name: String,
        /// What the parser found.
        reason: String,
    },
    /// `SOURCE_TABLES` lacks a category that the function reads.
    #[error("{0}; template.yaml names it in SOURCE_TABLES")]
    Unwired(#[from] UnwiredError),
    /// The function's handler names no role of this binary.
    #[error("the handler {found:?} is none of this binary's roles: {expected:?}")]
    UnknownRole {
        /// The `Handler` of the function.
        found: String,
        /// What the binary can be.
        expected: Vec<&'static str>,
    },
}

/// A variable that the function cannot do without.
///
/// # Errors
/// [`EnvironmentError::Missing`] also when it is empty.
pub fn required(name: &str) -> Result<String, EnvironmentError> {
    optional(name).ok_or_else(|| EnvironmentError::Missing(name.to_owned()))
}

/// A variable that may be missing or empty.
#[must_use]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable that holds JSON, for example `SOURCE_TABLES` = `{"order":"orders-events"}`.
///
/// # Errors
/// [`EnvironmentError::Missing`] or [`EnvironmentError::Malformed`].
pub fn json<T: DeserializeOwned>(name: &str) -> Result<T, EnvironmentError> {
    from_json(name, &required(name)?)
}

/// As [`json`], or a default when it is missing or empty.
///
/// # Errors
/// [`EnvironmentError::Malformed`]: present, but not to be read.
pub fn json_or<T: DeserializeOwned>(name: &str, default: T) -> Result<T, EnvironmentError> {
    optional(name).map_or(Ok(default), |text| from_json(name, &text))
}

fn from_json<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, EnvironmentError> {
    serde_json::from_str(text).map_err(|error| EnvironmentError::Malformed {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

/// What this function is to do: one binary per crate takes several roles (each binary costs a link of its own), chosen by
/// the function's `Handler`, which Lambda puts into `_HANDLER`.
///
/// # Errors
/// [`EnvironmentError::UnknownRole`] when it is none of `expected`.
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

/// What a function of a part is wired to. Reads `EVENT_TABLE` when it appends, `SOURCE_TABLES` when it reads the events of
/// others, `VIEW_TABLE` when it works with documents, and `ORDERS_FUNCTION` (for the part `orders`) for each part it asks.
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
    fn a_missing_variable_is_named() {
        assert_eq!(
            required("NOT_SET"),
            Err(EnvironmentError::Missing("NOT_SET".into()))
        );
        assert_eq!(json_or("NOT_SET", 7), Ok(7));
    }

    #[test]
    fn json_is_read() {
        let tables: BTreeMap<String, String> = from_json("T", r#"{"order":"orders-events"}"#).unwrap();
        assert_eq!(tables["order"], "orders-events");
    }

    #[test]
    fn what_is_not_json_is_named() {
        let error = from_json::<BTreeMap<String, String>>("SOURCE_TABLES", "order=x").unwrap_err();
        assert!(error.to_string().contains("SOURCE_TABLES"), "{error}");
    }

    #[test]
    fn a_handler_chooses_the_role() {
        assert_eq!(choose("reactor", &["command", "reactor"]), Ok("reactor"));
    }

    #[test]
    fn an_unknown_handler_is_refused() {
        for handler in ["", "Command", "bootstrap"] {
            let error = choose(handler, &["command", "reactor"]).unwrap_err();
            assert!(error.to_string().contains("reactor"), "{error}");
        }
    }
}
