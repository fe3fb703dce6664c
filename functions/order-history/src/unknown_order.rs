use contracts::{OrderId, codes};
use http_api::{Code, Problem};

pub(crate) const UNKNOWN_ORDER: Code = Code::not_found(codes::UNKNOWN_ORDER, "there is no such order");

pub(crate) fn unknown_order(id: OrderId) -> Problem {
    let detail = format_args!("There is no order {id}.");
    UNKNOWN_ORDER.problem(detail).field("id")
}
