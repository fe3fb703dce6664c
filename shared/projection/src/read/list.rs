use super::catch_up::Brought;
use super::{CALLS, Condition, Filter, IndexQuery, Page, Position, ReadError, ViewReader};
use crate::derived::Index;
use crate::item::{INDEX, INDEX_PK, INDEX_SK, Item, LEAN, PK, SELF, fits, is_sort_key, key, partition, text};
use crate::report::Meter;
use crate::view::View;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde_json::Value;
use std::cmp::Ordering;

/// The number of elements that the first call evaluates with a filter: enough for a filter that matches one in 25 with
/// a page of 20. The last call takes whatever DynamoDB returns (1 MB). The limit never shrinks.
const FIRST_LOOK: usize = 512;

struct Element {
    position: Position,
    lean: Value,
}

impl<V: View> ViewReader<V> {
    pub(super) async fn page(
        &self,
        generation: u64,
        query: &IndexQuery,
        fresh: &[Brought<V::Document>],
        calls_before: usize,
        meter: &Meter,
    ) -> Result<Page, ReadError> {
        if query.is_void() {
            return Ok(Page {
                items: Vec::new(),
                next: None,
            });
        }
        let limit = query.limit.max(1);
        // One more than the page, to know whether there is a next page, and one for each element that may be removed.
        let need = limit + 1 + fresh.len();
        let mut elements: Vec<Element> = Vec::new();
        let mut reached = query.start.clone();
        for call in calls_before..CALLS {
            let look = if query.filter.all.is_empty() {
                Some(need - elements.len())
            } else {
                (call + 1 < CALLS).then_some(need.max(FIRST_LOOK))
            };
            let request = self.request(generation, query, reached.as_ref(), look);
            let answer = request
                .send()
                .await
                .map_err(|e| ReadError::Unavailable(DisplayErrorContext(e).to_string()))?;
            meter.read(answer.consumed_capacity.and_then(|c| c.capacity_units));
            let items = answer.items.unwrap_or_default();
            elements.extend(items.into_iter().filter_map(|item| element(generation, item)));
            let last = answer.last_evaluated_key.filter(|key| !key.is_empty());
            reached = last.and_then(|key| position(generation, &key));
            if reached.is_none() || elements.len() >= need {
                break;
            }
        }
        overlay::<V>(&mut elements, query, fresh, reached.as_ref());
        let next = if elements.len() > limit {
            elements.truncate(limit);
            elements.last().map(|element| element.position.clone())
        } else {
            reached
        };
        Ok(Page {
            items: elements.into_iter().map(|element| element.lean).collect(),
            next,
        })
    }

