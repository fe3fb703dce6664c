use function::{Neighbour, Wiring};
use std::sync::Arc;
use std::time::Duration;

/// How long one service is waited for. A cold function answers within a second; whoever composes waits for the slowest.
pub const PART_DEADLINE: Duration = Duration::from_secs(2);

/// The parts that are asked, by their names.
pub(crate) const ASKED: [&str; 4] = ["orders", "kitchen", "accounting", "delivery"];

/// The services that know a part of an order.
#[derive(Clone)]
pub struct Services {
    pub(crate) orders: Arc<dyn Neighbour>,
    pub(crate) kitchen: Arc<dyn Neighbour>,
    pub(crate) accounting: Arc<dyn Neighbour>,
    pub(crate) delivery: Arc<dyn Neighbour>,
    pub(crate) deadline: Duration,
}

impl Services {
    /// Those of a wiring, each waited for up to [`PART_DEADLINE`].
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

    /// Each waited for up to this long instead.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }
}
