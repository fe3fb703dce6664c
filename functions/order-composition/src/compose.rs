use crate::services::Services;
use contracts::OrderId;
use function::{Asking, Neighbour};
use http::{HeaderValue, StatusCode};
use http_api::{Caller, CallerId, Permission};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use utoipa::ToSchema;

/// One service's part of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The orders service's part.
    Order,
    /// The kitchen's part.
    Ticket,
    /// The accounting service's part.
    Payment,
    /// The delivery service's part.
    Delivery,
}

impl Part {
    fn path(self, id: OrderId) -> String {
        match self {
            Self::Order => format!("/orders/{id}/current"),
            Self::Ticket => format!("/tickets/{id}"),
            Self::Payment => format!("/payments/{id}"),
            Self::Delivery => format!("/deliveries/{id}"),
        }
    }
}

/// Why a part is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Why {
    /// The service has no such order.
    Unknown,
    /// The order exists, but the service has not consumed its events yet: ask again.
    NotReady,
    /// The service did not answer in time.
    TimedOut,
    /// The service failed, or its response cannot be read.
    Failed,
}

/// A part that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Missing {
    /// The part.
    pub part: Part,
    /// The reason.
    pub why: Why,
}

/// An order composed from the parts that the services returned.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Composed {
    /// The order's id.
    pub order_id: OrderId,
    /// The body of `GET /orders/{id}/current`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub order: Option<Value>,
    /// The body of `GET /tickets/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub ticket: Option<Value>,
    /// The body of `GET /payments/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub payment: Option<Value>,
    /// The body of `GET /deliveries/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub delivery: Option<Value>,
    /// The missing parts, with the reasons. Empty if all parts are present.
    pub missing: Vec<Missing>,
}

/// A composed order, and the positions that it reflects.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// The order.
    pub order: Composed,
    /// The `Consistency-Token` of each service's answer.
    pub tokens: Vec<HeaderValue>,
}

impl Composed {
    /// Returns why this part is missing, or `None` if it is present.
    #[must_use]
    pub fn missing(&self, part: Part) -> Option<Why> {
        self.missing
            .iter()
            .find(|missing| missing.part == part)
            .map(|missing| missing.why)
    }

    /// Returns whether a service gave no answer, so that another request may return more.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.missing
            .iter()
            .any(|missing| matches!(missing.why, Why::TimedOut | Why::Failed))
    }
}

/// Queries all services concurrently. Takes as long as the slowest one, at most the deadline.
///
/// Costs four calls, and in each service one consistent Query (1 RU up to 4 KB; up to one more for a part that does not
/// exist yet).
///
/// Only the orders service knows whose order it is. It is asked as the caller, and the others in this function's own name. For a
/// caller who may see its own orders only, what they return is dropped unless the orders service returned the order.
pub async fn compose(
    services: &Services,
    id: OrderId,
    asking: &Asking,
    permission: &Permission,
) -> Composition {
    let in_own_name = Asking {
        caller: Caller::unrestricted(CallerId::named("order-composition")),
        correlation_id: asking.correlation_id.clone(),
    };
    let ask = |part, service, asking| ask(part, service, id, asking, services.deadline);
    let (order, mut ticket, mut payment, mut delivery) = tokio::join!(
        ask(Part::Order, &*services.orders, asking),
        ask(Part::Ticket, &*services.kitchen, &in_own_name),
        ask(Part::Payment, &*services.accounting, &in_own_name),
        ask(Part::Delivery, &*services.delivery, &in_own_name),
    );
    if let Err(why) = order
        && !permission.is_unlimited()
    {
        (ticket, payment, delivery) = (Err(why), Err(why), Err(why));
    }
    let mut missing = Vec::new();
    let mut tokens = Vec::new();
    let mut came = |part, answer: Result<(Value, Option<HeaderValue>), Why>| {
        let (body, token) = answer.map_err(|why| missing.push(Missing { part, why })).ok()?;
        tokens.extend(token);
        Some(body)
    };
    let order = Composed {
        order_id: id,
        order: came(Part::Order, order),
        ticket: came(Part::Ticket, ticket),
        payment: came(Part::Payment, payment),
        delivery: came(Part::Delivery, delivery),
        missing,
    };
    Composition { order, tokens }
}

async fn ask(
    part: Part,
    service: &dyn Neighbour,
    id: OrderId,
    asking: &Asking,
    deadline: Duration,
) -> Result<(Value, Option<HeaderValue>), Why> {
    let path = part.path(id);
    let reply = match tokio::time::timeout(deadline, service.get(&path, asking)).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(error)) => {
            tracing::warn!(path, %error, "a part of an order is missing");
            return Err(Why::Failed);
        }
        Err(_) => {
            tracing::warn!(path, ?deadline, "a part of an order timed out");
            return Err(Why::TimedOut);
        }
    };
    match reply.status {
        StatusCode::OK => match serde_json::from_slice(&reply.body) {
            Ok(body) => Ok((body, reply.token)),
            Err(error) => {
                tracing::warn!(
                    path,
                    error = commit::fault(&error),
                    "a part of an order cannot be read"
                );
                Err(Why::Failed)
            }
        },
        StatusCode::NOT_FOUND => Err(Why::Unknown),
        StatusCode::CONFLICT => Err(Why::NotReady),
        status => {
            tracing::warn!(path, %status, "a part of an order was refused");
            Err(Why::Failed)
        }
    }
}
