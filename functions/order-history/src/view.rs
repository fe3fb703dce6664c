use crate::document::OrderDocument;
use crate::keywords::index_keywords;
use contracts::{OrderId, delivery, order, payment, ticket};
use jiff::Timestamp;
use projection::{ApplyError, Index, Published, Uses, View};
use serde_json::Value;
use std::collections::BTreeMap;

/// The view: one document per order, listed under its consumer.
#[derive(Debug, Clone, Copy)]
pub struct OrderHistory;

/// The index attribute that holds the order's status.
pub(crate) const STATUS: &str = "status";
/// The index attribute that holds the words by which the order is found: a string set, absent if there are none, because
/// DynamoDB has no empty sets.
pub(crate) const KEYWORDS: &str = "keywords";

impl View for OrderHistory {
    type Document = OrderDocument;
    const NAME: &'static str = "order-history";
    const SOURCES: &'static [&'static str] = &[
        order::CATEGORY,
        ticket::CATEGORY,
        payment::CATEGORY,
        delivery::CATEGORY,
    ];
    const USES: Uses = Uses::NOTHING.index();
    const FILTERS: &'static [&'static str] = &[STATUS, KEYWORDS];

    fn apply(document: &mut OrderDocument, event: &Published<'_>) -> Result<(), ApplyError> {
        match event.category() {
            order::CATEGORY => document.apply_order(event),
            payment::CATEGORY => document.apply_payment(event),
            ticket::CATEGORY => document.apply_ticket(event),
            delivery::CATEGORY => document.apply_delivery(event),
            // Not one of the sources: the event only advances the version.
            _ => Ok(()),
        }
    }

    fn index(document: &OrderDocument) -> Option<Index> {
        let order = document.order.as_ref()?;
        let names = std::iter::once(order.restaurant_name.as_str())
            .chain(order.line_items.iter().map(|item| item.name.as_str()));
        let keywords = index_keywords(names);
        let mut attributes = BTreeMap::from([(STATUS.to_owned(), Value::from(order.status.as_str()))]);
        if !keywords.is_empty() {
            attributes.insert(KEYWORDS.to_owned(), keywords.into_iter().collect());
        }
        Some(Index {
            partition: order.consumer_id.to_string(),
            sort: sort_key(order.created_at, order.order_id),
            lean: serde_json::to_value(document.summary(order)).expect("a summary has only text for keys"),
            attributes,
        })
    }
}

/// Returns the sort key of an order among its consumer's orders: by creation, then by id.
pub(crate) fn sort_key(created_at: Timestamp, id: OrderId) -> String {
    format!("{}#{id}", time_key(created_at))
}

/// Returns the prefix of the sort keys of everything created in this millisecond. As a bound it sorts before all of them.
pub(crate) fn time_key(time: Timestamp) -> String {
    // 15 digits reach the year 33658; no order is older than 1970.
    format!("{:015}", time.as_millisecond().max(0))
}