    /// Creates the request. Half a read unit per evaluated 4 KB.
    fn request(
        &self,
        generation: u64,
        query: &IndexQuery,
        start: Option<&Position>,
        look: Option<usize>,
    ) -> QueryFluentBuilder {
        let pk = partition(generation, &query.partition);
        let start = start.map(|position| {
            let mut start = key(partition(generation, &position.key), SELF);
            start.insert(INDEX_PK.to_owned(), AttributeValue::S(pk.clone()));
            start.insert(INDEX_SK.to_owned(), AttributeValue::S(position.sort.clone()));
            start
        });
        let mut request = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(INDEX)
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_names("#l", LEAN)
            .projection_expression("pk, g1sk, #l")
            .scan_index_forward(!query.descending)
            .set_exclusive_start_key(start)
            .set_limit(look.and_then(|look| i32::try_from(look).ok()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let range = match (&query.lower, &query.upper) {
            (None, None) => "",
            (Some(_), None) => " AND g1sk >= :lower",
            (None, Some(_)) => " AND g1sk <= :upper",
            (Some(_), Some(_)) => " AND g1sk BETWEEN :lower AND :upper",
        };
        request = request.key_condition_expression(format!("g1pk = :pk{range}"));
        let bounds = [(":lower", &query.lower), (":upper", &query.upper)];
        for (name, bound) in bounds {
            if let Some(bound) = bound {
                let bound = AttributeValue::S(bound.clone());
                request = request.expression_attribute_values(name, bound);
            }
        }
        filtered(request, &query.filter)
    }
}

fn filtered(mut request: QueryFluentBuilder, filter: &Filter) -> QueryFluentBuilder {
    let mut terms = Vec::new();
    for (i, condition) in filter.all.iter().enumerate() {
        let name = format!("#f{i}");
        let attribute = match condition {
            Condition::OneOf { attribute, values } => {
                let mut names = Vec::new();
                for (j, value) in values.iter().enumerate() {
                    let placeholder = format!(":f{i}v{j}");
                    // A JSON value is always an attribute value.
                    let value = serde_dynamo::to_attribute_value(value).unwrap_or(AttributeValue::Null(true));
                    request = request.expression_attribute_values(&placeholder, value);
                    names.push(placeholder);
                }
                terms.push(format!("{name} IN ({})", names.join(", ")));
                attribute
            }
            Condition::Contains { attribute, value } => {
                let placeholder = format!(":f{i}");
                let value = AttributeValue::S(value.clone());
                request = request.expression_attribute_values(&placeholder, value);
                terms.push(format!("contains({name}, {placeholder})"));
                attribute
            }
        };
        request = request.expression_attribute_names(name, attribute);
    }
    if terms.is_empty() {
        request
    } else {
        request.filter_expression(terms.join(" AND "))
    }
}

/// Removes the documents that were read from the table from the index's elements, and inserts them at their places.
fn overlay<V: View>(
    elements: &mut Vec<Element>,
    query: &IndexQuery,
    fresh: &[Brought<V::Document>],
    reached: Option<&Position>,
) {
    elements.retain(|element| !fresh.iter().any(|brought| brought.key == element.position.key));
    for brought in fresh {
        let Some(index) = V::index(&brought.fresh.document) else {
            continue;
        };
        let position = Position {
            sort: index.sort.clone(),
            key: brought.key.clone(),
        };
        let after_start = query
            .start
            .as_ref()
            .is_none_or(|start| query.before(start, &position));
        // Elements after the last evaluated one belong to a later page.
        let before_end = reached.is_none_or(|end| !query.before(end, &position));
        if query.takes(&index) && after_start && before_end {
            elements.push(Element {
                position,
                lean: index.lean,
            });
        }
    }
    if !fresh.is_empty() {
        elements.sort_by(|a, b| query.order(&a.position, &b.position));
    }
}

impl IndexQuery {
    /// Returns whether no element can match. DynamoDB would refuse to evaluate such a query.
    fn is_void(&self) -> bool {
        let crossed = match (&self.lower, &self.upper) {
            (Some(lower), Some(upper)) => lower > upper,
            _ => false,
        };
        let impossible =
            |condition: &Condition| matches!(condition, Condition::OneOf { values, .. } if values.is_empty());
        crossed || self.filter.all.iter().any(impossible)
    }

    /// Returns whether the page starts at a position that this list can have. DynamoDB refuses any other.
    pub(super) fn starts_inside(&self) -> bool {
        self.start.as_ref().is_none_or(|Position { sort, key }| {
            let is_key = !key.is_empty() && fits(&partition(u64::MAX, key));
            is_key && is_sort_key(sort) && self.within(sort)
        })
    }

    fn within(&self, sort: &str) -> bool {
        self.lower.as_deref().is_none_or(|lower| sort >= lower)
            && self.upper.as_deref().is_none_or(|upper| sort <= upper)
    }

    fn takes(&self, index: &Index) -> bool {
        index.partition == self.partition && self.within(&index.sort) && self.filter.matches(index)
    }

    fn order(&self, a: &Position, b: &Position) -> Ordering {
        let order = (&a.sort, &a.key).cmp(&(&b.sort, &b.key));
        if self.descending { order.reverse() } else { order }
    }

    fn before(&self, a: &Position, b: &Position) -> bool {
        self.order(a, b).is_lt()
    }
}

impl Filter {
    fn matches(&self, index: &Index) -> bool {
        self.all.iter().all(|condition| match condition {
            Condition::OneOf { attribute, values } => index
                .attributes
                .get(attribute)
                .is_some_and(|found| values.contains(found)),
            Condition::Contains { attribute, value } => match index.attributes.get(attribute) {
                Some(Value::Array(elements)) => {
                    elements.iter().any(|element| element.as_str() == Some(value))
                }
                Some(Value::String(found)) => found.contains(value.as_str()),
                _ => false,
            },
        })
    }
}

fn element(generation: u64, mut item: Item) -> Option<Element> {
    let position = position(generation, &item)?;
    let lean = serde_dynamo::from_attribute_value(item.remove(LEAN)?).ok()?;
    Some(Element { position, lean })
}

fn position(generation: u64, item: &Item) -> Option<Position> {
    let key = text(item, PK)?;
    Some(Position {
        sort: text(item, INDEX_SK)?,
        key: key.strip_prefix(&partition(generation, ""))?.to_owned(),
    })
}
