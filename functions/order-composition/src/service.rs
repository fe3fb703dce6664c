use bytes::Bytes;
use futures::future::BoxFuture;
use http::StatusCode;
use std::sync::Arc;
use std::time::Duration;

/// How long one service is waited for. A cold function answers within a second; whoever composes waits for the slowest.
pub const PART_DEADLINE: Duration = Duration::from_secs(2);

/// What a service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body: the resource, or a problem.
    pub body: Bytes,
}

/// The service could not be asked. For the log; the client is told that the part is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the service cannot be asked: {0}")]
pub struct CallError(pub String);

/// Another service, as whoever composes sees it: something that answers GET.
pub trait Service: Send + Sync {
    /// The resource at this path. `correlation_id` joins the log lines of both.
    fn get<'a>(&'a self, path: &'a str, correlation_id: &'a str) -> BoxFuture<'a, Result<Reply, CallError>>;
}

/// The services that know a part of an order.
#[derive(Clone)]
pub struct Services {
    pub(crate) orders: Arc<dyn Service>,
    pub(crate) kitchen: Arc<dyn Service>,
    pub(crate) accounting: Arc<dyn Service>,
    pub(crate) delivery: Arc<dyn Service>,
    pub(crate) deadline: Duration,
}

impl Services {
    /// These, each waited for up to [`PART_DEADLINE`].
    #[must_use]
    pub fn new(
        orders: Arc<dyn Service>,
        kitchen: Arc<dyn Service>,
        accounting: Arc<dyn Service>,
        delivery: Arc<dyn Service>,
    ) -> Self {
        Self {
            orders,
            kitchen,
            accounting,
            delivery,
            deadline: PART_DEADLINE,
        }
    }

    /// Each waited for up to this long instead.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }
}
