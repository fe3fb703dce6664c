use contracts::{CourierEvent, CourierId, CourierName, Moment, OrderId, courier};
use projection::{ApplyError, Index, Published, Uses, View};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The view: one document per courier, all in one list.
#[derive(Debug, Clone, Copy)]
pub struct Couriers;

/// The index attribute that says whether the courier takes deliveries.
pub(crate) const AVAILABLE: &str = "available";

/// The one partition of the index. Couriers are few beside orders: a partition takes 1,000 writes a second, and a courier
/// changes a few times per delivery.
pub(crate) const ALL: &str = "couriers";

/// A courier as a list shows it; nothing before the creation. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ListedCourier)]
pub struct ListedCourier {
    /// The courier.
    pub courier_id: CourierId,
    /// The name.
    pub name: CourierName,
    /// Whether the courier takes deliveries.
    pub available: bool,
    /// The delivery under way, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<ListedDelivery>,
    /// How many deliveries the courier was given so far, those taken back included.
    pub assigned: u64,
}

/// The delivery that a courier has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedDelivery {
    /// The order.
    pub order_id: OrderId,
    /// When the food is picked up.
    pub pickup_time: Moment,
    /// When it is to be at the door.
    pub delivery_time: Moment,
}

impl View for Couriers {
    type Document = Option<ListedCourier>;
    const NAME: &'static str = "couriers";
    const SOURCES: &'static [&'static str] = &[courier::CATEGORY];
    const USES: Uses = Uses::NOTHING.index();
    const FILTERS: &'static [&'static str] = &[AVAILABLE];

    fn apply(document: &mut Self::Document, event: &Published<'_>) -> Result<(), ApplyError> {
        let event_of_courier = event.decode()?;
        if let CourierEvent::CourierCreated { name } = event_of_courier {
            *document = Some(ListedCourier {
                courier_id: event.id().parse().map_err(|error| {
                    ApplyError::rejected(format!("the stream's id is no courier's: {error}"))
                })?,
                name,
                available: false,
                delivery: None,
                assigned: 0,
            });
            return Ok(());
        }
        let courier = document
            .as_mut()
            .ok_or_else(|| ApplyError::rejected("the courier's stream does not begin with the creation"))?;
        match event_of_courier {
            CourierEvent::CourierCreated { .. } => {}
            CourierEvent::CourierAvailabilityChanged { available } => courier.available = available,
            CourierEvent::CourierAssigned {
                order_id,
                pickup_time,
                delivery_time,
            } => {
                courier.assigned += 1;
                courier.delivery = Some(ListedDelivery {
                    order_id,
                    pickup_time,
                    delivery_time,
                });
            }
            CourierEvent::CourierReleased { order_id } => {
                courier.delivery.take_if(|delivery| delivery.order_id == order_id);
            }
        }
        Ok(())
    }

    fn index(document: &Self::Document) -> Option<Index> {
        let courier = document.as_ref()?;
        Some(Index {
            partition: ALL.to_owned(),
            // An id begins with the time of its creation, or is derived from a key of the client's; it is unique.
            sort: courier.courier_id.to_string(),
            lean: serde_json::to_value(courier).expect("a courier has only text for keys"),
            attributes: BTreeMap::from([(AVAILABLE.to_owned(), Value::from(courier.available))]),
        })
    }
}
