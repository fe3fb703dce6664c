//! The access rule of an operation: stated beside its route, checked before its handler, and part of its description.

use crate::codes::{NOT_ALLOWED, NOT_AUTHENTICATED};
use crate::{Problem, openapi};
use axum::extract::{FromRequestParts, Request};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use identity::{Access, Caller, Granted, Refused};
use jiff::Timestamp;
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use utoipa_axum::router::UtoipaMethodRouter;

/// Routes that get an access rule.
pub trait Guarded {
    /// Allows the callers of this rule to use the operations, and refuses all others before the handler runs: 401
    /// `NOT_AUTHENTICATED` without a [`Caller`] among the request's extensions, or with one that has expired; 403 `NOT_ALLOWED`
    /// for a caller without a role of the rule.
    ///
    /// A handler whose rule allows a role for its own things only asks its [`Permission`] whose the thing is. A response of success, or
    /// 304, without this question becomes 500, so that a forgotten question shows nothing. A command has taken effect by then.
    #[must_use]
    fn allow(self, access: Access) -> Self;
}

impl<S: Clone + Send + Sync + 'static> Guarded for UtoipaMethodRouter<S> {
    fn allow(self, access: Access) -> Self {
        let (schemas, mut paths, router) = self;
        openapi::describe_access(&mut paths, access);
        let guarded = router.route_layer(from_fn(move |request, next| guard(access, request, next)));
        (schemas, paths, guarded)
    }
}

async fn guard(access: Access, mut request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>();
    let granted = match access.check(caller, Timestamp::now()) {
        Ok(granted) => granted,
        Err(refused) => return Problem::from(refused).into_response(),
    };
    let permission = Permission {
        caller: caller.cloned(),
        granted: Arc::new(granted),
        asked: Arc::new(AtomicBool::new(false)),
    };
    request.extensions_mut().insert(permission.clone());
    let response = next.run(request).await;
    let status = response.status();
    let succeeded = status.is_success() || status.is_redirection();
    if !permission.is_unlimited() && succeeded && !permission.asked.load(Ordering::Relaxed) {
        return Problem::internal("a handler answered without asking whose the resource is").into_response();
    }
    response
}

/// For what the caller may use this operation.
///
/// The extractor fails with 500 on a route without an access rule.
#[derive(Debug, Clone)]
pub struct Permission {
    caller: Option<Caller>,
    granted: Arc<Granted>,
    /// Whether the handler has asked.
    asked: Arc<AtomicBool>,
}

impl Permission {
    /// Returns whether the operation may be used for what belongs to the thing with this kind and id, for example `consumer` and
    /// the id of a consumer. What may not be used is answered as if it did not exist.
    #[must_use]
    pub fn covers(&self, kind: &str, id: impl Display) -> bool {
        self.asked.store(true, Ordering::Relaxed);
        self.granted.covers(kind, id)
    }

    /// Returns the id of the only thing of this kind that the caller holds, for what is about the caller alone.
    ///
    /// # Errors
    /// 403 `NOT_ALLOWED` when the caller holds none or several, or the id is not a `T`.
    pub fn only<T: FromStr>(&self, kind: &str) -> Result<T, Problem> {
        self.asked.store(true, Ordering::Relaxed);
        let id = self.granted.only(kind).and_then(|id| id.parse().ok());
        id.ok_or_else(|| NOT_ALLOWED.problem(format_args!("Your credentials do not name one {kind}.")))
    }

    /// Returns whether the operation may be used for everything.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        *self.granted == Granted::All
    }

    /// Returns the caller, for another function that is asked in its name and decides whose the resource is.
    ///
    /// # Errors
    /// 401 `NOT_AUTHENTICATED` without a caller: anybody may use the operation.
    pub fn pass_on(&self) -> Result<Caller, Problem> {
        self.asked.store(true, Ordering::Relaxed);
        self.caller.clone().ok_or_else(|| Refused::NoCredentials.into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Permission {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let permission = parts.extensions.get::<Self>().cloned();
        permission.ok_or_else(|| Problem::internal("the route has no access rule"))
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoCredentials => NOT_AUTHENTICATED.problem("Send credentials with the request."),
            Refused::Expired => NOT_AUTHENTICATED.problem("The credentials have expired."),
            Refused::NotAllowed => NOT_ALLOWED.problem("None of your roles may do this."),
        }
    }
}
