//! The story and the list entry that given events produce.

use crate::tests::commits::{
    AJANTA, Life, VINDALOO, accepted, at, authorized, consumer, courier, created, created_with, declined,
    order_id, payment_revised, proposed, rejected, revised, ticket_created,
};
use crate::{OrderHistory, OrderStory, TRANSITIONS_PER_SOURCE};
use commit::{Commit, EventData};
use contracts::{
    DeliveryChange, DeliveryStatus, OrderEvent, OrderStatus, PaymentEvent, PaymentStatus, TicketEvent,
    TicketStatus,
};
use fixtures::{address, amazing_view};
use projection::testing::fold;
use projection::{ApplyError, Index, Published, View};
use serde_json::{Value, json};

const BEGINS: &str = "2026-11-23T17:00:00Z";

/// Returns the story of these commits.
#[track_caller]
fn told(commits: &[Commit]) -> OrderStory {
    fold::<OrderHistory>(commits)
        .story()
        .expect("the order was created")
}

/// Returns the index entry of these commits.
fn listed(commits: &[Commit]) -> Option<Index> {
    OrderHistory::index(&fold::<OrderHistory>(commits))
}

fn transitions(story: &OrderStory) -> Vec<String> {
    let line = |t: &crate::Transition| format!("{} {} {} → {}", t.at, t.source, t.event, t.status);
    story.transitions.iter().map(line).collect()
}

#[test]
fn a1_new_order_shows_every_line() {
    let mut life = Life::new(1, BEGINS);
    let story = told(&[life.order(created())]);
    assert_eq!((story.order_id, story.consumer_id), (order_id(1), consumer()));
    assert_eq!(story.status, OrderStatus::ApprovalPending);
    assert_eq!(story.restaurant_name.as_str(), AJANTA);
    assert_eq!(story.line_items.as_slice()[0].name.as_str(), VINDALOO);
    assert_eq!(story.order_total.to_string(), "61.70");
    assert_eq!(story.delivery_address, amazing_view());
    assert_eq!(story.created_at, at(BEGINS));
    assert_eq!((story.ticket, story.payment, story.reason), (None, None, None));
}

#[test]
fn ticket_and_payment_without_a_creation_have_no_story() {
    let mut life = Life::new(1, BEGINS);
    let commits = [
        life.ticket(ticket_created()),
        life.payment(authorized(order_id(1))),
    ];
    assert_eq!(fold::<OrderHistory>(&commits).story(), None);
    assert_eq!(listed(&commits), None);
}

#[test]
fn events_before_the_creation_are_in_the_story_after_it() {
    let mut life = Life::new(1, BEGINS);
    let (ticket, creation) = (life.ticket(ticket_created()), life.order(created()));
    let story = told(&[ticket, creation]);
    assert_eq!(story.ticket.unwrap().status, TicketStatus::CreatePending);
}

#[test]
fn every_transition_has_its_time() {
    assert_eq!(
        transitions(&told(&Life::to_the_courier(1))),
        [
            "2026-11-23T17:00:00Z order OrderCreated → APPROVAL_PENDING",
            "2026-11-23T17:00:01Z ticket TicketCreated → CREATE_PENDING",
            "2026-11-23T17:00:02Z payment PaymentAuthorized → AUTHORIZED",
            "2026-11-23T17:00:03Z order OrderApproved → APPROVED",
            "2026-11-23T17:00:04Z ticket TicketConfirmed → AWAITING_ACCEPTANCE",
            "2026-11-23T17:00:05Z ticket TicketAccepted → ACCEPTED",
            "2026-11-23T17:00:06Z ticket TicketPreparationStarted → PREPARING",
            "2026-11-23T17:00:06Z ticket TicketPreparationCompleted → READY_FOR_PICKUP",
            "2026-11-23T17:00:07Z ticket TicketPickedUp → PICKED_UP",
        ]
    );
}

#[test]
fn ticket_shows_the_time_of_each_step() {
    let ticket = told(&Life::to_the_courier(1)).ticket.unwrap();
    assert_eq!(ticket.status, TicketStatus::PickedUp);
    assert_eq!(
        ticket.ready_by.map(|time| time.timestamp()),
        Some(at("2026-11-23T18:30:00Z"))
    );
    assert_eq!(ticket.created_at, Some(at("2026-11-23T17:00:01Z")));
    assert_eq!(ticket.accepted_at, Some(at("2026-11-23T17:00:05Z")));
    assert_eq!(ticket.preparing_at, Some(at("2026-11-23T17:00:06Z")));
    assert_eq!(ticket.ready_for_pickup_at, Some(at("2026-11-23T17:00:06Z")));
    assert_eq!(ticket.picked_up_at, Some(at("2026-11-23T17:00:07Z")));
    assert_eq!(ticket.cancelled_at, None);
}

