use crate::ticket::{Ticket, TicketCommand};
use contracts::{OrderEvent, OrderId};
use event_store::{EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};

/// What the kitchen asks of one of its tickets.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The ticket's order.
    pub order_id: OrderId,
    /// What is to be done.
    pub command: TicketCommand,
}

/// Listens to the orders: one that is placed gets a ticket, one that is approved may be cooked, one that is rejected may
/// not. What an order asks later, to be cancelled or revised, its ticket answers.
#[derive(Debug, Clone, Copy)]
pub struct KitchenReactor;

impl Reactor for KitchenReactor {
    /// Nothing to remember: every order event says by itself what to do, and the tickets know how far they are.
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
            // What became of what the ticket has answered already.
            OrderEvent::OrderCancelled {}
            | OrderEvent::OrderCancelRefused { .. }
            | OrderEvent::OrderRevised { .. }
            | OrderEvent::OrderCompleted {} => return Ok(vec![]),
        };
        let order_id = event
            .id()
            .parse()
            .map_err(|error| ApplyError::rejected(format!("the stream's id is no order's: {error}")))?;
        Ok(vec![Ask { order_id, command }])
    }
}

/// Carries out what the reactor asks.
#[derive(Clone)]
pub struct TicketEffects {
    tickets: EventStore<Ticket>,
}

impl TicketEffects {
    /// On the kitchen's own event table.
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
        // A creation is a bare conditional put (1 WU); it is recognized forever, because it is the first commit. What
        // follows may be repeated beyond the event store's memory of recent commands: the ticket stands where the
        // command leads to, or further, or has answered that revision, and nothing happens. Only a cancellation that is
        // too late is answered once more, in the same way.
        let done = match &command {
            TicketCommand::Create { .. } => self.tickets.create(&order_id, &command, &context).await,
            _ => self.tickets.execute(&order_id, &command, &context).await,
        };
        match done {
            Ok(_) => Ok(()),
            Err(ExecuteError::Refused(error)) => {
                tracing::warn!(%order_id, %error, "a ticket refused what its order asks");
                Ok(())
            }
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}
