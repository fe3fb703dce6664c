use crate::codes::{COURIER_EXISTS, DELIVERY_NOT_READY, UNKNOWN_COURIER, UNKNOWN_DELIVERY};
use crate::courier::{Courier, CourierError};
use crate::delivery::{Delivery, DeliveryCommand, DeliveryDetails, DeliveryError, DeliveryState};
use commit::{Event, InvalidStreamId, StreamId};
use contracts::access::COURIER;
use contracts::{OrderEvent, OrderId};
use event_store::{CommandContext, CommitReader, EventStore, ExecuteError, Executed, Loaded, StoreError};
use function::Wiring;
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::{Permission, Problem};

/// The delivery service: its deliveries and couriers, and read access to the orders.
#[derive(Clone)]
pub(crate) struct DeliveryService {
    pub(crate) deliveries: EventStore<Delivery>,
    pub(crate) couriers: EventStore<Courier>,
    orders: CommitReader,
}

/// The number of an order's first commits to read for a missing delivery. A delivery is missing until its order is
/// approved, and before that an order has one or two commits.
const FIRST_COMMITS: u32 = 4;

impl DeliveryService {
    /// Returns the service on these tables.
    pub(crate) fn new(wiring: &Wiring) -> Self {
        Self {
            deliveries: wiring.store(),
            couriers: wiring.store(),
            orders: wiring.commits(contracts::order::CATEGORY),
        }
    }

    pub(crate) async fn execute(
        &self,
        id: OrderId,
        permission: &Permission,
        command: &DeliveryCommand,
        context: &CommandContext,
    ) -> Result<Executed<Delivery>, Problem> {
        let allowed = |state: &DeliveryState| match &state.0 {
            Some(delivery) if covers(permission, delivery) => Ok(()),
            _ => Err(DeliveryError::NotCreated),
        };
        match self.deliveries.execute_if(&id, &allowed, command, context).await {
            Ok(executed) if allowed(&executed.state).is_ok() => Ok(executed),
            // A repeated command gets its first reply, also when the caller no longer has what it belongs to.
            Ok(_) | Err(ExecuteError::Refused(DeliveryError::NotCreated)) => {
                Err(self.missing(id, permission).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn load(&self, id: OrderId) -> Result<Loaded<DeliveryState>, StoreError> {
        self.deliveries.load(&id).await
    }

    /// Returns why the delivery is missing. A reactor creates it when the order is approved. "Unknown" is reported only
    /// after reading the orders' own events (0.5–1 RU, in this case alone), and "not ready" not for a rejected order. A courier
    /// learns nothing about a delivery that it does not carry.
    pub(crate) async fn missing(&self, id: OrderId, permission: &Permission) -> Problem {
        if !permission.is_unlimited() {
            return unknown();
        }
        let stream = match stream(contracts::order::CATEGORY, id) {
            Ok(stream) => stream,
            Err(error) => return Problem::internal(error),
        };
        let commits = match self.orders.page(&stream, 0, FIRST_COMMITS).await {
            Ok(page) => page.commits,
            Err(error) => return error.into(),
        };
        let mut events = commits.iter().flat_map(|commit| &commit.events);
        if commits.is_empty() {
            unknown()
        } else if events
            .any(|event| matches!(OrderEvent::decode(event), Ok(OrderEvent::OrderRejected { .. })))
        {
            UNKNOWN_DELIVERY.problem("The order was rejected, so there is no delivery.")
        } else {
            DELIVERY_NOT_READY
                .problem(
                    "The order exists, but its delivery is created when it is approved. Please try again.",
                )
                .retry_after(1)
        }
    }
}

/// Returns whether a delivery may be used with this permission: a courier's is for the deliveries that it carries.
pub(crate) fn covers(permission: &Permission, delivery: &DeliveryDetails) -> bool {
    let courier = delivery.courier_id();
    permission.is_unlimited() || courier.is_some_and(|courier| permission.covers(COURIER, courier))
}

fn unknown() -> Problem {
    UNKNOWN_DELIVERY.problem("There is no such order, so there is no delivery.")
}

/// Returns the stream of this aggregate.
fn stream(category: &str, id: impl ToString) -> Result<StreamId, InvalidStreamId> {
    StreamId::new(category, &id.to_string())
}

impl From<DeliveryError> for Problem {
    fn from(error: DeliveryError) -> Self {
        match &error {
            DeliveryError::NotCreated => UNKNOWN_DELIVERY.problem(&error),
            DeliveryError::InvalidTransition { status, .. } => {
                // The field `status` is the HTTP status (RFC 9457).
                INVALID_STATE_TRANSITION
                    .problem(&error)
                    .with("currentStatus", status.as_str())
            }
        }
    }
}

impl From<CourierError> for Problem {
    fn from(error: CourierError) -> Self {
        match &error {
            CourierError::NotCreated => UNKNOWN_COURIER.problem("There is no such courier."),
            CourierError::Exists => COURIER_EXISTS.problem("The courier exists already."),
            // Only the reactor assigns couriers.
            CourierError::Unavailable | CourierError::Busy { .. } => Self::internal(error),
        }
    }
}
