use crate::codes::{READY_BY_NOT_IN_FUTURE, TICKET_NOT_READY, UNKNOWN_TICKET};
use crate::ticket::{Ticket, TicketCommand, TicketError, TicketState};
use commit::{Event, StreamId};
use contracts::access::RESTAURANT;
use contracts::{OrderEvent, OrderId, RestaurantId};
use event_store::{CommandContext, CommitReader, EventStore, ExecuteError, Executed, Loaded, StoreError};
use function::Wiring;
use http_api::codes::INVALID_STATE_TRANSITION;
use http_api::{Permission, Problem};

/// The kitchen service: its tickets, and read access to the orders.
#[derive(Clone)]
pub(crate) struct Kitchen {
    pub(crate) tickets: EventStore<Ticket>,
    orders: CommitReader,
}

impl Kitchen {
    /// Returns the service on these tables.
    #[must_use]
    pub(crate) fn new(wiring: &Wiring) -> Self {
        Self {
            tickets: wiring.store(),
            orders: wiring.commits(contracts::order::CATEGORY),
        }
    }

    pub(crate) async fn execute(
        &self,
        id: OrderId,
        permission: &Permission,
        command: &TicketCommand,
        context: &CommandContext,
    ) -> Result<Executed<Ticket>, Problem> {
        let allowed = |state: &TicketState| match &state.0 {
            Some(ticket) if permission.covers(RESTAURANT, ticket.restaurant_id) => Ok(()),
            _ => Err(TicketError::NotCreated),
        };
        match self.tickets.execute_if(&id, &allowed, command, context).await {
            Ok(executed) if allowed(&executed.state).is_ok() => Ok(executed),
            // A repeated command gets its first reply, also when the caller no longer has what it belongs to.
            Ok(_) | Err(ExecuteError::Refused(TicketError::NotCreated)) => {
                Err(self.missing(id, permission).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn load(&self, id: OrderId) -> Result<Loaded<TicketState>, StoreError> {
        self.tickets.load(&id).await
    }

    /// Returns why the ticket is missing. A reactor creates tickets, so a client that has just ordered may be faster.
    /// "Unknown" is reported only after reading the order's first commit (1 RU per 4 KB, in this case alone). The staff of a
    /// restaurant learns nothing about another one's order.
    pub(crate) async fn missing(&self, id: OrderId, permission: &Permission) -> Problem {
        match self.restaurant_of(id).await {
            Ok(Some(restaurant)) if permission.covers(RESTAURANT, restaurant) => TICKET_NOT_READY
                .problem("The order exists, but its ticket is not created yet. Please try again.")
                .retry_after(1),
            Ok(_) => UNKNOWN_TICKET.problem("There is no such order, so there is no ticket."),
            Err(problem) => problem,
        }
    }

    /// Returns the restaurant of an order, or `None` if there is no such order.
    async fn restaurant_of(&self, id: OrderId) -> Result<Option<RestaurantId>, Problem> {
        let stream = StreamId::new(contracts::order::CATEGORY, &id.to_string()).map_err(Problem::internal)?;
        let commits = self.orders.page(&stream, 0, 1).await?.commits;
        let Some(created) = commits.first().and_then(|commit| commit.events.first()) else {
            return Ok(None);
        };
        match OrderEvent::decode(created) {
            Ok(OrderEvent::OrderCreated { restaurant_id, .. }) => Ok(Some(restaurant_id)),
            Ok(_) => Err(Problem::internal("an order does not begin with its creation")),
            Err(error) => Err(Problem::internal(error)),
        }
    }
}

impl From<TicketError> for Problem {
    fn from(error: TicketError) -> Self {
        match &error {
            TicketError::NotCreated => UNKNOWN_TICKET.problem(&error),
            TicketError::InvalidTransition { status, .. } => {
                // The field `status` is the HTTP status (RFC 9457).
                INVALID_STATE_TRANSITION
                    .problem(&error)
                    .with("currentStatus", status.as_str())
            }
            TicketError::ReadyByNotInFuture { .. } => READY_BY_NOT_IN_FUTURE.problem(&error).field("readyBy"),
        }
    }
}
