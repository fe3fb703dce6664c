use crate::ask::Ask;
use crate::courier::Plan;
use crate::delivery::DeliveryCommand;
use contracts::{
    Address, CourierEvent, CourierId, DeliveryEvent, Invalid, Moment, OrderEvent, OrderId, RestaurantId,
    TicketEvent,
};
use projection::{ApplyError, Published, Reactor};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The reactor's document of an order. The document of a courier is empty.
///
/// Only order events write `wanted` and `stage`, and only ticket events write `ready_by`, so the document does not depend
/// on which arrives first. The names are stored; version them with care.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSoFar {
    /// Restaurant, address and time; removed once the order is over.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    wanted: Option<Wanted>,
    /// The stage of the order.
    #[serde(rename = "s", default)]
    stage: Stage,
    /// When the food will be ready, once the restaurant has accepted.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    ready_by: Option<Moment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Wanted {
    restaurant_id: RestaurantId,
    delivery_address: Address,
    delivery_time: Moment,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Stage {
    /// Not approved yet: the delivery does not exist.
    #[default]
    Placed,
    Approved,
    /// Rejected, cancelled or completed: no courier is requested any more.
    Over,
}

/// The reactor that consumes the events of orders, tickets and the service's own deliveries and couriers.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryReactor;

impl Reactor for DeliveryReactor {
    type Document = OrderSoFar;
    type Command = Ask;
    const NAME: &'static str = "delivery-reactor";
    const SOURCES: &'static [&'static str] = &[
        contracts::order::CATEGORY,
        contracts::ticket::CATEGORY,
        contracts::delivery::CATEGORY,
        contracts::courier::CATEGORY,
    ];

    fn react(order: &mut OrderSoFar, event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
        match event.category() {
            contracts::order::CATEGORY => {
                let order_id = id_of(event)?;
                let commands = order.follow(event.decode()?)?;
                let tell = |command| Ask::Tell { order_id, command };
                Ok(commands.into_iter().map(tell).collect())
            }
            contracts::ticket::CATEGORY => {
                let order_id = id_of(event)?;
                let TicketEvent::TicketAccepted { ready_by } = event.decode()? else {
                    return Ok(vec![]);
                };
                order.ready_by = Some(ready_by);
                let command = DeliveryCommand::RequestCourier { ready_by };
                // Before the approval there is no delivery; the approval then requests the courier.
                let approved = order.stage == Stage::Approved;
                Ok(approved
                    .then_some(Ask::Tell { order_id, command })
                    .into_iter()
                    .collect())
            }
            contracts::delivery::CATEGORY => {
                let ask = follow_delivery(id_of(event)?, &event.decode()?);
                Ok(ask.into_iter().collect())
            }
            contracts::courier::CATEGORY => {
                let ask = follow_courier(id_of(event)?, &event.decode()?);
                Ok(ask.into_iter().collect())
            }
            other => Err(ApplyError::rejected(format!(
                "{other} is not a source of this reactor"
            ))),
        }
    }
}

impl OrderSoFar {
    fn follow(&mut self, event: OrderEvent) -> Result<Vec<DeliveryCommand>, ApplyError> {
        match event {
            OrderEvent::OrderCreated {
                restaurant_id,
                delivery_address,
                delivery_time,
                ..
            } => {
                self.wanted = Some(Wanted {
                    restaurant_id,
                    delivery_address,
                    delivery_time,
                });
                Ok(vec![])
            }
            OrderEvent::OrderApproved {} => {
                self.stage = Stage::Approved;
                let Wanted {
                    restaurant_id,
                    delivery_address,
                    delivery_time,
                } = self.wanted.clone().ok_or_else(never_created)?;
                let create = DeliveryCommand::Create {
                    restaurant_id,
                    delivery_address,
                    delivery_time,
                };
                let request = self
                    .ready_by
                    .map(|ready_by| DeliveryCommand::RequestCourier { ready_by });
                Ok([create].into_iter().chain(request).collect())
            }
            OrderEvent::OrderRevised {
                delivery: Some(change),
                ..
            } if !change.is_empty() => {
                let wanted = self.wanted.as_mut().ok_or_else(never_created)?;
                if let Some(address) = change.delivery_address {
                    wanted.delivery_address = address;
                }
                if let Some(time) = change.delivery_time {
                    wanted.delivery_time = time;
                }
                Ok(vec![DeliveryCommand::Revise {
                    delivery_address: wanted.delivery_address.clone(),
                    delivery_time: wanted.delivery_time,
                }])
            }
            OrderEvent::OrderCancelled {} => {
                self.end();
                Ok(vec![DeliveryCommand::Cancel])
            }
            OrderEvent::OrderRejected { .. } | OrderEvent::OrderCompleted {} => {
                self.end();
                Ok(vec![])
            }
            OrderEvent::OrderCancelRequested {}
            | OrderEvent::OrderCancelRefused { .. }
            | OrderEvent::OrderRevisionProposed { .. }
            | OrderEvent::OrderRevised { .. }
            | OrderEvent::OrderRevisionRejected { .. } => Ok(vec![]),
        }
    }

    fn end(&mut self) {
        self.stage = Stage::Over;
        self.wanted = None;
    }
}

fn never_created() -> ApplyError {
    ApplyError::rejected("an event of this order arrived before its creation")
}

fn follow_delivery(order_id: OrderId, event: &DeliveryEvent) -> Option<Ask> {
    match *event {
        DeliveryEvent::DeliveryCourierRequested { .. } => Some(Ask::FindCourier { order_id }),
        DeliveryEvent::DeliveryDelivered { courier_id }
        | DeliveryEvent::DeliveryCancelled {
            courier_id: Some(courier_id),
        } => Some(Ask::Release { courier_id, order_id }),
        DeliveryEvent::DeliveryCreated { .. }
        | DeliveryEvent::DeliveryRevised { .. }
        | DeliveryEvent::DeliveryScheduled { .. }
        | DeliveryEvent::DeliveryPickedUp {}
        | DeliveryEvent::DeliveryLocationUpdated { .. }
        | DeliveryEvent::DeliveryCancelled { courier_id: None } => None,
    }
}

fn follow_courier(courier_id: CourierId, event: &CourierEvent) -> Option<Ask> {
    match *event {
        CourierEvent::CourierAvailabilityChanged { available: true }
        | CourierEvent::CourierReleased { .. } => Some(Ask::Offer { courier_id }),
        CourierEvent::CourierAssigned {
            order_id,
            pickup_time,
            delivery_time,
        } => Some(Ask::Schedule {
            courier_id,
            plan: Plan {
                order_id,
                pickup_time,
                delivery_time,
            },
        }),
        CourierEvent::CourierCreated { .. }
        | CourierEvent::CourierAvailabilityChanged { available: false } => None,
    }
}

fn id_of<T: FromStr<Err = Invalid>>(event: &Published<'_>) -> Result<T, ApplyError> {
    event
        .id()
        .parse()
        .map_err(|error| ApplyError::rejected(format!("the stream's id: {error}")))
}
