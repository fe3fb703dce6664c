use crate::tests::fixture::{TestAccounting, proposed, revision_rejected};
use commit::Event;
use contracts::{AccountEvent, ConsumerId, DeclineReason, OrderEvent, OrderId, PaymentEvent};
use uuid::Uuid;

/// Delivers the order, and then the account's decision about it.
async fn decide(accounting: &TestAccounting, consumer: ConsumerId, order: OrderId) -> Vec<PaymentEvent> {
    accounting
        .deliver(&[format!("order#{order}"), format!("account#{consumer}")])
        .await;
    accounting.payment_events(order).await
}

fn declined(
    order_id: OrderId,
    consumer_id: ConsumerId,
    amount: &str,
    reason: DeclineReason,
) -> Vec<PaymentEvent> {
    vec![PaymentEvent::PaymentDeclined {
        order_id,
        consumer_id,
        amount: amount.parse().unwrap(),
        reason,
    }]
}

fn authorized(order_id: OrderId, consumer_id: ConsumerId, amount: &str) -> Vec<PaymentEvent> {
    vec![PaymentEvent::PaymentAuthorized {
        order_id,
        consumer_id,
        amount: amount.parse().unwrap(),
    }]
}

#[tokio::test]
async fn created_consumer_gets_an_account() {
    let accounting = TestAccounting::start().await;
    let id = accounting.consumer().await;
    accounting.deliver(&[format!("consumer#{id}")]).await;
    assert_eq!(
        accounting.account_events(id).await,
        [AccountEvent::AccountOpened {}]
    );
}

#[tokio::test]
async fn limit_of_15_authorizes_12_34_and_declines_61_70() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    accounting.deliver(&[format!("consumer#{consumer}")]).await;
    accounting.set_limit(consumer, "15.00").await;

    let small = accounting.order(consumer, 1).await;
    assert_eq!(
        decide(&accounting, consumer, small).await,
        authorized(small, consumer, "12.34")
    );
    let large = accounting.order(consumer, 5).await;
    assert_eq!(
        decide(&accounting, consumer, large).await,
        declined(large, consumer, "61.70", DeclineReason::InsufficientCredit)
    );
}

#[tokio::test]
async fn an_order_of_an_unknown_consumer_is_declined() {
    let accounting = TestAccounting::start().await;
    let nobody = ConsumerId::from_uuid(Uuid::now_v7());
    let order = accounting.order(nobody, 1).await;
    assert_eq!(
        decide(&accounting, nobody, order).await,
        declined(order, nobody, "12.34", DeclineReason::UnknownConsumer)
    );
}

#[tokio::test]
async fn order_that_arrives_before_its_consumer_is_not_declined() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.order(consumer, 1).await;
    assert_eq!(
        decide(&accounting, consumer, order).await,
        authorized(order, consumer, "12.34")
    );
    // Opened and authorized in one commit, and not opened again.
    accounting.deliver(&[format!("consumer#{consumer}")]).await;
    assert_eq!(
        accounting.commits_of(&format!("account#{consumer}")).await.len(),
        1
    );
}

#[tokio::test]
async fn duplicate_messages_have_one_effect() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.order(consumer, 1).await;
    for _ in 0..2 {
        accounting
            .deliver(&[
                format!("consumer#{consumer}"),
                format!("order#{order}"),
                format!("account#{consumer}"),
            ])
            .await;
    }
    let amount = "12.34".parse().unwrap();
    assert_eq!(
        accounting.account_events(consumer).await,
        [
            AccountEvent::AccountOpened {},
            AccountEvent::PaymentAuthorized {
                order_id: order,
                amount
            }
        ]
    );
    assert_eq!(
        accounting.payment_events(order).await,
        authorized(order, consumer, "12.34")
    );
}

#[tokio::test]
async fn every_order_of_an_account_gets_a_payment_stream_without_gaps() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let mut orders = Vec::new();
    for quantity in 1..=3 {
        orders.push(accounting.order(consumer, quantity).await);
    }
    let streams: Vec<_> = orders.iter().map(|id| format!("order#{id}")).collect();
    accounting.deliver(&streams).await;
    accounting.deliver(&[format!("account#{consumer}")]).await;
    for order in orders {
        let commits = accounting.commits_of(&format!("payment#{order}")).await;
        assert_eq!(commits.iter().map(|c| c.first).collect::<Vec<_>>(), [1]);
    }
}

