//! Effects that run again after a crash between an effect and the saving of the reactor's document, at once or much later.

use crate::Ask;
use crate::payment::{Outcome, Record};
use crate::tests::fixture::{TestAccounting, proposed};
use commit::{CommandId, Metadata};
use contracts::{AccountEvent, ConsumerId, DeclineReason, OrderEvent, OrderId};
use jiff::{SignedDuration, Timestamp};
use projection::{Cause, Effects};
use uuid::Uuid;

fn new_order() -> OrderId {
    OrderId::from_uuid(Uuid::now_v7())
}

fn authorize(consumer_id: ConsumerId, order_id: OrderId, amount: &str) -> Ask {
    Ask::Authorize {
        consumer_id,
        order_id,
        amount: amount.parse().unwrap(),
    }
}

/// Returns the cause that the engine passes with an effect of this order's creation; the same in every run.
fn cause(order_id: OrderId, time: Timestamp) -> Cause {
    Cause {
        command_id: CommandId::derive(&["accounting-reactor", &order_id.to_string(), "1.0"]),
        time,
        now: now(),
        metadata: Metadata::default(),
    }
}

fn now() -> Timestamp {
    Timestamp::now()
}

async fn decisions_about(
    accounting: &TestAccounting,
    consumer: ConsumerId,
    order: OrderId,
) -> Vec<AccountEvent> {
    let mut events = accounting.account_events(consumer).await;
    events.retain(|event| match event {
        AccountEvent::PaymentAuthorized { order_id, .. } | AccountEvent::PaymentDeclined { order_id, .. } => {
            *order_id == order
        }
        _ => false,
    });
    events
}

#[tokio::test]
async fn repeated_authorization_changes_nothing() {
    let accounting = TestAccounting::start().await;
    let (consumer, order) = (accounting.consumer().await, new_order());
    let cause = cause(order, now());
    for _ in 0..3 {
        let ask = authorize(consumer, order, "12.34");
        accounting.effects.run(ask, &cause).await.unwrap();
    }
    assert_eq!(decisions_about(&accounting, consumer, order).await.len(), 1);
}

#[tokio::test]
async fn repeated_decline_stays_a_decline_after_the_limit_was_raised() {
    let accounting = TestAccounting::start().await;
    let (consumer, order) = (accounting.consumer().await, new_order());
    accounting.set_limit(consumer, "15.00").await;
    let cause = cause(order, now());
    for limit in ["15.00", "100.00"] {
        accounting.set_limit(consumer, limit).await;
        let ask = authorize(consumer, order, "61.70");
        accounting.effects.run(ask, &cause).await.unwrap();
    }
    assert_eq!(
        decisions_about(&accounting, consumer, order).await,
        [AccountEvent::PaymentDeclined {
            order_id: order,
            amount: "61.70".parse().unwrap(),
            reason: DeclineReason::InsufficientCredit,
        }]
    );
}

/// Later than the event store keeps command ids, the order's payment stream recognizes the repetition.
#[tokio::test]
async fn decline_repeated_much_later_stays_a_decline() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.order(consumer, 5).await;
    accounting.set_limit(consumer, "15.00").await;
    let an_hour_ago = cause(order, now() - SignedDuration::from_hours(1));
    let ask = authorize(consumer, order, "61.70");
    accounting.effects.run(ask.clone(), &an_hour_ago).await.unwrap();
    accounting.deliver(&[format!("account#{consumer}")]).await;
    // More commits than the window of command ids holds, and sufficient credit.
    for euros in 100..120 {
        accounting.set_limit(consumer, &format!("{euros}.00")).await;
    }

    accounting.effects.run(ask, &an_hour_ago).await.unwrap();
    assert_eq!(decisions_about(&accounting, consumer, order).await.len(), 1);
    assert_eq!(accounting.account(consumer).await.body["balance"], "0.00");
}

/// The account no longer stores an order that ended; its payment stream does.
#[tokio::test]
async fn authorization_repeated_after_the_payment_ended_holds_nothing_back() {
    for end in [OrderEvent::OrderCancelled {}, OrderEvent::OrderCompleted {}] {
        let accounting = TestAccounting::start().await;
        let consumer = accounting.consumer().await;
        let order = accounting.authorized_order(consumer).await;
        accounting.tell(consumer, order, end).await;
        let an_hour_ago = cause(order, now() - SignedDuration::from_hours(1));
        let again = authorize(consumer, order, "12.34");
        accounting.effects.run(again, &an_hour_ago).await.unwrap();
        assert_eq!(decisions_about(&accounting, consumer, order).await.len(), 1);
    }
}

