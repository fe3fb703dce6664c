//! Orders in every status, for the tests of the decider and the reactor.

use crate::order::{Draft, Order, OrderCommand};
use crate::order_state::OrderState;
use crate::revision::{MenuAnswer, Revision};
use contracts::Quantity;
use contracts::order::{DeliveryChange, OrderEvent, OrderStatus};
use event_store::Decider;
use fixtures::{amazing_view, vindaloos};

pub(crate) fn five_vindaloos() -> Draft {
    Draft {
        consumer_id: "con_00000000000000000000000000000001".parse().unwrap(),
        restaurant_id: "rst_00000000000000000000000000000002".parse().unwrap(),
        restaurant_name: "Ajanta".parse().unwrap(),
        line_items: vindaloos(5),
        delivery_address: amazing_view(),
        delivery_time: "2026-11-23T18:30:00Z".parse().unwrap(),
    }
}

pub(crate) fn order_created() -> OrderEvent {
    let create = OrderCommand::Create(Box::new(five_vindaloos()));
    Order::decide(&OrderState::default(), &create).unwrap().remove(0)
}

/// Returns a revision to these items, without an answer of the menu.
pub(crate) fn revision(lines: &[(&str, u32)]) -> Revision {
    let lines = lines.iter();
    Revision {
        lines: lines
            .map(|(id, quantity)| (id.parse().unwrap(), Quantity::new(*quantity).unwrap()))
            .collect(),
        menu: MenuAnswer::NotAsked,
        delivery: DeliveryChange::default(),
    }
}

pub(crate) fn revision_to(lines: &[(&str, u32)]) -> OrderCommand {
    OrderCommand::Revise(Box::new(revision(lines)))
}

/// Returns a history that ends in this status. In `REVISION_PENDING`, revision 1 is pending: ten vindaloos.
pub(crate) fn order_in(status: OrderStatus) -> Vec<OrderEvent> {
    let reason = "INSUFFICIENT_CREDIT".parse().unwrap();
    let revision = OrderCommand::Revise(Box::new(revision(&[("1", 10)])));
    let commands = match status {
        OrderStatus::ApprovalPending => vec![],
        OrderStatus::Approved => vec![OrderCommand::Approve],
        OrderStatus::Rejected => vec![OrderCommand::Reject { reason }],
        OrderStatus::CancelPending => vec![OrderCommand::Approve, OrderCommand::Cancel],
        OrderStatus::Cancelled => vec![
            OrderCommand::Approve,
            OrderCommand::Cancel,
            OrderCommand::ConfirmCancel,
        ],
        OrderStatus::RevisionPending => vec![OrderCommand::Approve, revision],
        OrderStatus::Delivered => vec![OrderCommand::Approve, OrderCommand::Complete],
    };
    let mut history = vec![order_created()];
    for command in commands {
        let state = history.iter().fold(OrderState::default(), Order::evolve);
        history.extend(Order::decide(&state, &command).unwrap());
    }
    history
}