#[test]
fn rejected_order_has_the_reason() {
    let story = told(&Life::to_the_rejection(1));
    assert_eq!(story.status, OrderStatus::Rejected);
    assert_eq!(story.reason.as_deref(), Some("INSUFFICIENT_CREDIT"));
    let payment = story.payment.unwrap();
    assert_eq!(payment.status, PaymentStatus::Declined);
    assert_eq!(payment.reason.as_deref(), Some("INSUFFICIENT_CREDIT"));
    assert_eq!(story.ticket.unwrap().status, TicketStatus::Cancelled);
}

#[test]
fn a_payment_shows_its_amount() {
    let mut life = Life::new(1, BEGINS);
    let id = life.id;
    let story = told(&[life.order(created()), life.payment(authorized(id))]);
    let payment = story.payment.unwrap();
    assert_eq!(
        (payment.status, payment.amount.to_string()),
        (PaymentStatus::Authorized, "61.70".into())
    );
}

#[test]
fn a2_a_second_creation_changes_nothing() {
    let mut life = Life::new(1, BEGINS);
    let first = [life.order(created()), life.order(rejected())];
    let again = life.order(created_with("Another", &["Soup"]));
    let with_it = [first[0].clone(), first[1].clone(), again];
    assert_eq!(told(&with_it), told(&first));
}

#[test]
fn long_story_omits_and_counts_middle_transitions() {
    let mut life = Life::new(1, BEGINS);
    let mut commits = vec![life.order(created())];
    commits.extend((0..TRANSITIONS_PER_SOURCE + 2).map(|_| life.order(OrderEvent::OrderApproved {})));
    let story = told(&commits);
    assert_eq!(story.transitions.len(), TRANSITIONS_PER_SOURCE);
    assert_eq!(story.omitted_transitions, 3);
    assert_eq!(story.transitions[0].event, "OrderCreated");
}

#[test]
fn list_shows_an_order_under_its_consumer() {
    let index = listed(&Life::to_the_courier(1)).unwrap();
    assert_eq!(index.partition, consumer().to_string());
    assert_eq!(
        index.lean,
        json!({
            "orderId": order_id(1),
            "consumerId": consumer(),
            "status": "APPROVED",
            "restaurantId": "rst_00000000000000000000000000000009",
            "restaurantName": "Ajanta",
            "lineItems": [{ "menuItemId": "1", "name": "Chicken Vindaloo", "price": "12.34", "quantity": 5 }],
            "orderTotal": "61.70",
            "createdAt": "2026-11-23T17:00:00Z",
        })
    );
    assert_eq!(index.attributes["status"], "APPROVED");
    assert_eq!(
        index.attributes["keywords"],
        json!(["ajanta", "chicken", "vindaloo"])
    );
}

