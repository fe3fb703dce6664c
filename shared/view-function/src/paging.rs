use crate::answer::{problem, read_your_writes};
use commit::Fingerprint;
use http_api::{Consistency, Problem, cursor};
use projection::{IndexQuery, Position, View, ViewReader};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// How many elements a page has when the client does not say.
pub const DEFAULT_LIMIT: u32 = 20;
/// How many elements a page has at most.
pub const MAX_LIMIT: u32 = 100;

/// The parameter `limit` of a list: 1 to [`MAX_LIMIT`], and [`DEFAULT_LIMIT`] by default. Its schema says so: a field of this
/// type has `#[serde(default)]` and `#[param(required = false, inline)]`.
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

/// The parameters `limit` and `cursor` of a list; the cursors are bound to everything else that was asked for.
#[derive(Debug, Clone)]
pub struct Paging {
    limit: Limit,
    cursor: Option<String>,
    fingerprint: Fingerprint,
}

impl Paging {
    /// Of a list of `what`, for example `orders`. The `query` is all that determines which elements are listed and in which
    /// order, in one canonical spelling; `what` belongs to it without being repeated there. The limit does not: it may
    /// change from page to page.
    ///
    /// The names and the order of the parts are in cursors that clients hold: whoever changes them ends those lists.
    #[must_use]
    pub fn new(what: &str, query: &[&str], limit: Limit, cursor: Option<String>) -> Self {
        let parts: Vec<&[u8]> = [what].iter().chain(query).map(|part| part.as_bytes()).collect();
        Self {
            limit,
            cursor,
            fingerprint: Fingerprint::of(&parts),
        }
    }

    /// How many elements the page may have.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit.0
    }

    /// Where the page before ended; none for the first page.
    ///
    /// # Errors
    /// 400 `INVALID_CURSOR` when it is damaged or belongs to another list.
    pub fn start<P: DeserializeOwned>(&self) -> Result<Option<P>, Problem> {
        let cursor = self.cursor.as_deref();
        cursor
            .map(|text| cursor::decode(&self.fingerprint, text))
            .transpose()
    }

    /// As [`Self::start`], in a list that has bounds: the `lower` and `upper` of its
    /// [`IndexQuery`](projection::IndexQuery). DynamoDB refuses to start outside of them.
    ///
    /// # Errors
    /// As [`Self::start`], and when the position lies outside.
    pub fn start_within(
        &self,
        lower: Option<&str>,
        upper: Option<&str>,
    ) -> Result<Option<Position>, Problem> {
        let start: Option<Position> = self.start()?;
        let inside = start.as_ref().is_none_or(|Position { sort, .. }| {
            lower.is_none_or(|lower| &**sort >= lower) && upper.is_none_or(|upper| &**sort <= upper)
        });
        inside.then_some(start).ok_or_else(cursor::foreign)
    }

    /// One page of a view's index: the lean elements, and the `nextCursor`.
    ///
    /// # Errors
    /// As [`problem`] says, and [`Self::next`].
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

    /// The `nextCursor`, from the position where this page ended; none at the end.
    ///
    /// # Errors
    /// 500 when the position has no JSON: a defect.
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

    /// The cursor of a page of this query that ended there.
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

    /// How many elements a page has when this is asked for.
    fn limit(query: &str) -> Result<u32, Problem> {
        let (mut parts, ()) = Request::get(format!("/lamps?{query}"))
            .body(())
            .unwrap()
            .into_parts();
        let parameters = block_on(Query::<Parameters>::from_request_parts(&mut parts, &()));
        parameters.map(|Query(Parameters { limit })| Paging::new("lamps", &[], limit, None).limit())
    }

    #[test]
    fn twenty_is_what_nobody_has_to_ask_for() {
        assert_eq!(limit(""), Ok(20));
        assert_eq!((limit("limit=1"), limit("limit=100")), (Ok(1), Ok(100)));
    }

    #[test]
    fn no_page_is_empty_by_wish_or_without_bounds() {
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
    fn the_schema_of_the_limit_says_what_is_checked() {
        assert_eq!(
            serde_json::to_value(Limit::schema()).unwrap(),
            json!({ "type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "default": 20 })
        );
    }

    #[test]
    fn the_first_page_begins_nowhere_and_the_last_one_has_no_cursor() {
        let paging = paging(&["kitchen"], None);
        assert_eq!(paging.start::<Position>(), Ok(None));
        assert_eq!(paging.next(None::<&Position>), Ok(None));
    }

    #[test]
    fn a_cursor_goes_on_where_its_page_ended() {
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
    fn a_cursor_for_something_else_than_a_position_is_refused() {
        let cursor = paging(&[], None).next(Some(&7)).unwrap();
        let problem = paging(&[], cursor).start::<Position>().unwrap_err();
        assert_eq!(problem.code, "INVALID_CURSOR");
    }

    #[test]
    fn a_position_outside_of_the_bounds_is_refused() {
        let within = |sort, lower, upper| {
            paging(&[], ended(&[], sort))
                .start_within(lower, upper)
                .map_err(|problem| problem.code)
        };
        for (lower, upper) in [
            (None, None),
            (Some("5"), None),
            (None, Some("5")),
            (Some("5"), Some("5")),
        ] {
            assert_eq!(
                within("5", lower, upper),
                Ok(Some(position("5"))),
                "{lower:?} {upper:?}"
            );
        }
        for (lower, upper) in [(Some("6"), None), (None, Some("4")), (Some("6"), Some("9"))] {
            assert_eq!(
                within("5", lower, upper),
                Err("INVALID_CURSOR"),
                "{lower:?} {upper:?}"
            );
        }
    }
}
