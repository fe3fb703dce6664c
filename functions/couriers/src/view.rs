use contracts::{CourierEvent, CourierId, CourierName, Moment, OrderId, courier};
use projection::{ApplyError, Index, Published, Uses, View};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The view: one document per courier, all in one list.
#[derive(Debug, Clone, Copy)]
pub struct Couriers;

/// The index attribute that says whether the courier accepts deliveries.
pub(crate) const AVAILABLE: &str = "available";

/// The only partition of the index. Couriers are few compared with orders: a partition takes 1,000 writes a second, and a
/// courier changes a few times per delivery.
pub(crate) const ALL: &str = "couriers";

/// A courier as a list shows it; absent before the creation. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ListedCourier)]
pub struct ListedCourier {
    /// The courier's id.
    pub courier_id: CourierId,
    /// The name.
    pub name: CourierName,
    /// Whether the courier accepts deliveries.
    pub available: bool,
    /// The assigned delivery, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<ListedDelivery>,
    /// The number of deliveries that were ever assigned to the courier, released ones included.
    pub assigned: u64,
}

/// The delivery that is assigned to a courier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedDelivery {
    /// The delivery's order.
    pub order_id: OrderId,
    /// When the courier picks up the food.
    pub pickup_time: Moment,
    /// When the courier is expected at the delivery address.
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
                    ApplyError::rejected(format!("the stream's id is not a courier id: {error}"))
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
            // An id begins with the time of its creation, or is derived from a client's key; it is unique.
            sort: courier.courier_id.to_string(),
            lean: serde_json::to_value(courier).expect("a courier has only text for keys"),
            attributes: BTreeMap::from([(AVAILABLE.to_owned(), Value::from(courier.available))]),
        })
    }
}
