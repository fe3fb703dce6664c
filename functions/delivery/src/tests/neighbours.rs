use contracts::{OrderEvent, OrderId, TicketEvent};
use event_store::Decider;
use std::convert::Infallible;
use std::marker::PhantomData;

/// A neighbouring service, reduced to its events: it commits every event that it is given.
pub(crate) struct Neighbour<E>(PhantomData<E>);

macro_rules! neighbour {
    ($event:ty, $category:expr) => {
        impl Decider for Neighbour<$event> {
            type Id = OrderId;
            type Command = $event;
            type Event = $event;
            type State = ();
            type Error = Infallible;
            const CATEGORY: &'static str = $category;
            const STATE_SCHEMA: u32 = 1;

            fn decide((): &(), event: &$event) -> Result<Vec<$event>, Infallible> {
                Ok(vec![event.clone()])
            }

            fn evolve((): (), _: &$event) {}
        }
    };
}

neighbour!(OrderEvent, contracts::order::CATEGORY);
neighbour!(TicketEvent, contracts::ticket::CATEGORY);