/// Within `LATE`, when the payment stream is not read, and beyond the command ids that the event store keeps.
#[tokio::test]
async fn second_authorization_is_released() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.authorized_order(consumer).await;
    accounting
        .tell(consumer, order, OrderEvent::OrderCompleted {})
        .await;
    let again = authorize(consumer, order, "12.34");
    accounting.effects.run(again, &cause(order, now())).await.unwrap();
    assert_eq!(accounting.account(consumer).await.body["balance"], "12.34");

    accounting.deliver(&[format!("account#{consumer}")]).await;
    let account = accounting.account(consumer).await.body;
    assert_eq!(
        (&account["balance"], &account["captured"]),
        (&"0.00".into(), &"12.34".into())
    );
    accounting.deliver(&[format!("account#{consumer}")]).await;
    assert_eq!(accounting.payment(order).await.body["status"], "CAPTURED");
    assert_eq!(accounting.payment_events(order).await.len(), 2);
}

#[tokio::test]
async fn revision_repeated_after_the_payment_ended_is_not_answered_again() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order_id = accounting.authorized_order(consumer).await;
    accounting.tell(consumer, order_id, proposed(1, 2)).await;
    accounting
        .tell(consumer, order_id, OrderEvent::OrderCancelled {})
        .await;
    let before = accounting.account_events(consumer).await;
    let again = Ask::Revise {
        consumer_id: consumer,
        order_id,
        revision: 1,
        amount: "24.68".parse().unwrap(),
    };
    let an_hour_ago = cause(order_id, now() - SignedDuration::from_hours(1));
    accounting.effects.run(again, &an_hour_ago).await.unwrap();
    assert_eq!(accounting.account_events(consumer).await, before);
}

#[tokio::test]
async fn order_that_waited_in_a_backlog_is_decided() {
    let accounting = TestAccounting::start().await;
    let (consumer, order) = (accounting.consumer().await, new_order());
    let an_hour_ago = cause(order, now() - SignedDuration::from_hours(1));
    let ask = authorize(consumer, order, "12.34");
    accounting.effects.run(ask, &an_hour_ago).await.unwrap();
    assert_eq!(decisions_about(&accounting, consumer, order).await.len(), 1);
}

#[tokio::test]
async fn decision_carries_its_own_time_and_not_the_orders() {
    let accounting = TestAccounting::start().await;
    let (consumer, order, before) = (accounting.consumer().await, new_order(), now());
    let an_hour_ago = cause(order, before - SignedDuration::from_hours(1));
    let ask = authorize(consumer, order, "12.34");
    accounting.effects.run(ask, &an_hour_ago).await.unwrap();
    let commits = accounting.commits_of(&format!("account#{consumer}")).await;
    assert!(commits[0].time.as_millisecond() >= before.as_millisecond());
}

#[tokio::test]
async fn repeated_record_keeps_the_first_decision() {
    let accounting = TestAccounting::start().await;
    let (consumer_id, order_id) = (accounting.consumer().await, new_order());
    let record = |outcome| {
        Ask::Record(Record {
            order_id,
            consumer_id,
            amount: "12.34".parse().unwrap(),
            outcome,
        })
    };
    let first = cause(order_id, now());
    let contradiction = cause(new_order(), now());
    for (outcome, cause) in [
        (Outcome::Authorized, &first),
        (Outcome::Authorized, &first),
        (
            Outcome::Declined {
                reason: DeclineReason::InsufficientCredit,
            },
            &contradiction,
        ),
    ] {
        assert_eq!(accounting.effects.run(record(outcome), cause).await, Ok(()));
    }
    assert_eq!(accounting.payment_events(order_id).await.len(), 1);
}

#[tokio::test]
async fn concurrent_orders_do_not_exceed_the_limit() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    accounting.set_limit(consumer, "15.00").await;
    let orders = [new_order(), new_order(), new_order()];
    let race = orders.map(|order| {
        let effects = accounting.effects.clone();
        async move {
            let ask = authorize(consumer, order, "12.34");
            effects.run(ask, &cause(order, now())).await
        }
    });
    let [first, second, third] = race;
    let outcomes = tokio::join!(first, second, third);
    assert_eq!(outcomes, (Ok(()), Ok(()), Ok(())));
    assert_eq!(accounting.account(consumer).await.body["balance"], "12.34");
}
