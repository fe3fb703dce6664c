use crate::codes::{READY_BY_NOT_IN_FUTURE, TICKET_NOT_READY, UNKNOWN_TICKET};
use crate::ticket::{Ticket, TicketCommand, TicketError, TicketState};
use commit::StreamId;
use contracts::OrderId;
use event_store::{CommandContext, CommitReader, EventStore, ExecuteError, Executed, Loaded, StoreError};
use function::Wiring;
use http_api::Problem;
use http_api::codes::INVALID_STATE_TRANSITION;

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
        command: &TicketCommand,
        context: &CommandContext,
    ) -> Result<Executed<Ticket>, Problem> {
        match self.tickets.execute(&id, command, context).await {
            Ok(executed) => Ok(executed),
            Err(ExecuteError::Refused(TicketError::NotCreated)) => Err(self.missing(id).await),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn load(&self, id: OrderId) -> Result<Loaded<TicketState>, StoreError> {
        self.tickets.load(&id).await
    }

    /// Returns why the ticket is missing. A reactor creates tickets, so a client that has just ordered may be faster.
    /// "Unknown" is reported only after reading the orders' own events (0.5–1 RU, in this case alone).
    pub(crate) async fn missing(&self, id: OrderId) -> Problem {
        let stream = match StreamId::new(contracts::order::CATEGORY, &id.to_string()) {
            Ok(stream) => stream,
            Err(error) => return Problem::internal(error),
        };
        match self.orders.head(&stream).await {
            Ok(None) => UNKNOWN_TICKET.problem("There is no such order, so there is no ticket."),
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
