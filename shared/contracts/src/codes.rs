//! Problem codes that more than one service or view returns. Each defines the status and the meaning of its own use.

/// There is no such consumer.
pub const UNKNOWN_CONSUMER: &str = "UNKNOWN_CONSUMER";
/// There is no such order.
pub const UNKNOWN_ORDER: &str = "UNKNOWN_ORDER";
/// There is no such restaurant.
pub const UNKNOWN_RESTAURANT: &str = "UNKNOWN_RESTAURANT";
/// The restaurant closed for good.
pub const RESTAURANT_CLOSED: &str = "RESTAURANT_CLOSED";
