use crate::Problem;
use crate::codes::INVALID_ID;
use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use std::fmt::Display;
use std::str::FromStr;

/// The id in the path, for example of `/orders/{id}`: the first path parameter, parsed into a type whose values are
/// always valid.
///
/// The extractor refuses with 400 `INVALID_ID` and the parameter's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathId<T>(pub T);

/// The two ids in the path, for example of `/views/{view}/sweeps/{id}`: the first two path parameters, in their order.
///
/// The extractor refuses with 400 `INVALID_ID` and the name of the first invalid parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathIds<A, B>(pub A, pub B);

impl<T, S> FromRequestParts<S> for PathId<T>
where
    T: FromStr,
    T::Err: Display,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let mut parameters = Parameters::of(parts, state).await?;
        Ok(Self(parameters.next()?))
    }
}

impl<A, B, S> FromRequestParts<S> for PathIds<A, B>
where
    A: FromStr,
    A::Err: Display,
    B: FromStr,
    B::Err: Display,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let mut parameters = Parameters::of(parts, state).await?;
        Ok(Self(parameters.next()?, parameters.next()?))
    }
}

/// The parameters of the path that are not parsed yet.
struct Parameters(std::vec::IntoIter<(String, String)>);

impl Parameters {
    async fn of<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(parameters) = Path::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|_| INVALID_ID.problem("The path is not UTF-8.").field("id"))?;
        Ok(Self(parameters.into_iter()))
    }

    fn next<T: FromStr<Err: Display>>(&mut self) -> Result<T, Problem> {
        let Some((name, value)) = self.0.next() else {
            return Err(Problem::internal(
                "the route has fewer parameters than its handler extracts",
            ));
        };
        value
            .parse()
            .map_err(|error| INVALID_ID.problem(error).field(name))
    }
}
