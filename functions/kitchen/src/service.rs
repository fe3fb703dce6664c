use crate::codes::{READY_BY_NOT_IN_FUTURE, TICKET_NOT_READY, UNKNOWN_TICKET};
use crate::ticket::{Ticket, TicketCommand, TicketError, TicketState};
use commit::StreamId;
use contracts::OrderId;
use contracts::access::RESTAURANT;
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
            Ok(executed) => Ok(executed),
            Err(ExecuteError::Refused(TicketError::NotCreated)) => Err(self.missing(id, permission).await),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn load(&self, id: OrderId) -> Result<Loaded<TicketState>, StoreError> {
        self.tickets.load(&id).await
    }

    /// Returns why the ticket is missing. A reactor creates tickets, so a client that has just ordered may be faster.
    /// "Unknown" is reported only after reading the orders' own events (0.5–1 RU, in this case alone). The
    /// staff of a restaurant learns nothing about another one's ticket.
    pub(crate) async fn missing(&self, id: OrderId, permission: &Permission) -> Problem {
        let unknown = || UNKNOWN_TICKET.problem("There is no such order, so there is no ticket.");
        if !permission.is_unlimited() {
            return unknown();
        }
        let stream = match StreamId::new(contracts::order::CATEGORY, &id.to_string()) {
            Ok(stream) => stream,
            Err(error) => return Problem::internal(error),
        };
        match self.orders.head(&stream).await {
            Ok(None) => unknown(),
            Ok(Some(_)) => TICKET_NOT_READY
                .problem("The order exists, but its ticket is not created yet. Please try again.")
                .retry_after(1),
            Err(error) => error.into(),
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
