use crate::Problem;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use std::fmt::Display;
use std::str::FromStr;

/// The id in the path, for example of `/orders/{id}`: the first path parameter, parsed into a type that is valid when it
/// exists.
///
/// Answers 400 `INVALID_ID` with the parameter's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathId<T>(pub T);

impl<T, S> FromRequestParts<S> for PathId<T>
where
    T: FromStr,
    T::Err: Display,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(parameters) = Path::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::bad_request("INVALID_ID", "The path is not UTF-8.").field("id"))?;
        let Some((name, value)) = parameters.into_iter().next() else {
            return Err(Problem::internal("PathId is used on a route without a parameter"));
        };
        value
            .parse()
            .map(Self)
            .map_err(|error| Problem::bad_request("INVALID_ID", error).field(name))
    }
}
