use crate::day::Day;
use contracts::order::CATEGORY;
use contracts::{ConsumerId, Money, OrderEvent, OrderStatus, RestaurantId};
use projection::{ApplyError, Published, Tally, Uses, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The view: one document per order, and its contribution to the counters of its restaurant's day and of its consumer.
///
/// An event costs a transaction of the document and one or two counters, of 2 write units each: 4 for a change of status,
/// 6 if a restaurant's sales change too. The orders of a batch at one counter share a transaction, and pay for the counter
/// once.
#[derive(Debug, Clone, Copy)]
pub struct OrderTotals;

/// The number of items over which the sales of a restaurant's day are spread. The longest read, [`MAX_DAYS`], is two calls.
///
/// [`MAX_DAYS`]: crate::MAX_DAYS
pub(crate) const SALES_SHARDS: u32 = 2;

/// The number of sales of a restaurant on one day.
pub(crate) const ORDERS: &str = "orders";
/// The sum of the sales' totals, in minor units.
pub(crate) const TURNOVER: &str = "turnover";
/// The sum that a consumer paid, in minor units.
pub(crate) const SPENDING: &str = "spending";
/// The sum of a consumer's approved orders that are not delivered yet, in minor units.
pub(crate) const UNDER_WAY: &str = "underWay";

/// The document of one order; empty before its creation. The names are stored; version them with care.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderDocument(Option<Order>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    consumer_id: ConsumerId,
    restaurant_id: RestaurantId,
    /// The day of the order's creation.
    day: Day,
    total: Money,
    status: OrderStatus,
}

impl View for OrderTotals {
    type Document = OrderDocument;
    const NAME: &'static str = "order-totals";
    const SOURCES: &'static [&'static str] = &[CATEGORY];
    const USES: Uses = Uses::NOTHING.tallies();

    fn apply(document: &mut OrderDocument, event: &Published<'_>) -> Result<(), ApplyError> {
        let status = match event.decode()? {
            OrderEvent::OrderCreated {
                consumer_id,
                restaurant_id,
                order_total,
                ..
            } => {
                // An order is created once; a later creation changes nothing.
                document.0.get_or_insert(Order {
                    consumer_id,
                    restaurant_id,
                    day: Day::of(event.time()),
                    total: order_total,
                    status: OrderStatus::ApprovalPending,
                });
                return Ok(());
            }
            OrderEvent::OrderRevised { new_order_total, .. } => {
                document.created()?.total = new_order_total;
                OrderStatus::Approved
            }
            OrderEvent::OrderApproved {}
            | OrderEvent::OrderCancelRefused { .. }
            | OrderEvent::OrderRevisionRejected { .. } => OrderStatus::Approved,
            OrderEvent::OrderRejected { .. } => OrderStatus::Rejected,
            OrderEvent::OrderCancelRequested {} => OrderStatus::CancelPending,
            OrderEvent::OrderCancelled {} => OrderStatus::Cancelled,
            OrderEvent::OrderRevisionProposed { .. } => OrderStatus::RevisionPending,
            OrderEvent::OrderCompleted {} => OrderStatus::Delivered,
        };
        document.created()?.status = status;
        Ok(())
    }

    /// A restaurant's day is counted by every instance that has one of its orders; a consumer has few orders at a time.
    fn tally_shards(tally: &str) -> u32 {
        if is_sales(tally) { SALES_SHARDS } else { 1 }
    }

    fn tallies(document: &OrderDocument) -> Vec<Tally> {
        let Some(order) = &document.0 else {
            return Vec::new();
        };
        let mut consumer = BTreeMap::from([(order.status.as_str().to_owned(), 1)]);
        let mut tallies = Vec::with_capacity(2);
        if let Some(sum) = sum(order.status) {
            let total = order.total.minor();
            consumer.insert(sum.to_owned(), total);
            tallies.push(Tally {
                key: sales_key(order.restaurant_id, order.day),
                amounts: [(ORDERS.to_owned(), 1), (TURNOVER.to_owned(), total)].into(),
            });
        }
        tallies.push(Tally {
            key: order.consumer_id.to_string(),
            amounts: consumer,
        });
        tallies
    }
}

impl OrderDocument {
    /// Returns the created order. Events arrive in the order of their versions, so a missing creation means a broken stream.
    fn created(&mut self) -> Result<&mut Order, ApplyError> {
        self.0
            .as_mut()
            .ok_or_else(|| ApplyError::rejected("the order's stream does not begin with its creation"))
    }
}

/// Returns the sum of its consumer that an order's total belongs to, or `None` if the order is no sale, not yet or no
/// longer.
fn sum(status: OrderStatus) -> Option<&'static str> {
    match status {
        OrderStatus::ApprovalPending | OrderStatus::Rejected | OrderStatus::Cancelled => None,
        OrderStatus::Approved | OrderStatus::CancelPending | OrderStatus::RevisionPending => Some(UNDER_WAY),
        OrderStatus::Delivered => Some(SPENDING),
    }
}

/// Returns the counter item of a restaurant's day.
pub(crate) fn sales_key(restaurant: RestaurantId, day: Day) -> String {
    format!("{restaurant}#{day}")
}

/// Returns whether a counter is that of a restaurant's day. Ids have no `#`.
fn is_sales(tally: &str) -> bool {
    tally.contains('#')
}
