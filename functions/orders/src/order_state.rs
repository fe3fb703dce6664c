use contracts::order::{DeliveryChange, OrderStatus};
use contracts::restaurant::RestaurantName;
use contracts::{Address, ConsumerId, LineItem, LineItems, MenuItemId, Moment, ReasonCode, RestaurantId};
use serde::{Deserialize, Serialize};

/// The state of an order; empty before its creation.
///
/// The names are stored in snapshots and therefore short. A change of their meaning requires a new
/// [`STATE_SCHEMA`](event_store::Decider::STATE_SCHEMA).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderState(pub Option<OrderDetails>);

/// The details of an order that exists. Commands are decided and answered from them.
///
/// An order of one line is about 350 bytes, and every further line about 80. With up to about three lines the snapshot
/// adds no cost to the commits (G5). The snapshot of a larger order is attached to every fourth commit and costs a write
/// unit per kilobyte there. Its size is bounded by the limits of an order: 100 lines, about 50 KB, and twice that while a
/// revision is pending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderDetails {
    /// The order's status.
    #[serde(rename = "s")]
    pub status: OrderStatus,
    /// The consumer who ordered.
    #[serde(rename = "c")]
    pub consumer_id: ConsumerId,
    /// The restaurant that was ordered from.
    #[serde(rename = "r")]
    pub restaurant_id: RestaurantId,
    /// The restaurant's name when the order was placed.
    #[serde(rename = "n")]
    pub restaurant_name: RestaurantName,
    /// The lines, each at the price of the moment at which it was added to the order.
    #[serde(rename = "l")]
    pub line_items: LineItems,
    /// The delivery address.
    #[serde(rename = "a")]
    pub delivery_address: Address,
    /// When the consumer wants the food.
    #[serde(rename = "t")]
    pub delivery_time: Moment,
    /// The number of the last revision that was proposed, whatever its outcome; 0 if none was.
    #[serde(rename = "v", default)]
    pub revision: u32,
    /// The proposal of revision [`Self::revision`], while it is pending.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// Why the order was rejected, or why the consumer's last request was refused. The next request clears it.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
}

/// A revision that kitchen and accounting have not both decided yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// All lines after the revision.
    #[serde(rename = "l")]
    pub line_items: LineItems,
    /// The changes to the delivery, if any.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryChange>,
}

impl OrderState {
    /// Returns the order's status, or `None` if it does not exist.
    #[must_use]
    pub fn status(&self) -> Option<OrderStatus> {
        self.0.as_ref().map(|order| order.status)
    }
}

impl OrderDetails {
    /// Returns the line of this item, if it is in the order.
    pub(crate) fn line(&self, id: &MenuItemId) -> Option<&LineItem> {
        self.line_items.iter().find(|line| line.menu_item_id == *id)
    }

    /// Returns the proposal with this number, if it is the pending revision.
    pub(crate) fn pending(&self, revision: u32) -> Option<&Proposal> {
        self.proposal.as_ref().filter(|_| revision == self.revision)
    }
}
