use http_api::Code;

pub(crate) const UNKNOWN_DELIVERY: Code =
    Code::not_found("UNKNOWN_DELIVERY", "there is no such order, or it was rejected");
pub(crate) const DELIVERY_NOT_READY: Code = Code::conflict(
    "DELIVERY_NOT_READY",
    "the order exists but its delivery is created when it is approved; try again after `Retry-After` seconds",
);
pub(crate) const UNKNOWN_COURIER: Code = Code::not_found("UNKNOWN_COURIER", "there is no such courier");
pub(crate) const COURIER_EXISTS: Code = Code::conflict("COURIER_EXISTS", "the courier exists already");
