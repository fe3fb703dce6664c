use http_api::Code;

pub(crate) const UNKNOWN_TICKET: Code = Code::not_found("UNKNOWN_TICKET", "there is no such order");
pub(crate) const TICKET_NOT_READY: Code = Code::conflict(
    "TICKET_NOT_READY",
    "the order exists, its ticket is about to be created; try again after `Retry-After` seconds",
);
pub(crate) const READY_BY_NOT_IN_FUTURE: Code = Code::unprocessable(
    "READY_BY_NOT_IN_FUTURE",
    "`readyBy` does not lie after the moment of the command",
);
