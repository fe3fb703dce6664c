use crate::Ask;
use crate::tests::fixture::{TestKitchen, order_created, restaurant};
use crate::ticket::TicketCommand;
use commit::{CommandId, Metadata};
use contracts::{LineItem, LineItems, OrderEvent, OrderId, Quantity};
use jiff::Timestamp;
use projection::{Cause, Effects};
use uuid::Uuid;

#[tokio::test]
async fn created_order_gets_a_ticket() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.order().await;
    assert!(kitchen.deliver(&kitchen.commits_of(id).await).await.is_empty());
    assert_eq!(kitchen.ticket_events(id).await, ["TicketCreated"]);
}

#[tokio::test]
async fn ticket_of_an_approved_order_can_be_accepted() {
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
async fn duplicate_messages_have_one_effect() {
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
async fn approval_that_arrives_before_the_creation_takes_effect() {
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

fn proposed(revision: u32) -> OrderEvent {
    OrderEvent::OrderRevisionProposed {
        revision,
        line_items: revised_lines(),
        current_order_total: lines().total(),
        new_order_total: revised_lines().total(),
        delivery: None,
    }
}

fn rejected_revision(revision: u32) -> OrderEvent {
    OrderEvent::OrderRevisionRejected {
        revision,
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
        line_items: lines(),
        order_total: lines().total(),
    }
}

#[tokio::test]
async fn cancel_request_cancels_the_ticket() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    kitchen.tell(id, OrderEvent::OrderCancelRequested {}).await;
    kitchen.tell(id, OrderEvent::OrderCancelled {}).await;
    assert_eq!(
        kitchen.ticket_events(id).await,
        ["TicketCreated", "TicketConfirmed", "TicketCancelled"]
    );
}

#[tokio::test]
async fn late_cancel_request_is_refused_every_time() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.order_in_preparation().await;
    for _ in 0..2 {
        kitchen.tell(id, OrderEvent::OrderCancelRequested {}).await;
        let refused = OrderEvent::OrderCancelRefused {
            reason: "TICKET_PREPARING".parse().unwrap(),
        };
        kitchen.tell(id, refused).await;
    }
    assert_eq!(
        kitchen.ticket_events(id).await[4..],
        ["TicketCancelRefused", "TicketCancelRefused"]
    );
    let ticket = kitchen.get(&format!("/tickets/{id}")).await;
    assert_eq!(ticket.body["status"], "PREPARING");
}

#[tokio::test]
async fn revision_changes_the_lines_of_the_ticket() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    kitchen.tell(id, proposed(1)).await;
    let ticket = kitchen.get(&format!("/tickets/{id}")).await.body;
    assert_eq!(ticket["status"], "AWAITING_ACCEPTANCE");
    assert_eq!(
        ticket["lineItems"],
        serde_json::to_value(revised_lines()).unwrap()
    );
}

#[tokio::test]
async fn revision_refused_by_accounting_is_reverted_during_preparation() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    kitchen.tell(id, proposed(1)).await;
    kitchen.prepare(id).await;
    kitchen.tell(id, rejected_revision(1)).await;
    let ticket = kitchen.get(&format!("/tickets/{id}")).await.body;
    assert_eq!(ticket["status"], "PREPARING");
    assert_eq!(ticket["lineItems"], serde_json::to_value(lines()).unwrap());
}

#[tokio::test]
async fn late_revision_is_refused_and_not_reverted() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.order_in_preparation().await;
    kitchen.tell(id, proposed(1)).await;
    kitchen.tell(id, rejected_revision(1)).await;
    assert_eq!(kitchen.ticket_events(id).await[4..], ["TicketRevisionRefused"]);
}

/// More commits lie between than the event store keeps command ids of: the ticket's state recognizes the repetition.
#[tokio::test]
async fn revision_repeated_much_later_is_not_answered_again() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let ask = |revision| Ask {
        order_id: id,
        command: TicketCommand::Revise {
            revision,
            line_items: revised_lines(),
        },
    };
    for revision in 1..=20 {
        let cause = cause(&format!("revision {revision}"));
        kitchen.effects.run(ask(revision), &cause).await.unwrap();
    }
    let before = kitchen.ticket_events(id).await;
    kitchen.effects.run(ask(1), &cause("revision 1")).await.unwrap();
    assert_eq!(kitchen.ticket_events(id).await, before);
}

/// After a crash between an effect and the saving of the reactor's document, the effect runs again.
#[tokio::test]
async fn repeated_effect_after_a_crash_changes_nothing() {
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
async fn refused_command_is_not_an_error() {
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

fn revised_lines() -> LineItems {
    LineItems::new(vec![LineItem {
        menu_item_id: "2".parse().unwrap(),
        name: "Naan".parse().unwrap(),
        price: "2.50".parse().unwrap(),
        quantity: Quantity::new(2).unwrap(),
    }])
    .unwrap()
}

/// Returns the cause that the engine passes with an effect; the same for the same source commit.
fn cause(source_commit: &str) -> Cause {
    Cause {
        command_id: CommandId::derive(&["kitchen-reactor", source_commit, "1.0"]),
        time: Timestamp::now(),
        now: Timestamp::now(),
        metadata: Metadata::default(),
    }
}
