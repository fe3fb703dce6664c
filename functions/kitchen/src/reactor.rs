use crate::ticket::{Ticket, TicketCommand};
use contracts::{OrderEvent, OrderId};
use event_store::{EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};

/// A command to a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The ticket's order.
    pub order_id: OrderId,
    /// The command.
    pub command: TicketCommand,
}

/// The reactor that consumes the orders' events: a placed order gets a ticket, an approved one may be cooked, a rejected
/// one may not. The ticket answers later requests to cancel or revise its order.
#[derive(Debug, Clone, Copy)]
pub struct KitchenReactor;

impl Reactor for KitchenReactor {
    /// Empty: every order event determines the command by itself, and the tickets store their status.
    type Document = ();
    type Command = Ask;
    const NAME: &'static str = "kitchen-reactor";
    const SOURCES: &'static [&'static str] = &[contracts::order::CATEGORY];

    fn react((): &mut (), event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
        let command = match event.decode::<OrderEvent>()? {
            OrderEvent::OrderCreated {
                restaurant_id,
                line_items,
                ..
            } => TicketCommand::Create {
                restaurant_id,
                line_items,
            },
            OrderEvent::OrderApproved {} => TicketCommand::Confirm,
            OrderEvent::OrderRejected { .. } | OrderEvent::OrderCancelRequested {} => TicketCommand::Cancel,
            OrderEvent::OrderRevisionProposed {
                revision, line_items, ..
            } => TicketCommand::Revise { revision, line_items },
            OrderEvent::OrderRevisionRejected {
                revision, line_items, ..
            } => TicketCommand::UndoRevision { revision, line_items },
            // Outcomes of requests that the ticket has answered already.
            OrderEvent::OrderCancelled {}
            | OrderEvent::OrderCancelRefused { .. }
            | OrderEvent::OrderRevised { .. }
            | OrderEvent::OrderCompleted {} => return Ok(vec![]),
        };
        let order_id = event
            .id()
            .parse()
            .map_err(|error| ApplyError::rejected(format!("the stream's id is not an order id: {error}")))?;
        Ok(vec![Ask { order_id, command }])
    }
}

/// Executes the reactor's commands.
#[derive(Clone)]
pub struct TicketEffects {
    tickets: EventStore<Ticket>,
}

impl TicketEffects {
    /// Returns the effects on the kitchen's event table.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        Self {
            tickets: wiring.store(),
        }
    }
}

impl Effects<Ask> for TicketEffects {
    async fn run(&self, Ask { order_id, command }: Ask, cause: &Cause) -> Result<(), EffectError> {
        let context = cause.context();
        // A creation is a bare conditional put (1 WU); a repetition is always recognized, because it is the first commit.
        // Other commands may be repeated after the event store has dropped their command ids: the ticket is in the target
        // status or a later one, or has answered that revision, and nothing happens. Only a cancellation that is too late
        // is answered once more, in the same way.
        let done = match &command {
            TicketCommand::Create { .. } => self.tickets.create(&order_id, &command, &context).await,
            _ => self.tickets.execute(&order_id, &command, &context).await,
        };
        match done {
            Ok(_) => Ok(()),
            Err(ExecuteError::Refused(error)) => {
                tracing::warn!(%order_id, %error, "a ticket refused a command of its order");
                Ok(())
            }
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}
