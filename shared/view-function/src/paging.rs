use crate::answer::{problem, read_your_writes};
use commit::Fingerprint;
use http_api::{Consistency, Problem, cursor};
use projection::{IndexQuery, View, ViewReader};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// The default number of elements in a page.
pub const DEFAULT_LIMIT: u32 = 20;
/// The maximum number of elements in a page.
pub const MAX_LIMIT: u32 = 100;

/// The parameter `limit` of a list: 1 to [`MAX_LIMIT`], and [`DEFAULT_LIMIT`] by default. For a schema with these
/// limits, a field of this type needs `#[serde(default)]` and `#[param(required = false, inline)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct Limit(u32);

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl TryFrom<u32> for Limit {
    type Error = String;

    fn try_from(limit: u32) -> Result<Self, String> {
        if (1..=MAX_LIMIT).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(format!("A page has 1 to {MAX_LIMIT} elements."))
        }
    }
}

impl PartialSchema for Limit {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(MAX_LIMIT))
            .default(Some(DEFAULT_LIMIT.into()))
            .into()
    }
}

impl ToSchema for Limit {}

/// The parameters `limit` and `cursor` of a list. Cursors are bound to everything else in the query.
#[derive(Debug, Clone)]
pub struct Paging {
    limit: Limit,
    cursor: Option<String>,
    fingerprint: Fingerprint,
}

impl Paging {
    /// Creates the paging of a list of `what`, for example `orders`. The `query` contains everything that determines
    /// which elements are listed and in which order, in one canonical spelling, without `what`. The limit is not part
    /// of it: it may change from page to page.
    ///
    /// The names and the order of the parts are in cursors that clients hold: a change makes these cursors invalid.
    #[must_use]
    pub fn new(what: &str, query: &[&str], limit: Limit, cursor: Option<String>) -> Self {
        let parts: Vec<&[u8]> = [what].iter().chain(query).map(|part| part.as_bytes()).collect();
        Self {
            limit,
            cursor,
            fingerprint: Fingerprint::of(&parts),
        }
    }

    /// Returns the maximum number of elements in the page.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit.0
    }

    /// Returns the position at which the previous page ended; `None` for the first page.
    ///
    /// # Errors
    /// 400 `INVALID_CURSOR` when the cursor is damaged or belongs to another list. Whether the list can have the position is
    /// checked by the reader ([`projection::ReadError::ForeignPosition`]).
    pub fn start<P: DeserializeOwned>(&self) -> Result<Option<P>, Problem> {
        let cursor = self.cursor.as_deref();
        cursor
            .map(|text| cursor::decode(&self.fingerprint, text))
            .transpose()
    }

    /// Reads one page of a view's index: the lean elements, and the `nextCursor`.
    ///
    /// # Errors
    /// See [`problem`] and [`Self::next`].
    pub async fn list<V: View>(
        &self,
        reader: &ViewReader<V>,
        query: &IndexQuery,
        consistency: Consistency,
    ) -> Result<(Vec<Value>, Option<String>), Problem> {
        let page = reader.list(query, &read_your_writes(consistency)).await;
        let page = page.map_err(problem)?;
        Ok((page.items, self.next(page.next.as_ref())?))
    }

    /// Returns the `nextCursor` for the position at which this page ended; `None` at the end.
    ///
    /// # Errors
    /// 500 when the position cannot be serialized as JSON: a defect.
    pub fn next(&self, position: Option<&impl Serialize>) -> Result<Option<String>, Problem> {
        position
            .map(|position| cursor::encode(&self.fingerprint, position))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::FromRequestParts;
    use futures::executor::block_on;
    use http::Request;
    use http_api::Query;
    use projection::Position;
    use serde_json::json;

    fn paging(query: &[&str], cursor: Option<String>) -> Paging {
        Paging::new("lamps", query, Limit::default(), cursor)
    }

    fn position(sort: &str) -> Position {
        Position {
            sort: sort.to_owned(),
            key: "lamp_1".to_owned(),
        }
    }

    /// Returns the cursor of a page of this query that ended there.
    fn ended(query: &[&str], sort: &str) -> Option<String> {
        let next = paging(query, None).next(Some(&position(sort))).unwrap();
        assert!(next.is_some());
        next
    }

    #[derive(Debug, Deserialize)]
    struct Parameters {
        #[serde(default)]
        limit: Limit,
    }

    /// Parses the limit of this query string.
    fn limit(query: &str) -> Result<u32, Problem> {
        let (mut parts, ()) = Request::get(format!("/lamps?{query}"))
            .body(())
            .unwrap()
            .into_parts();
        let parameters = block_on(Query::<Parameters>::from_request_parts(&mut parts, &()));
        parameters.map(|Query(Parameters { limit })| Paging::new("lamps", &[], limit, None).limit())
    }

    #[test]
    fn default_limit_is_twenty() {
        assert_eq!(limit(""), Ok(20));
        assert_eq!((limit("limit=1"), limit("limit=100")), (Ok(1), Ok(100)));
    }

    #[test]
    fn limit_outside_1_to_100_is_refused() {
        for asked in [0, 101, u32::MAX] {
            let problem = limit(&format!("limit={asked}")).unwrap_err();
            assert_eq!(
                (problem.status.as_u16(), problem.code),
                (400, "INVALID_PARAMETER")
            );
            assert_eq!(problem.field.as_deref(), Some("limit"));
            assert_eq!(problem.detail, "A page has 1 to 100 elements.");
        }
    }

    #[test]
    fn schema_of_the_limit_has_the_checked_limits() {
        assert_eq!(
            serde_json::to_value(Limit::schema()).unwrap(),
            json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "default": 20 })
        );
    }

    #[test]
    fn first_page_has_no_position_and_last_page_no_cursor() {
        let paging = paging(&["kitchen"], None);
        assert_eq!(paging.start::<Position>(), Ok(None));
        assert_eq!(paging.next(None::<&Position>), Ok(None));
    }

    #[test]
    fn cursor_continues_where_its_page_ended() {
        let next = paging(&["kitchen"], ended(&["kitchen"], "7"));
        assert_eq!(next.start(), Ok(Some(position("7"))));
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let cursor = ended(&["kitchen", "on"], "7");
        for another in [
            paging(&["kitchen", "off"], cursor.clone()),
            paging(&["kitchen"], cursor.clone()),
            paging(&["kitche", "non"], cursor.clone()),
            Paging::new("stoves", &["kitchen", "on"], Limit::default(), cursor.clone()),
        ] {
            let problem = another.start::<Position>().unwrap_err();
            assert_eq!((problem.status.as_u16(), problem.code), (400, "INVALID_CURSOR"));
        }
    }

    #[test]
    fn cursor_without_a_position_is_refused() {
        let cursor = paging(&[], None).next(Some(&7)).unwrap();
        let problem = paging(&[], cursor).start::<Position>().unwrap_err();
        assert_eq!(problem.code, "INVALID_CURSOR");
    }
}
