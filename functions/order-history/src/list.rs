use crate::keywords::keywords;
use crate::view::{KEYWORDS, OrderHistory, STATUS, time_key};
use contracts::{ConsumerId, MomentBound, OrderStatus};
use http_api::codes::INVALID_PARAMETER;
use http_api::{Consistency, Problem};
use projection::{Condition, Filter, IndexQuery, ViewReader};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use view_function::{Limit, Paging};

/// The maximum length of a search text, in characters: more than a restaurant's name and an item's name together.
pub const MAX_KEYWORDS_TEXT: usize = 400;
/// The maximum number of different words in one search. Every word is a condition of DynamoDB's filter expression, which
/// is limited to 4 KB.
pub const MAX_KEYWORDS: usize = 20;

/// The parameters of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
pub(crate) struct ListParameters {
    /// The consumer.
    #[param(example = "con_0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    consumer_id: ConsumerId,
    /// Only orders that were placed at this moment or later, compared exactly. Without it, orders of any age.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<MomentBound>,
    /// Only orders that were placed before this moment, compared exactly.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<MomentBound>,
    /// Only orders in one of these statuses; repeat the parameter or join them with commas.
    #[serde(default)]
    #[param(required = false)]
    status: Vec<OrderStatus>,
    /// Only orders that have every one of these words in the name of the restaurant or of an item. Case is ignored. At
    /// most 20 words; a text without any word is refused, unless it is blank.
    #[param(max_length = 400, example = "chicken vindaloo")]
    keywords: Option<String>,
    /// Newest first (`desc`) or oldest first (`asc`).
    #[serde(default)]
    #[param(required = false, inline)]
    sort: Sort,
    /// The maximum number of orders on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only with the same parameters, except `limit`.
    cursor: Option<String>,
}

/// The sort order of a list, by time of creation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sort {
    /// Oldest first.
    Asc,
    /// Newest first.
    #[default]
    Desc,
}

/// A validated list: checked parameters, and the paging that binds a cursor to them.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) query: IndexQuery,
    paging: Paging,
}

impl List {
    pub(crate) fn parse(parameters: ListParameters) -> Result<Self, Problem> {
        let ListParameters {
            consumer_id,
            since,
            until,
            status,
            keywords,
            sort,
            limit,
            cursor,
        } = parameters;
        if since.zip(until).is_some_and(|(since, until)| since > until) {
            return Err(invalid("until", "`until` is before `since`."));
        }
        let words = words(keywords.as_deref().unwrap_or_default())?;
        let statuses: BTreeSet<OrderStatus> = status.into_iter().collect();
        let parts = canonical(consumer_id, since, until, &statuses, &words, sort);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let paging = Paging::new("orders", &parts, limit, cursor);

        // Both bounds are prefixes of sort keys, and a prefix sorts before everything that starts with it. Therefore the
        // first millisecond is included and the last one is not.
        let lower = since.map(|moment| time_key(moment.timestamp()));
        let upper = until.map(|moment| time_key(moment.timestamp()));
        Ok(Self {
            query: IndexQuery {
                start: paging.start()?,
                limit: paging.limit() as usize,
                partition: consumer_id.to_string(),
                lower,
                upper,
                descending: sort == Sort::Desc,
                filter: filter(statuses, words),
            },
            paging,
        })
    }

    /// Returns the consumer whose orders are listed.
    pub(crate) fn consumer(&self) -> &str {
        &self.query.partition
    }

    /// Returns its page: the elements, and the `nextCursor`.
    pub(crate) async fn read(
        &self,
        reader: &ViewReader<OrderHistory>,
        consistency: Consistency,
    ) -> Result<(Vec<Value>, Option<String>), Problem> {
        self.paging.list(reader, &self.query, consistency).await
    }
}

fn words(text: &str) -> Result<BTreeSet<String>, Problem> {
    if text.chars().count() > MAX_KEYWORDS_TEXT {
        return Err(invalid(
            "keywords",
            format_args!("The text has more than {MAX_KEYWORDS_TEXT} characters."),
        ));
    }
    let words = keywords(text);
    if words.len() > MAX_KEYWORDS {
        return Err(invalid(
            "keywords",
            format_args!("There are more than {MAX_KEYWORDS} words."),
        ));
    }
    // Without any condition, a search for "?" would return everything.
    if words.is_empty() && !text.trim().is_empty() {
        return Err(invalid(
            "keywords",
            "The text contains no word; emoji and punctuation are not searched.",
        ));
    }
    Ok(words)
}

