use contracts::codes;
use http_api::Code;

pub(crate) const UNKNOWN_ORDER: Code = Code::not_found(codes::UNKNOWN_ORDER, "there is no such order");
pub(crate) const UNKNOWN_CONSUMER: Code =
    Code::unprocessable(codes::UNKNOWN_CONSUMER, "the consumer is not the caller");
pub(crate) const UNKNOWN_RESTAURANT: Code =
    Code::unprocessable(codes::UNKNOWN_RESTAURANT, "there is no such restaurant");
pub(crate) const RESTAURANT_CLOSED: Code = Code::unprocessable(
    codes::RESTAURANT_CLOSED,
    "the restaurant closed for good, so new items cannot be ordered",
);
pub(crate) const UNKNOWN_MENU_ITEM: Code =
    Code::unprocessable("UNKNOWN_MENU_ITEM", "the restaurant's menu has no such item");
pub(crate) const ORDER_TOTAL_TOO_LARGE: Code = Code::unprocessable(
    "ORDER_TOTAL_TOO_LARGE",
    "the order's total exceeds the largest amount",
);
