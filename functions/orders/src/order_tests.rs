use super::*;
use crate::test_orders::{five_vindaloos, order_created, order_in, revision_to};
use commit::Event;
use event_store::testing::given;

fn create() -> OrderCommand {
    OrderCommand::Create(Box::new(five_vindaloos()))
}

fn reject(reason: &str) -> OrderCommand {
    OrderCommand::Reject {
        reason: reason.parse().unwrap(),
    }
}

fn order_rejected(reason: &str) -> OrderEvent {
    OrderEvent::OrderRejected {
        reason: reason.parse().unwrap(),
    }
}

fn not_in(status: OrderStatus, command: &'static str) -> OrderError {
    OrderError::InvalidTransition { command, status }
}

#[test]
fn placed_order_carries_its_total() {
    given::<Order>([]).when(create()).then([order_created()]);
    assert!(matches!(
        order_created(),
        OrderEvent::OrderCreated { order_total, .. } if order_total.to_string() == "61.70"
    ));
}

#[test]
fn existing_order_cannot_be_placed_again() {
    given::<Order>([order_created()])
        .when(create())
        .then_error(not_in(OrderStatus::ApprovalPending, "be created again"));
}

#[test]
fn item_on_no_menu_is_refused() {
    let why = Unorderable::UnknownMenuItem {
        line: 0,
        menu_item_id: "2".parse().unwrap(),
    };
    given::<Order>([])
        .when(OrderCommand::CreateUnorderable(why.clone()))
        .then_error(OrderError::Unorderable(why));
}

#[test]
fn a_pending_order_is_approved() {
    given::<Order>([order_created()])
        .when(OrderCommand::Approve)
        .then([OrderEvent::OrderApproved {}]);
}

#[test]
fn approving_an_approved_order_changes_nothing() {
    given::<Order>([order_created(), OrderEvent::OrderApproved {}])
        .when(OrderCommand::Approve)
        .then([]);
}

#[test]
fn a_pending_order_is_rejected_with_the_reason() {
    given::<Order>([order_created()])
        .when(reject("INSUFFICIENT_CREDIT"))
        .then([order_rejected("INSUFFICIENT_CREDIT")]);
}

#[test]
fn rejecting_a_rejected_order_changes_nothing() {
    given::<Order>([order_created(), order_rejected("INSUFFICIENT_CREDIT")])
        .when(reject("UNKNOWN_CONSUMER"))
        .then([]);
}

#[test]
fn an_approved_order_is_not_rejected() {
    given::<Order>([order_created(), OrderEvent::OrderApproved {}])
        .when(reject("INSUFFICIENT_CREDIT"))
        .then_error(not_in(OrderStatus::Approved, "be rejected"));
}

#[test]
fn a_rejected_order_is_not_approved() {
    given::<Order>([order_created(), order_rejected("INSUFFICIENT_CREDIT")])
        .when(OrderCommand::Approve)
        .then_error(not_in(OrderStatus::Rejected, "be approved"));
}

#[test]
fn missing_order_is_neither_approved_nor_rejected() {
    for command in [OrderCommand::Approve, reject("INSUFFICIENT_CREDIT")] {
        given::<Order>([])
            .when(command)
            .then_error(OrderError::NotCreated);
    }
}

#[test]
fn cancel_request_is_confirmed() {
    given::<Order>(order_in(OrderStatus::Approved))
        .when(OrderCommand::Cancel)
        .then([OrderEvent::OrderCancelRequested {}]);
    given::<Order>(order_in(OrderStatus::CancelPending))
        .when(OrderCommand::ConfirmCancel)
        .then([OrderEvent::OrderCancelled {}]);
}

#[test]
fn refused_cancel_request_restores_the_order_with_a_reason() {
    let refuse = OrderCommand::RefuseCancel {
        reason: "TICKET_PREPARING".parse().unwrap(),
    };
    let order = given::<Order>(order_in(OrderStatus::CancelPending))
        .when(refuse)
        .then_state()
        .0
        .unwrap();
    assert_eq!(order.status, OrderStatus::Approved);
    assert_eq!(order.reason, Some("TICKET_PREPARING".parse().unwrap()));
}

#[test]
fn f12_late_confirmation_cancels_the_order_and_its_proposal() {
    for status in [OrderStatus::Approved, OrderStatus::RevisionPending] {
        let order = given::<Order>(order_in(status))
            .when(OrderCommand::ConfirmCancel)
            .then_state()
            .0
            .unwrap();
        assert_eq!((order.status, order.proposal), (OrderStatus::Cancelled, None));
    }
}

#[test]
fn new_request_clears_the_last_refusal() {
    let mut refused = order_in(OrderStatus::CancelPending);
    refused.push(OrderEvent::OrderCancelRefused {
        reason: "TICKET_PREPARING".parse().unwrap(),
    });
    for wish in [OrderCommand::Cancel, revision_to(&[("1", 10)])] {
        let order = given::<Order>(refused.clone()).when(wish).then_state().0.unwrap();
        assert_eq!(order.reason, None);
    }
}

