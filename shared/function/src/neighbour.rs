use bytes::Bytes;
use futures::future::BoxFuture;
use http::StatusCode;

/// What another function answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body: the resource, or a problem.
    pub body: Bytes,
}

/// The function could not be asked. For the log; the client is told that the part is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the function cannot be asked: {0}")]
pub struct CallError(pub String);

/// Another part's function, as whoever asks it sees it: something that answers GET.
pub trait Neighbour: Send + Sync {
    /// Reads the resource at this path. `correlation_id` joins the log lines of both.
    fn get<'a>(&'a self, path: &'a str, correlation_id: &'a str) -> BoxFuture<'a, Result<Reply, CallError>>;
}

/// The environment variable that names the function of a part: `ORDERS_FUNCTION` for `orders`.
#[must_use]
pub fn function_variable(part: &str) -> String {
    format!("{}_FUNCTION", part.to_uppercase().replace('-', "_"))
}
