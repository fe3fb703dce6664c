use contracts::codes;
use http_api::Code;

pub(crate) const UNKNOWN_RESTAURANT: Code =
    Code::not_found(codes::UNKNOWN_RESTAURANT, "there is no such restaurant");
pub(crate) const RESTAURANT_EXISTS: Code =
    Code::conflict("RESTAURANT_EXISTS", "there is such a restaurant already");
pub(crate) const RESTAURANT_CLOSED: Code = Code::conflict(
    codes::RESTAURANT_CLOSED,
    "it closed for good, nothing about it changes any more",
);
pub(crate) const UNKNOWN_TIME_ZONE: Code =
    Code::bad_request("UNKNOWN_TIME_ZONE", "the IANA database has no such time zone");