/// Returns the names of the payment's events after its decision, and the balance.
async fn since_the_decision(
    accounting: &TestAccounting,
    consumer: ConsumerId,
    order: OrderId,
) -> (Vec<String>, String) {
    let events = accounting.payment_events(order).await;
    let names = events.iter().map(|event| event.encode().unwrap().kind);
    let account = accounting.account(consumer).await.body;
    (
        names.skip(1).collect(),
        account["balance"].as_str().unwrap().to_owned(),
    )
}

fn so(events: &[&str], balance: &str) -> (Vec<String>, String) {
    (
        events.iter().map(|name| (*name).to_owned()).collect(),
        balance.to_owned(),
    )
}

#[tokio::test]
async fn revised_order_holds_back_its_new_total() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.authorized_order(consumer).await;
    accounting.tell(consumer, order, proposed(1, 2)).await;
    assert_eq!(
        since_the_decision(&accounting, consumer, order).await,
        so(&["PaymentRevised"], "24.68")
    );
}

#[tokio::test]
async fn uncovered_revision_is_declined_and_not_reverted() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    accounting.set_limit(consumer, "15.00").await;
    let order = accounting.authorized_order(consumer).await;
    accounting.tell(consumer, order, proposed(1, 2)).await;
    accounting.tell(consumer, order, revision_rejected(1)).await;
    assert_eq!(
        since_the_decision(&accounting, consumer, order).await,
        so(&["PaymentRevisionDeclined"], "12.34")
    );
}

#[tokio::test]
async fn revision_refused_by_the_kitchen_is_reverted() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.authorized_order(consumer).await;
    accounting.tell(consumer, order, proposed(1, 2)).await;
    accounting.tell(consumer, order, revision_rejected(1)).await;
    assert_eq!(
        since_the_decision(&accounting, consumer, order).await,
        so(&["PaymentRevised", "PaymentRevisionUndone"], "12.34")
    );
}

#[tokio::test]
async fn cancelled_order_holds_nothing_back() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.authorized_order(consumer).await;
    accounting
        .tell(consumer, order, OrderEvent::OrderCancelRequested {})
        .await;
    accounting
        .tell(consumer, order, OrderEvent::OrderCancelled {})
        .await;
    assert_eq!(
        since_the_decision(&accounting, consumer, order).await,
        so(&["PaymentReversed"], "0.00")
    );
}

#[tokio::test]
async fn a_delivered_order_is_paid() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.authorized_order(consumer).await;
    accounting
        .tell(consumer, order, OrderEvent::OrderCompleted {})
        .await;
    assert_eq!(
        since_the_decision(&accounting, consumer, order).await,
        so(&["PaymentCaptured"], "0.00")
    );
}

#[tokio::test]
async fn rejected_order_with_a_declined_payment_has_no_further_events() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    accounting.set_limit(consumer, "1.00").await;
    let order = accounting.order(consumer, 1).await;
    let rejected = OrderEvent::OrderRejected {
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
    };
    accounting.tell(consumer, order, rejected).await;
    assert_eq!(
        since_the_decision(&accounting, consumer, order).await,
        so(&[], "0.00")
    );
}

#[tokio::test]
async fn rejected_order_with_an_authorization_is_reversed() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let order = accounting.authorized_order(consumer).await;
    let rejected = OrderEvent::OrderRejected {
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
    };
    accounting.tell(consumer, order, rejected).await;
    assert_eq!(
        since_the_decision(&accounting, consumer, order).await,
        so(&["PaymentReversed"], "0.00")
    );
}

#[tokio::test]
async fn orders_of_one_account_settle_on_separate_streams() {
    let accounting = TestAccounting::start().await;
    let consumer = accounting.consumer().await;
    let paid = accounting.authorized_order(consumer).await;
    let cancelled = accounting.authorized_order(consumer).await;
    accounting.commit(paid, proposed(1, 2)).await;
    accounting.commit(cancelled, OrderEvent::OrderCancelled {}).await;
    accounting.commit(paid, OrderEvent::OrderCompleted {}).await;
    // In messages out of order, each twice.
    for _ in 0..2 {
        let streams = [cancelled, paid].map(|id| format!("order#{id}"));
        accounting.deliver(&streams).await;
        let mut commits = accounting.commits_of(&format!("account#{consumer}")).await;
        commits.reverse();
        for commit in &commits {
            accounting.deliver_commits(std::slice::from_ref(commit)).await;
        }
    }
    assert_eq!(
        since_the_decision(&accounting, consumer, paid).await,
        so(&["PaymentRevised", "PaymentCaptured"], "0.00")
    );
    assert_eq!(
        since_the_decision(&accounting, consumer, cancelled).await,
        so(&["PaymentReversed"], "0.00")
    );
}
