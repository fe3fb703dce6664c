use crate::menus::OrderMenus;
use crate::order::Order;
use event_store::EventStore;
use function::Wiring;
use projection::ViewReader;

/// The state of the handlers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct OrdersService {
    /// The orders.
    pub(crate) orders: EventStore<Order>,
    /// The replica of the menus.
    pub(crate) menus: ViewReader<OrderMenus>,
}

impl OrdersService {
    pub(crate) fn new(wiring: &Wiring) -> Self {
        Self {
            orders: wiring.store(),
            menus: wiring.reader(),
        }
    }
}
