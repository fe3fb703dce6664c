use contracts::order::{DeliveryChange, OrderStatus};
use contracts::restaurant::RestaurantName;
use contracts::{Address, ConsumerId, LineItem, LineItems, MenuItemId, Moment, ReasonCode, RestaurantId};
use serde::{Deserialize, Serialize};

/// An order as it now is; nothing before its creation.
///
/// The names are stored in snapshots, and short for that: a change of their meaning takes a new
/// [`STATE_SCHEMA`](event_store::Decider::STATE_SCHEMA).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderState(pub Option<OrderDetails>);

/// What is known of an order that exists: what commands are decided and answered by.
///
/// An order of one line is about 350 bytes, and every further line about 80: up to about three lines the snapshot rides on
/// the commits for free (G5). That of a larger order is attached to every fourth commit and costs a write unit per kilobyte
/// there. It is bounded by what an order may be: 100 lines, about 50 KB, and twice that while a revision is pending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderDetails {
    /// Where it stands.
    #[serde(rename = "s")]
    pub status: OrderStatus,
    /// Who ordered.
    #[serde(rename = "c")]
    pub consumer_id: ConsumerId,
    /// Of which restaurant.
    #[serde(rename = "r")]
    pub restaurant_id: RestaurantId,
    /// The restaurant's name when the order was placed.
    #[serde(rename = "n")]
    pub restaurant_name: RestaurantName,
    /// What is ordered, each item at the price of the moment at which it came into the order.
    #[serde(rename = "l")]
    pub line_items: LineItems,
    /// Where to.
    #[serde(rename = "a")]
    pub delivery_address: Address,
    /// When it is wanted.
    #[serde(rename = "t")]
    pub delivery_time: Moment,
    /// The number of the last revision that was proposed, whatever became of it; 0: none was.
    #[serde(rename = "v", default)]
    pub revision: u32,
    /// What revision [`Self::revision`] would make of the order, while it is pending.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Proposal>,
    /// Why the order was rejected, or why the consumer's last wish was refused. The next wish takes it away.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
}

/// A revision that kitchen and accounting have not both agreed to yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// All lines as they would be.
    #[serde(rename = "l")]
    pub line_items: LineItems,
    /// What would change about the delivery, if anything.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryChange>,
}

impl OrderState {
    /// Where the order stands; none when it does not exist.
    #[must_use]
    pub fn status(&self) -> Option<OrderStatus> {
        self.0.as_ref().map(|order| order.status)
    }
}

impl OrderDetails {
    /// The line of this item, if it is ordered.
    pub(crate) fn line(&self, id: &MenuItemId) -> Option<&LineItem> {
        self.line_items.iter().find(|line| line.menu_item_id == *id)
    }

    /// What is proposed under this number, if that is the revision that is pending.
    pub(crate) fn pending(&self, revision: u32) -> Option<&Proposal> {
        self.proposal.as_ref().filter(|_| revision == self.revision)
    }
}
