//! The reactor's effects on an order when they run once or repeatedly.

use crate::deadlines::NOT_ANSWERED;
use crate::tests::app::{App, five_vindaloos};
use crate::{OrderCommand, OrderEffects, Settle};
use commit::{CommandId, Metadata};
use contracts::OrderId;
use contracts::order::OrderStatus;
use jiff::Timestamp;
use projection::{Cause, Effects};
use serde_json::json;

fn cause(name: &str) -> Cause {
    Cause {
        command_id: CommandId::derive(&["orders-reactor", name, "0"]),
        time: Timestamp::now(),
        now: Timestamp::now(),
        metadata: Metadata::default(),
    }
}

fn approve(order_id: OrderId) -> Settle {
    Settle {
        order_id,
        command: OrderCommand::Approve,
    }
}

fn reject(order_id: OrderId) -> Settle {
    Settle {
        order_id,
        command: OrderCommand::Reject {
            reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
        },
    }
}

async fn placed() -> (App, OrderId, OrderEffects) {
    let app = App::with_ajanta().await;
    let answer = app.place(&five_vindaloos()).await;
    let order_id = answer.body["orderId"].as_str().unwrap().parse().unwrap();
    let effects = app.effects();
    (app, order_id, effects)
}

#[tokio::test]
async fn repeated_approval_has_one_effect() {
    let (app, order_id, effects) = placed().await;
    for _ in 0..2 {
        effects.run(approve(order_id), &cause("a")).await.unwrap();
    }
    let order = app.orders.load(&order_id).await.unwrap();
    assert_eq!(
        (order.state.status(), order.version),
        (Some(OrderStatus::Approved), 2)
    );
}

#[tokio::test]
async fn late_decision_is_ignored() {
    let (app, order_id, effects) = placed().await;
    effects.run(reject(order_id), &cause("a")).await.unwrap();
    assert_eq!(effects.run(approve(order_id), &cause("b")).await, Ok(()));
    let order = app.orders.load(&order_id).await.unwrap();
    assert_eq!(
        (order.state.status(), order.version),
        (Some(OrderStatus::Rejected), 2)
    );
}

#[tokio::test]
async fn f2_decision_on_an_order_that_was_lost_ends() {
    let (app, _, effects) = placed().await;
    let lost = OrderId::from_uuid(uuid::Uuid::from_u128(9));
    assert_eq!(effects.run(approve(lost), &cause("a")).await, Ok(()));
    assert_eq!(app.orders.load(&lost).await.unwrap().version, 0);
}

#[tokio::test]
async fn answer_to_another_revision_changes_nothing() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    let lines = json!({ "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": 10 }] });
    app.ask(order_id, "revise", &lines).await;
    let effects = app.effects();
    let reason = "INSUFFICIENT_CREDIT".parse().unwrap();
    for (name, command) in [
        ("a", OrderCommand::ConfirmRevision { revision: 2 }),
        ("b", OrderCommand::RejectRevision { revision: 2, reason }),
    ] {
        let answer = Settle { order_id, command };
        assert_eq!(effects.run(answer, &cause(name)).await, Ok(()));
    }
    assert_eq!(app.current(order_id).await.body["status"], "REVISION_PENDING");
}

#[tokio::test]
async fn order_is_completed_after_its_cancellation_is_refused() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.ask(order_id, "cancel", &json!({})).await;
    let effects = app.effects();
    let run = async |name: &str, command| {
        let settle = Settle { order_id, command };
        assert_eq!(effects.run(settle, &cause(name)).await, Ok(()));
        app.current(order_id).await.body["status"].clone()
    };
    assert_eq!(run("a", OrderCommand::Complete).await, "CANCEL_PENDING");
    let reason = "TICKET_PREPARING".parse().unwrap();
    assert_eq!(run("b", OrderCommand::RefuseCancel { reason }).await, "APPROVED");
    assert_eq!(run("c", OrderCommand::Complete).await, "DELIVERED");
}

#[tokio::test]
async fn f12_request_that_is_refused_because_nobody_answered_is_still_met_by_a_late_answer() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.ask(order_id, "cancel", &json!({})).await;
    let effects = app.effects();
    let run = async |name: &str, command: OrderCommand| {
        let settle = Settle { order_id, command };
        assert_eq!(effects.run(settle, &cause(name)).await, Ok(()));
        app.current(order_id).await.body["status"].clone()
    };
    let refuse = || OrderCommand::RefuseCancel {
        reason: NOT_ANSWERED.parse().unwrap(),
    };
    // The tick came twice.
    assert_eq!(run("deadline", refuse()).await, "APPROVED");
    assert_eq!(run("deadline", refuse()).await, "APPROVED");
    assert_eq!(app.orders.load(&order_id).await.unwrap().version, 4);
    assert_eq!(run("late", OrderCommand::ConfirmCancel).await, "CANCELLED");
}

#[tokio::test]
async fn f12_answer_that_comes_just_before_the_deadline_wins() {
    let app = App::with_ajanta().await;
    let order_id = app.approved().await;
    app.ask(order_id, "cancel", &json!({})).await;
    let effects = app.effects();
    let reason = NOT_ANSWERED.parse().unwrap();
    for (name, command) in [
        ("answer", OrderCommand::ConfirmCancel),
        ("deadline", OrderCommand::RefuseCancel { reason }),
        ("acceptance", OrderCommand::Cancel),
    ] {
        let settle = Settle { order_id, command };
        assert_eq!(effects.run(settle, &cause(name)).await, Ok(()));
    }
    let order = app.orders.load(&order_id).await.unwrap();
    assert_eq!(
        (order.state.status(), order.version),
        (Some(OrderStatus::Cancelled), 4)
    );
}
