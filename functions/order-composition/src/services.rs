use function::{Neighbour, Wiring};
use std::sync::Arc;
use std::time::Duration;

/// The time limit for one service. A cold function answers within a second; the composition waits for the slowest.
pub const PART_DEADLINE: Duration = Duration::from_secs(2);

/// The names of the parts that are queried.
pub(crate) const ASKED: [&str; 4] = ["orders", "kitchen", "accounting", "delivery"];

/// The services that have a part of an order.
#[derive(Clone)]
pub struct Services {
    pub(crate) orders: Arc<dyn Neighbour>,
    pub(crate) kitchen: Arc<dyn Neighbour>,
    pub(crate) accounting: Arc<dyn Neighbour>,
    pub(crate) delivery: Arc<dyn Neighbour>,
    pub(crate) deadline: Duration,
}

impl Services {
    /// Returns the services of a wiring, each with the time limit [`PART_DEADLINE`].
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        let [orders, kitchen, accounting, delivery] = ASKED.map(|part| wiring.ask(part));
        Self {
            orders,
            kitchen,
            accounting,
            delivery,
            deadline: PART_DEADLINE,
        }
    }

    /// Sets another time limit for each service.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }
}
