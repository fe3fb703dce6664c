use contracts::codes;
use http_api::Code;

pub(crate) const UNKNOWN_RESTAURANT: Code =
    Code::not_found(codes::UNKNOWN_RESTAURANT, "there is no such restaurant");
pub(crate) const RESTAURANT_EXISTS: Code =
    Code::conflict("RESTAURANT_EXISTS", "the restaurant exists already");
pub(crate) const RESTAURANT_CLOSED: Code = Code::conflict(
    codes::RESTAURANT_CLOSED,
    "the restaurant closed for good and can no longer be changed",
);
pub(crate) const UNKNOWN_TIME_ZONE: Code =
    Code::bad_request("UNKNOWN_TIME_ZONE", "the IANA database has no such time zone");
