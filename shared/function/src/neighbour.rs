use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderValue, StatusCode};
use identity::Caller;

/// The reply of another function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// Its `Consistency-Token`.
    pub token: Option<HeaderValue>,
    /// The body: the resource, or a problem.
    pub body: Bytes,
}

/// On whose behalf another function is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The caller.
    pub caller: Caller,
    /// The id that links the log lines of both functions.
    pub correlation_id: String,
}

/// A call to the function failed. This is for the log; the client only learns that the part is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the call to the function failed: {0}")]
pub struct CallError(pub String);

/// Another part's function, as its callers see it: it serves GET requests.
pub trait Neighbour: Send + Sync {
    /// Reads the resource at this path as this caller.
    fn get<'a>(&'a self, path: &'a str, asking: &'a Asking) -> BoxFuture<'a, Result<Reply, CallError>>;
}

/// Returns the environment variable that names a part's function: `ORDERS_FUNCTION` for `orders`.
#[must_use]
pub fn function_variable(part: &str) -> String {
    format!("{}_FUNCTION", part.to_uppercase().replace('-', "_"))
}