fn filter(statuses: BTreeSet<OrderStatus>, words: BTreeSet<String>) -> Filter {
    let status = (!statuses.is_empty()).then(|| Condition::OneOf {
        attribute: STATUS.to_owned(),
        values: statuses.iter().map(|status| status.as_str().into()).collect(),
    });
    let words = words.into_iter().map(|value| Condition::Contains {
        attribute: KEYWORDS.to_owned(),
        value,
    });
    Filter {
        all: status.into_iter().chain(words).collect(),
    }
}

/// Returns everything that determines the orders of the list and their sort, in one spelling: the identity of a cursor.
fn canonical(
    consumer: ConsumerId,
    since: Option<MomentBound>,
    until: Option<MomentBound>,
    statuses: &BTreeSet<OrderStatus>,
    words: &BTreeSet<String>,
    sort: Sort,
) -> [String; 6] {
    let moment = |bound: Option<MomentBound>| bound.map(|b| b.timestamp().to_string()).unwrap_or_default();
    let statuses: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    [
        consumer.to_string(),
        moment(since),
        moment(until),
        statuses.join(","),
        words.join(" "),
        format!("{sort:?}"),
    ]
}

fn invalid(field: &str, detail: impl std::fmt::Display) -> Problem {
    INVALID_PARAMETER.problem(detail).field(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::FromRequestParts;
    use http_api::Query;
    use projection::Position;

    const CONSUMER: &str = "consumerId=con_0193a5b2c4d67e8f9a0b1c2d3e4f5061";

    /// Parses a query string as the query function does.
    fn parse(query: &str) -> Result<List, Problem> {
        let request = http::Request::get(format!("/orders?{query}")).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let Query(parameters) =
            futures::executor::block_on(Query::<ListParameters>::from_request_parts(&mut parts, &()))?;
        List::parse(parameters)
    }

    fn list(query: &str) -> List {
        parse(&format!("{CONSUMER}&{query}")).unwrap()
    }

    fn refused(query: &str) -> (String, Option<String>) {
        let problem = parse(&format!("{CONSUMER}&{query}")).unwrap_err();
        assert_eq!(problem.status, 400);
        (problem.code.to_owned(), problem.field)
    }

    /// Returns the cursor of a page of this query that ended at this sort key.
    fn ended(query: &str, sort: &str) -> String {
        list(query).paging.next(Some(&position(sort))).unwrap().unwrap()
    }

    fn position(sort: &str) -> Position {
        Position {
            sort: sort.to_owned(),
            key: "ord_1".to_owned(),
        }
    }

    #[test]
    fn list_defaults_to_twenty_orders_newest_first() {
        let List { query, .. } = parse(CONSUMER).unwrap();
        assert_eq!((query.descending, query.limit), (true, 20));
        assert_eq!(
            (query.lower, query.upper, query.filter.all.len()),
            (None, None, 0)
        );
    }

    #[test]
    fn a_list_without_a_consumer_is_refused() {
        let problem = parse("status=APPROVED").unwrap_err();
        assert_eq!(
            (problem.status.as_u16(), problem.field.as_deref()),
            (400, Some("consumerId"))
        );
    }

    #[test]
    fn statuses_are_repeated_or_joined_by_commas() {
        let expected = filter(
            [OrderStatus::Approved, OrderStatus::Rejected].into(),
            BTreeSet::new(),
        );
        for query in [
            "status=APPROVED&status=REJECTED",
            "status=REJECTED,APPROVED",
            "status=APPROVED,APPROVED&status=REJECTED",
        ] {
            assert_eq!(list(query).query.filter, expected, "{query}");
        }
    }

    #[test]
    fn every_word_is_a_condition() {
        assert_eq!(
            list("keywords=Vindaloo,%20CHICKEN%20chicken").query.filter,
            filter(
                BTreeSet::new(),
                ["chicken".to_owned(), "vindaloo".to_owned()].into()
            )
        );
        assert_eq!(list("keywords=").query.filter, Filter::default());
    }

    #[test]
    fn since_is_inclusive_and_until_is_exclusive() {
        let created = |text: &str| {
            let id = "ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061".parse().unwrap();
            crate::view::sort_key(text.parse().unwrap(), id)
        };
        let List { query, .. } = list("since=2026-11-23T10:00:00Z&until=2026-11-23T11:00:00Z");
        let (lower, upper) = (query.lower.unwrap(), query.upper.unwrap());
        let inside = |text: &str| (lower.clone()..=upper.clone()).contains(&created(text));
        assert!(!inside("2026-11-23T09:59:59.999Z"));
        assert!(inside("2026-11-23T10:00:00Z"));
        assert!(inside("2026-11-23T10:59:59.999Z"));
        assert!(!inside("2026-11-23T11:00:00Z"));
    }

    #[test]
    fn a6_bounds_between_two_milliseconds_are_compared_exactly() {
        let bounds = |query: &str| {
            let List { query, .. } = list(query);
            let key = |text: &str| Some(time_key(text.parse().unwrap()));
            (
                query.lower == key("2026-11-23T10:00:08.4Z"),
                query.upper == key("2026-11-23T10:00:09.4Z"),
            )
        };
        let exact = bounds("since=2026-11-23T10:00:08.4Z&until=2026-11-23t10:00:09.400z");
        let between = bounds("since=2026-11-23T10:00:08.3995Z&until=2026-11-23T10:00:09.3991Z");
        assert_eq!((exact, between), ((true, true), (true, true)));
    }

    #[test]
    fn invalid_parameters_are_refused_by_name() {
        let long = format!("keywords={}", "a".repeat(MAX_KEYWORDS_TEXT + 1));
        let many: Vec<String> = (0..=MAX_KEYWORDS).map(|n| format!("w{n}")).collect();
        let many = format!("keywords={}", many.join("+"));
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=-1", "limit"),
            ("limit=many", "limit"),
            ("status=approved", "status"),
            ("status=", "status"),
            ("sort=newest", "sort"),
            ("since=2026-11-23", "since"),
            ("since=2026-11-23T10:00:00", "since"),
            ("until=yesterday", "until"),
            ("since=2026-11-23T10:00:60Z", "since"),
            ("until=2026-11-23T10:00:00%2B24:00", "until"),
            ("since=2026-11-24T00:00:00Z&until=2026-11-23T00:00:00Z", "until"),
            ("keywords=%F0%9F%8D%95", "keywords"),
            ("keywords=%20!%20", "keywords"),
            ("keywords=%FF", "keywords"),
            (&long, "keywords"),
            (&many, "keywords"),
            ("page=2", "page"),
            ("consumerId=con_2", "consumerId"),
        ] {
            assert_eq!(
                refused(query),
                ("INVALID_PARAMETER".to_owned(), Some(field.to_owned())),
                "{query}"
            );
        }
    }

    #[test]
    fn cursor_is_valid_for_any_spelling_of_its_query() {
        let cursor = ended("status=APPROVED,REJECTED&keywords=Hot+Soup", "7");
        let next = list(&format!(
            "keywords=soup,hot&limit=5&status=REJECTED&status=APPROVED&cursor={cursor}"
        ));
        assert_eq!(next.query.start, Some(position("7")));
    }

    #[test]
    fn a_cursor_of_another_query_is_refused() {
        let first = "since=2026-11-23T10:00:00Z&status=APPROVED&keywords=soup";
        let cursor = ended(first, "9");
        for another in [
            "status=APPROVED&keywords=soup",
            "since=2026-11-23T10:00:00.001Z&status=APPROVED&keywords=soup",
            "since=2026-11-23T10:00:00Z&status=REJECTED&keywords=soup",
            "since=2026-11-23T10:00:00Z&keywords=soup",
            "since=2026-11-23T10:00:00Z&status=APPROVED",
            "since=2026-11-23T10:00:00Z&status=APPROVED&keywords=soup&sort=asc",
            "since=2026-11-23T10:00:00Z&until=2027-01-01T00:00:00Z&status=APPROVED&keywords=soup",
        ] {
            assert_eq!(
                refused(&format!("{another}&cursor={cursor}")).0,
                "INVALID_CURSOR",
                "{another}"
            );
        }
        let other_consumer = "consumerId=con_0193a5b2c4d67e8f9a0b1c2d3e4f5062";
        let problem = parse(&format!("{other_consumer}&{first}&cursor={cursor}")).unwrap_err();
        assert_eq!(problem.code, "INVALID_CURSOR");
    }

    #[test]
    fn a_damaged_cursor_is_refused() {
        let cursor = ended("", "7");
        let mut damaged = cursor.clone();
        damaged.replace_range(5..6, if &cursor[5..6] == "A" { "B" } else { "A" });
        for text in [damaged.as_str(), "", "x", "null", "%00", &cursor[1..]] {
            assert_eq!(refused(&format!("cursor={text}")).0, "INVALID_CURSOR", "{text}");
        }
    }
}
