use http_api::Code;

pub(crate) const UNKNOWN_TICKET: Code = Code::not_found("UNKNOWN_TICKET", "there is no such order");
pub(crate) const TICKET_NOT_READY: Code = Code::conflict(
    "TICKET_NOT_READY",
    "the order exists but its ticket is not created yet; try again after `Retry-After` seconds",
);
pub(crate) const READY_BY_NOT_IN_FUTURE: Code = Code::unprocessable(
    "READY_BY_NOT_IN_FUTURE",
    "`readyBy` is not later than the time of the command",
);
