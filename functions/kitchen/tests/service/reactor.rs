use crate::fixture::{TestKitchen, order_created, restaurant};
use commit::{CommandId, Metadata};
use contracts::{LineItems, OrderEvent, OrderId};
use jiff::Timestamp;
use kitchen::Ask;
use kitchen::ticket::TicketCommand;
use projection::{Cause, Effects};
use uuid::Uuid;

#[tokio::test]
async fn an_order_gets_a_ticket() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.order().await;
    assert!(kitchen.deliver(&kitchen.commits_of(id).await).await.is_empty());
    assert_eq!(kitchen.ticket_events(id).await, ["TicketCreated"]);
}

#[tokio::test]
async fn an_approved_order_gets_a_ticket_that_can_be_accepted() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let ticket = kitchen.get(&format!("/tickets/{id}")).await;
    assert_eq!(ticket.body["status"], "AWAITING_ACCEPTANCE");
}

#[tokio::test]
async fn a_rejected_order_is_not_cooked() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.order().await;
    let rejected = OrderEvent::OrderRejected {
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
    };
    kitchen.commit(id, rejected).await;
    assert!(kitchen.deliver(&kitchen.commits_of(id).await).await.is_empty());
    assert_eq!(
        kitchen.ticket_events(id).await,
        ["TicketCreated", "TicketCancelled"]
    );
}

#[tokio::test]
async fn messages_that_come_twice_have_one_effect() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let commits = kitchen.commits_of(id).await;
    for commit in commits.iter().chain(&commits) {
        assert!(kitchen.deliver(std::slice::from_ref(commit)).await.is_empty());
    }
    assert_eq!(
        kitchen.ticket_events(id).await,
        ["TicketCreated", "TicketConfirmed"]
    );
}

#[tokio::test]
async fn an_approval_that_overtakes_the_creation_finds_its_way() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.order().await;
    kitchen.commit(id, OrderEvent::OrderApproved {}).await;
    let commits = kitchen.commits_of(id).await;
    for commit in commits.iter().rev() {
        assert!(kitchen.deliver(std::slice::from_ref(commit)).await.is_empty());
    }
    assert_eq!(
        kitchen.ticket_events(id).await,
        ["TicketCreated", "TicketConfirmed"]
    );
}

/// A crash between an effect and the saving of the reactor's document means that the effect runs again.
#[tokio::test]
async fn an_effect_that_runs_again_after_a_crash_changes_nothing() {
    let kitchen = TestKitchen::start().await;
    let id = OrderId::from_uuid(Uuid::now_v7());
    let create = Ask {
        order_id: id,
        command: TicketCommand::Create {
            restaurant_id: restaurant(),
            line_items: lines(),
        },
    };
    let confirm = Ask {
        order_id: id,
        command: TicketCommand::Confirm,
    };
    for (ask, of) in [
        (&create, "creation"),
        (&create, "creation"),
        (&confirm, "approval"),
        (&confirm, "approval"),
        (&create, "creation"),
    ] {
        kitchen.effects.run(ask.clone(), &cause(of)).await.unwrap();
    }
    assert_eq!(
        kitchen.ticket_events(id).await,
        ["TicketCreated", "TicketConfirmed"]
    );
}

#[tokio::test]
async fn a_refusal_is_an_outcome_and_not_a_failure() {
    let kitchen = TestKitchen::start().await;
    let confirm = Ask {
        order_id: OrderId::from_uuid(Uuid::now_v7()),
        command: TicketCommand::Confirm,
    };
    assert_eq!(kitchen.effects.run(confirm, &cause("approval")).await, Ok(()));
}

fn lines() -> LineItems {
    match order_created() {
        OrderEvent::OrderCreated { line_items, .. } => line_items,
        other => panic!("{other:?}"),
    }
}

/// What the engine hands over with an effect; the same for the same source commit.
fn cause(source_commit: &str) -> Cause {
    Cause {
        command_id: CommandId::derive(&["kitchen-reactor", source_commit, "1.0"]),
        time: Timestamp::now(),
        metadata: Metadata::default(),
    }
}