#[test]
fn every_filter_of_the_index_is_declared() {
    let index = listed(&Life::to_the_courier(1)).unwrap();
    for name in index.attributes.keys() {
        assert!(OrderHistory::FILTERS.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn order_without_words_has_no_keywords() {
    let mut life = Life::new(1, BEGINS);
    let index = listed(&[life.order(created_with("🍛", &["🍮", "…"]))]).unwrap();
    assert!(
        !index.attributes.contains_key("keywords"),
        "an empty set cannot be stored"
    );
}

#[test]
fn orders_are_sorted_by_creation_and_then_by_id() {
    let sort = |number, begins| {
        listed(&[Life::new(number, begins).order(created())])
            .unwrap()
            .sort
    };
    let sorted = [
        sort(9, "1999-01-01T00:00:00Z"),
        sort(1, "2026-11-23T17:00:00Z"),
        sort(2, "2026-11-23T17:00:00Z"),
        sort(1, "2026-11-23T17:00:00.001Z"),
        sort(1, "2199-12-31T23:59:59Z"),
    ];
    assert!(sorted.is_sorted_by(|a, b| a < b), "{sorted:?}");
}

#[test]
fn listed_status_depends_only_on_the_order() {
    let mut life = Life::new(1, BEGINS);
    let id = life.id;
    let commits = [
        life.order(created()),
        life.payment(declined(id)),
        life.ticket(accepted()),
    ];
    assert_eq!(listed(&commits).unwrap().attributes["status"], "APPROVAL_PENDING");
}

#[test]
fn a12_a_revised_order_has_the_new_lines_and_total() {
    let mut life = Life::new(1, BEGINS);
    let before = [
        life.order(created()),
        life.order(OrderEvent::OrderApproved {}),
        life.order(proposed()),
    ];
    let story = told(&before);
    assert_eq!(
        (story.status, story.order_total.to_string()),
        (OrderStatus::RevisionPending, "61.70".into()),
        "a proposed revision does not change the total"
    );
    let story = told(&[&before[..], &[life.order(revised())]].concat());
    assert_eq!(
        (story.status, story.order_total.to_string()),
        (OrderStatus::Approved, "123.40".into())
    );
    assert_eq!(story.line_items.as_slice()[0].quantity.get(), 10);
}

#[test]
fn revision_changes_delivery_address_and_time() {
    let mut life = Life::new(1, BEGINS);
    let elsewhere = address("1 Other Street");
    let OrderEvent::OrderRevised {
        revision,
        line_items,
        current_order_total,
        new_order_total,
        ..
    } = revised()
    else {
        unreachable!("expected a revision");
    };
    let revised = OrderEvent::OrderRevised {
        revision,
        line_items,
        current_order_total,
        new_order_total,
        delivery: Some(DeliveryChange {
            delivery_address: Some(elsewhere.clone()),
            delivery_time: None,
        }),
    };
    let before = life.order(created());
    let time = told(std::slice::from_ref(&before)).delivery_time;
    let story = told(&[before, life.order(revised)]);
    assert_eq!((story.delivery_address, story.delivery_time), (elsewhere, time));
}

#[test]
fn rejected_revision_keeps_the_order_and_has_the_reason() {
    let mut life = Life::new(1, BEGINS);
    let before = vec![life.order(created()), life.order(OrderEvent::OrderApproved {})];
    let rejection = OrderEvent::OrderRevisionRejected {
        revision: 1,
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
        line_items: fixtures::vindaloos(5),
        order_total: "61.70".parse().unwrap(),
    };
    let story = told(&[before, vec![life.order(proposed()), life.order(rejection)]].concat());
    assert_eq!(
        (
            story.status,
            story.order_total.to_string(),
            story.reason.as_deref()
        ),
        (OrderStatus::Approved, "61.70".into(), Some("INSUFFICIENT_CREDIT"))
    );
}

#[test]
fn payment_follows_its_revisions_and_end() {
    let mut life = Life::new(1, BEGINS);
    let id = life.id;
    let mut commits = vec![
        life.order(created()),
        life.payment(authorized(id)),
        life.payment(payment_revised(id)),
    ];
    let paid = |commits: &[Commit]| {
        let payment = told(commits).payment.unwrap();
        (payment.status, payment.amount.to_string())
    };
    assert_eq!(paid(&commits), (PaymentStatus::Authorized, "123.40".into()));
    commits.push(life.payment(PaymentEvent::PaymentRevisionDeclined {
        order_id: id,
        consumer_id: consumer(),
        revision: 2,
        amount: "1000.00".parse().unwrap(),
        reason: contracts::DeclineReason::InsufficientCredit,
    }));
    assert_eq!(
        paid(&commits),
        (PaymentStatus::Authorized, "123.40".into()),
        "the amount held back does not change"
    );
    assert_eq!(
        told(&commits).payment.unwrap().reason.as_deref(),
        Some("INSUFFICIENT_CREDIT")
    );
    commits.push(life.payment(PaymentEvent::PaymentReversed {
        order_id: id,
        consumer_id: consumer(),
        amount: "123.40".parse().unwrap(),
    }));
    assert_eq!(paid(&commits), (PaymentStatus::Reversed, "123.40".into()));
}

#[test]
fn late_cancel_request_is_shown_with_its_reason() {
    let mut life = Life::new(1, BEGINS);
    let reason = || "TICKET_PREPARING".parse().unwrap();
    let story = told(&[
        life.order(created()),
        life.ticket(ticket_created()),
        life.order(OrderEvent::OrderApproved {}),
        life.ticket(TicketEvent::TicketPreparationStarted {}),
        life.order(OrderEvent::OrderCancelRequested {}),
        life.ticket(TicketEvent::TicketCancelRefused { reason: reason() }),
        life.order(OrderEvent::OrderCancelRefused { reason: reason() }),
    ]);
    assert_eq!(
        (story.status, story.reason.as_deref()),
        (OrderStatus::Approved, Some("TICKET_PREPARING"))
    );
    assert_eq!(story.ticket.as_ref().unwrap().status, TicketStatus::Preparing);
    assert_eq!(
        transitions(&story)[5..],
        [
            "2026-11-23T17:00:05Z ticket TicketCancelRefused → PREPARING",
            "2026-11-23T17:00:06Z order OrderCancelRefused → APPROVED",
        ]
    );
}

#[test]
fn delivered_order_shows_the_courier_and_the_last_position() {
    let story = told(&Life::to_the_door(1));
    assert_eq!(story.status, OrderStatus::Delivered);
    assert_eq!(story.payment.as_ref().unwrap().status, PaymentStatus::Captured);
    let delivery = story.delivery.unwrap();
    assert_eq!(
        (delivery.status, delivery.courier_id),
        (DeliveryStatus::Delivered, Some(courier()))
    );
    let position = serde_json::to_value(delivery.position).unwrap();
    assert_eq!(position, json!({ "latitude": 37.806, "longitude": -122.27 }));
    assert_eq!(delivery.position_at, Some(at("2026-11-23T17:00:18Z")));
    assert_eq!(delivery.scheduled_at, Some(at("2026-11-23T17:00:12Z")));
    assert_eq!(delivery.delivered_at, Some(at("2026-11-23T17:00:19Z")));
}

#[test]
fn positions_are_not_in_the_log() {
    let told = transitions(&told(&Life::to_the_door(1)));
    assert_eq!(told.len(), 20);
    assert!(told.iter().all(|line| !line.contains("Location")), "{told:?}");
}

#[test]
fn list_shows_the_delivery_status() {
    let index = listed(&Life::to_the_door(1)).unwrap();
    assert_eq!(index.lean["deliveryStatus"], "DELIVERED");
    assert_eq!(index.lean["status"], "DELIVERED");
    assert_eq!(index.lean["orderTotal"], "123.40");
}

/// Applies one event to an empty document.
fn applied(commit: &Commit) -> Result<(), ApplyError> {
    let event = Published {
        commit,
        version: commit.first,
        event: &commit.events[0],
    };
    OrderHistory::apply(&mut Default::default(), &event)
}

#[test]
fn event_of_newer_code_is_an_unknown_type() {
    let mut commit = Life::new(1, BEGINS).order(created());
    commit.events[0] = EventData {
        kind: "OrderSungAbout".into(),
        schema: 1,
        data: json!({}),
    };
    assert!(matches!(applied(&commit), Err(ApplyError::Newer(_))));
}

#[test]
fn damaged_event_is_undecodable() {
    for category in ["order", "ticket", "payment", "delivery"] {
        let mut commit = Life::new(1, BEGINS).commit(category, &[created()]);
        commit.events[0] = EventData {
            kind: match category {
                "order" => "OrderCreated",
                "ticket" => "TicketCreated",
                "delivery" => "DeliveryCreated",
                _ => "PaymentAuthorized",
            }
            .into(),
            schema: 1,
            data: json!({ "orderId": 7 }),
        };
        assert!(
            matches!(applied(&commit), Err(ApplyError::Undecodable(_))),
            "{category}"
        );
    }
}

#[test]
fn a_stream_that_does_not_begin_with_a_creation_is_rejected() {
    let commit = Life::new(1, BEGINS).order(OrderEvent::OrderApproved {});
    assert!(matches!(applied(&commit), Err(ApplyError::Rejected { .. })));
}

/// The names in a document are stored, so documents with these names must stay readable.
#[test]
fn a_stored_document_can_still_be_read() {
    let stored: Value = serde_json::from_str(include_str!("document.json")).unwrap();
    let commits = Life::to_the_courier(1);
    let document = fold::<OrderHistory>(&commits);
    assert_eq!(serde_json::to_value(&document).unwrap(), stored);
    assert_eq!(
        serde_json::from_value::<<OrderHistory as View>::Document>(stored).unwrap(),
        document
    );
}

#[test]
fn kitchen_step_does_not_change_the_list() {
    let mut life = Life::new(1, BEGINS);
    let before = [life.order(created()), life.ticket(ticket_created())];
    let after = [
        before[0].clone(),
        before[1].clone(),
        life.ticket(TicketEvent::TicketConfirmed {}),
    ];
    assert_eq!(listed(&before), listed(&after));
}
