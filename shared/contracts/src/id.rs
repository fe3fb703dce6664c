//! The ids of the marketplace.

use values::id;

id! {
    /// A consumer, and the consumer's account.
    ConsumerId, "con_"
}

id! {
    /// A restaurant.
    RestaurantId, "rst_"
}

id! {
    /// An order, its ticket, its payment and its delivery.
    OrderId, "ord_"
}

id! {
    /// A courier.
    CourierId, "cou_"
}