#[test]
fn a_delivered_order_is_completed() {
    given::<Order>(order_in(OrderStatus::Approved))
        .when(OrderCommand::Complete)
        .then([OrderEvent::OrderCompleted {}]);
}

/// The outcome of every command in every status. `!`: an invalid transition. `=`: a success without an event. `?`: the
/// order does not exist. `x`: cannot be ordered. Otherwise the event.
const EVERY_CELL: &str = "
                   NONE         APPROVAL_PENDING APPROVED              REJECTED CANCEL_PENDING     CANCELLED REVISION_PENDING      DELIVERED
create             OrderCreated !                !                     !        !                  !         !                     !
create-unorderable x            !                !                     !        !                  !         !                     !
approve            ?            OrderApproved    =                     !        !                  !         !                     !
reject             ?            OrderRejected    !                     =        !                  !         !                     !
cancel             ?            !                OrderCancelRequested  !        =                  =         !                     !
confirm-cancel     ?            !                OrderCancelled        !        OrderCancelled     =         OrderCancelled        !
refuse-cancel      ?            !                =                     !        OrderCancelRefused !         !                     !
revise             ?            !                OrderRevisionProposed !        !                  !         !                     !
revise-nothing     ?            !                =                     !        !                  !         !                     !
confirm-revision   ?            !                =                     !        !                  !         OrderRevised          !
reject-revision    ?            !                =                     !        !                  !         OrderRevisionRejected !
confirm-another    ?            !                =                     !        !                  !         =                     !
reject-another     ?            !                =                     !        !                  !         =                     !
complete           ?            !                OrderCompleted        !        !                  !         !                     =
";

fn command(name: &str) -> OrderCommand {
    let reason: ReasonCode = "NO".parse().unwrap();
    match name {
        "create" => create(),
        "create-unorderable" => OrderCommand::CreateUnorderable(Unorderable::TotalTooLarge),
        "approve" => OrderCommand::Approve,
        "reject" => OrderCommand::Reject { reason },
        "cancel" => OrderCommand::Cancel,
        "confirm-cancel" => OrderCommand::ConfirmCancel,
        "refuse-cancel" => OrderCommand::RefuseCancel { reason },
        "revise" => revision_to(&[("1", 10)]),
        "revise-nothing" => revision_to(&[("1", 5)]),
        "confirm-revision" => OrderCommand::ConfirmRevision { revision: 1 },
        "reject-revision" => OrderCommand::RejectRevision { revision: 1, reason },
        "confirm-another" => OrderCommand::ConfirmRevision { revision: 2 },
        "reject-another" => OrderCommand::RejectRevision { revision: 2, reason },
        "complete" => OrderCommand::Complete,
        other => panic!("no command {other}"),
    }
}

#[test]
fn every_command_in_every_status_matches_the_table() {
    let mut rows = EVERY_CELL.trim().lines().map(str::split_whitespace);
    let statuses: Vec<&str> = rows.next().unwrap().collect();
    assert_eq!(statuses.len(), 1 + OrderStatus::ALL.len());
    let mut cells = 0;
    for mut row in rows {
        let name = row.next().unwrap();
        for (expected, status) in row.zip(&statuses) {
            let status = OrderStatus::ALL.into_iter().find(|s| s.as_str() == *status);
            let state = status.map_or_else(OrderState::default, |status| {
                given::<Order>(order_in(status)).state()
            });
            let outcome = Order::decide(&state, &command(name));
            let shown = match &outcome {
                Ok(events) if events.is_empty() => "=".to_owned(),
                Ok(events) => events[0].encode().unwrap().kind.to_string(),
                Err(OrderError::InvalidTransition { status: now, .. }) if Some(*now) == status => {
                    "!".to_owned()
                }
                Err(OrderError::NotCreated) => "?".to_owned(),
                Err(OrderError::Unorderable(_)) => "x".to_owned(),
                Err(other) => other.to_string(),
            };
            assert_eq!(shown, expected, "{name} in {status:?}: {outcome:?}");
            assert!(outcome.is_err() || outcome.unwrap().len() <= 1);
            cells += 1;
        }
    }
    assert_eq!(cells, 14 * 8);
}

#[test]
fn state_of_a_small_order_is_under_400_bytes() {
    let state = given::<Order>(order_in(OrderStatus::Approved)).state();
    let bytes = serde_json::to_string(&state).unwrap().len();
    assert!(bytes < 400, "{bytes}");
}

#[test]
fn state_round_trips() {
    for status in OrderStatus::ALL {
        let state = given::<Order>(order_in(status)).state();
        let stored = serde_json::to_value(&state).unwrap();
        assert_eq!(serde_json::from_value::<OrderState>(stored).unwrap(), state);
    }
}
