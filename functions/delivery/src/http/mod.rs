//! The HTTP API of the delivery service.

mod couriers;
mod deliveries;

pub use couriers::{AssignedDelivery, CourierBody, CourierCreated, CreateCourier, SetAvailability};
pub use deliveries::{DeliveryBody, UpdateLocation};

use crate::service::DeliveryService;
use function::Wiring;
use utoipa_axum::router::OpenApiRouter;

/// Returns the endpoints of the delivery service.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(couriers::routes())
        .merge(deliveries::routes())
        .with_state(DeliveryService::new(wiring))
}
