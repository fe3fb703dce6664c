use super::*;
use crate::test_commits::{at, commit, commit_at};
use crate::test_orders::five_vindaloos;
use std::collections::BTreeMap;

pub(super) const ORDER: &str = "ord_00000000000000000000000000000003";
const CONSUMER: &str = "con_00000000000000000000000000000001";

/// An event of one of the four streams of an order.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Payment(PaymentEvent),
    Ticket(TicketEvent),
    Delivery(DeliveryEvent),
    Order(OrderEvent),
}

/// Applies the event and returns the commands that the reactor sends.
pub(super) fn hear(answers: &mut Answers, said: &Said) -> Vec<OrderCommand> {
    hear_at(0, answers, said)
}

fn hear_at(minute: i64, answers: &mut Answers, said: &Said) -> Vec<OrderCommand> {
    let commit = match said {
        Said::Payment(event) => commit_at(minute, &format!("payment#{ORDER}"), 1, event),
        Said::Ticket(event) => commit_at(minute, &format!("ticket#{ORDER}"), 1, event),
        Said::Delivery(event) => commit_at(minute, &format!("delivery#{ORDER}"), 1, event),
        Said::Order(event) => commit_at(minute, &format!("order#{ORDER}"), 1, event),
    };
    let published = Published {
        commit: &commit,
        version: 1,
        event: &commit.events[0],
    };
    let asked = OrdersReactor::react(answers, &published).unwrap();
    assert!(asked.iter().all(|settle| settle.order_id.to_string() == ORDER));
    asked.into_iter().map(|settle| settle.command).collect()
}

/// Applies the events and returns the commands of the last one.
fn last_answer(said: &[Said]) -> Vec<OrderCommand> {
    let mut answers = Answers::default();
    said.iter().map(|said| hear(&mut answers, said)).last().unwrap()
}

fn reason(code: &str) -> ReasonCode {
    code.parse().unwrap()
}

fn payment_authorized() -> Said {
    Said::Payment(PaymentEvent::PaymentAuthorized {
        order_id: ORDER.parse().unwrap(),
        consumer_id: CONSUMER.parse().unwrap(),
        amount: "61.70".parse().unwrap(),
    })
}

fn payment_declined() -> Said {
    Said::Payment(PaymentEvent::PaymentDeclined {
        order_id: ORDER.parse().unwrap(),
        consumer_id: CONSUMER.parse().unwrap(),
        amount: "61.70".parse().unwrap(),
        reason: DeclineReason::InsufficientCredit,
    })
}

pub(super) fn payment_revised(revision: u32) -> Said {
    Said::Payment(PaymentEvent::PaymentRevised {
        order_id: ORDER.parse().unwrap(),
        consumer_id: CONSUMER.parse().unwrap(),
        revision,
        amount: "123.40".parse().unwrap(),
    })
}

pub(super) fn payment_revision_declined(revision: u32) -> Said {
    Said::Payment(PaymentEvent::PaymentRevisionDeclined {
        order_id: ORDER.parse().unwrap(),
        consumer_id: CONSUMER.parse().unwrap(),
        revision,
        amount: "123.40".parse().unwrap(),
        reason: DeclineReason::InsufficientCredit,
    })
}

pub(super) fn ticket_revised(revision: u32) -> Said {
    Said::Ticket(TicketEvent::TicketRevised {
        revision,
        line_items: five_vindaloos().line_items,
    })
}

pub(super) fn ticket_revision_refused(revision: u32) -> Said {
    Said::Ticket(TicketEvent::TicketRevisionRefused {
        revision,
        reason: reason("TICKET_PREPARING"),
    })
}

pub(super) fn ticket_cancelled() -> Said {
    Said::Ticket(TicketEvent::TicketCancelled {})
}

pub(super) fn ticket_cancel_refused() -> Said {
    Said::Ticket(TicketEvent::TicketCancelRefused {
        reason: reason("TICKET_PREPARING"),
    })
}

pub(super) fn delivered() -> Said {
    Said::Delivery(DeliveryEvent::DeliveryDelivered {
        courier_id: "cou_00000000000000000000000000000004".parse().unwrap(),
    })
}

fn refuse_cancel() -> OrderCommand {
    OrderCommand::RefuseCancel {
        reason: reason("TICKET_PREPARING"),
    }
}

#[test]
fn an_authorized_payment_approves_the_order() {
    assert_eq!(last_answer(&[payment_authorized()]), [OrderCommand::Approve]);
}

#[test]
fn declined_payment_rejects_the_order_with_the_reason() {
    let reject = OrderCommand::Reject {
        reason: reason("INSUFFICIENT_CREDIT"),
    };
    assert_eq!(last_answer(&[payment_declined()]), [reject]);
}

#[test]
fn kitchen_answer_confirms_or_refuses_the_cancellation() {
    assert_eq!(last_answer(&[ticket_cancelled()]), [OrderCommand::ConfirmCancel]);
    assert_eq!(last_answer(&[ticket_cancel_refused()]), [refuse_cancel()]);
}

#[test]
fn revision_is_confirmed_when_both_agreed_in_either_order() {
    let confirm = || OrderCommand::ConfirmRevision { revision: 1 };
    assert_eq!(last_answer(&[ticket_revised(1)]), []);
    assert_eq!(last_answer(&[payment_revised(1)]), []);
    assert_eq!(last_answer(&[ticket_revised(1), payment_revised(1)]), [confirm()]);
    assert_eq!(last_answer(&[payment_revised(1), ticket_revised(1)]), [confirm()]);
}

#[test]
fn a_revision_is_rejected_as_soon_as_one_refuses() {
    let reject = |code| OrderCommand::RejectRevision {
        revision: 1,
        reason: reason(code),
    };
    assert_eq!(
        last_answer(&[payment_revision_declined(1)]),
        [reject("INSUFFICIENT_CREDIT")]
    );
    assert_eq!(
        last_answer(&[ticket_revision_refused(1)]),
        [reject("TICKET_PREPARING")]
    );
    assert_eq!(
        last_answer(&[payment_revision_declined(1), ticket_revised(1)]),
        []
    );
}

#[test]
fn agreements_to_different_revisions_do_not_combine() {
    assert_eq!(last_answer(&[ticket_revised(1), payment_revised(2)]), []);
    assert_eq!(last_answer(&[payment_revised(2), ticket_revised(1)]), []);
}

#[test]
fn an_answer_to_an_older_revision_is_ignored() {
    assert_eq!(
        last_answer(&[ticket_revised(2), payment_revision_declined(1)]),
        []
    );
}

#[test]
fn delivered_order_is_completed_again_after_every_answer() {
    assert_eq!(last_answer(&[delivered()]), [OrderCommand::Complete]);
    assert_eq!(
        last_answer(&[delivered(), ticket_cancel_refused()]),
        [refuse_cancel(), OrderCommand::Complete]
    );
    assert_eq!(
        last_answer(&[delivered(), ticket_revised(1), payment_revised(1)]),
        [
            OrderCommand::ConfirmRevision { revision: 1 },
            OrderCommand::Complete
        ]
    );
    assert_eq!(
        last_answer(&[delivered(), payment_revision_declined(1)]).last(),
        Some(&OrderCommand::Complete)
    );
}

fn approved() -> Said {
    Said::Order(OrderEvent::OrderApproved {})
}

fn ticket_confirmed() -> Said {
    Said::Ticket(TicketEvent::TicketConfirmed {})
}

fn ticket_accepted() -> Said {
    Said::Ticket(TicketEvent::TicketAccepted {
        ready_by: "2026-11-23T18:30:00Z".parse().unwrap(),
    })
}

fn revision_proposed(revision: u32) -> Said {
    let order = five_vindaloos();
    Said::Order(OrderEvent::OrderRevisionProposed {
        revision,
        current_order_total: order.line_items.total(),
        new_order_total: order.line_items.total(),
        line_items: order.line_items,
        delivery: None,
    })
}

/// Applies the events, each with its minute.
fn after(said: &[(i64, Said)]) -> Answers {
    let mut answers = Answers::default();
    for (minute, said) in said {
        hear_at(*minute, &mut answers, said);
    }
    answers
}

/// Returns the names and minutes of the deadlines.
fn due(answers: &Answers) -> Vec<(&'static str, i64)> {
    let due = OrdersReactor::due(answers).into_iter();
    due.map(|due| (due.name, due.time.duration_since(at(0)).as_mins()))
        .collect()
}

/// Returns the commands for the only deadline.
fn not_answered(answers: &Answers) -> Vec<OrderCommand> {
    let due = OrdersReactor::due(answers);
    assert_eq!(due.len(), 1, "{due:?}");
    let asked = OrdersReactor::overdue(answers, ORDER, &due[0]).unwrap();
    asked.into_iter().map(|settle| settle.command).collect()
}

#[test]
fn f12_ticket_that_is_not_accepted_in_time_cancels_the_order() {
    let asked = [(0, approved()), (1, ticket_confirmed())];
    let answers = after(&asked);
    assert_eq!(due(&answers), [("acceptance", 1 + ACCEPTANCE.as_mins())]);
    assert_eq!(not_answered(&answers), [OrderCommand::Cancel]);
    // The sources may be consumed in any order.
    let [approved, confirmed] = asked;
    assert_eq!(after(&[confirmed, approved]), answers);
}

#[test]
fn f12_accepted_ticket_is_watched_until_the_delivery() {
    let accepted = [(0, approved()), (1, ticket_confirmed()), (2, ticket_accepted())];
    let answers = after(&accepted);
    assert_eq!(due(&answers), [("delivery", 30 + DELIVERY.as_mins())]);
    assert!(OrdersReactor::due(&answers)[0].watched);
    for end in [delivered(), Said::Order(OrderEvent::OrderCancelled {})] {
        assert_eq!(due(&after(&[&accepted[..], &[(3, end)]].concat())), []);
    }
}

#[test]
fn f12_order_without_open_steps_has_no_deadline() {
    assert_eq!(due(&Answers::default()), []);
    assert_eq!(due(&after(&[(0, approved())])), []);
    assert_eq!(due(&after(&[(0, ticket_confirmed())])), [], "not approved yet");
    let cancelled = [(0, approved()), (1, ticket_confirmed()), (2, ticket_cancelled())];
    assert_eq!(due(&after(&cancelled)), []);
}

#[test]
fn f12_cancellation_that_is_not_answered_is_refused_and_the_order_is_watched() {
    let requested = [
        (0, approved()),
        (1, ticket_confirmed()),
        (2, Said::Order(OrderEvent::OrderCancelRequested {})),
    ];
    let answers = after(&requested);
    let reason = reason(NOT_ANSWERED);
    assert_eq!(due(&answers), [("cancellation", 2 + ANSWER.as_mins())]);
    assert_eq!(
        not_answered(&answers),
        [OrderCommand::RefuseCancel {
            reason: reason.clone()
        }]
    );
    let refused = Said::Order(OrderEvent::OrderCancelRefused { reason });
    let answers = after(&[&requested[..], &[(30, refused)]].concat());
    assert_eq!(due(&answers), [("kitchen", 30)]);
    assert!(OrdersReactor::due(&answers)[0].watched);
}

#[test]
fn f12_refused_request_gives_the_kitchen_its_time_again() {
    let refused = OrderEvent::OrderCancelRefused {
        reason: reason("TICKET_PREPARING"),
    };
    let answers = after(&[(0, ticket_confirmed()), (9, Said::Order(refused))]);
    assert_eq!(due(&answers), [("acceptance", 9 + ACCEPTANCE.as_mins())]);
}

#[test]
fn f12_revision_that_is_not_answered_is_rejected() {
    let answers = after(&[(0, approved()), (5, revision_proposed(3)), (6, ticket_revised(3))]);
    assert_eq!(due(&answers), [("revision", 5 + ANSWER.as_mins())]);
    let reject = OrderCommand::RejectRevision {
        revision: 3,
        reason: reason(NOT_ANSWERED),
    };
    assert_eq!(not_answered(&answers), [reject]);
}

#[test]
fn f12_delivered_order_is_completed_when_a_request_is_not_answered() {
    let requested = (0, Said::Order(OrderEvent::OrderCancelRequested {}));
    let answers = after(&[requested, (1, delivered())]);
    assert_eq!(not_answered(&answers).last(), Some(&OrderCommand::Complete));
}

/// An earlier version of the code has stored the document.
#[test]
fn f12_order_that_was_accepted_before_is_not_cancelled() {
    let stored = serde_json::json!({ "v": 0, "t": false, "p": false, "d": false });
    let mut answers: Answers = serde_json::from_value(stored).unwrap();
    hear(&mut answers, &approved());
    assert_eq!(due(&answers), []);
}

/// The reactor's document as a view, because the check that views commute exists already.
#[derive(Debug)]
struct AnswersView;

impl projection::View for AnswersView {
    type Document = Answers;
    const NAME: &'static str = "answers";
    const SOURCES: &'static [&'static str] = OrdersReactor::SOURCES;
    const USES: projection::Uses = projection::Uses::NOTHING;

    fn apply(answers: &mut Answers, event: &Published<'_>) -> Result<(), ApplyError> {
        OrdersReactor::react(answers, event).map(drop)
    }
}

#[test]
fn document_does_not_depend_on_the_order_of_sources() {
    let said = [
        payment_authorized(),
        payment_revision_declined(1),
        payment_revised(2),
        ticket_cancel_refused(),
        ticket_revised(1),
        ticket_revision_refused(2),
        delivered(),
        approved(),
        Said::Order(OrderEvent::OrderCancelRequested {}),
    ];
    let mut versions = BTreeMap::new();
    let commits: Vec<_> = said
        .iter()
        .map(|said| {
            let mut at = |category: &'static str| {
                let version = versions.entry(category).or_insert(0);
                *version += 1;
                (format!("{category}#{ORDER}"), *version)
            };
            match said {
                Said::Payment(event) => {
                    let (stream, version) = at("payment");
                    commit(&stream, version, event)
                }
                Said::Ticket(event) => {
                    let (stream, version) = at("ticket");
                    commit(&stream, version, event)
                }
                Said::Delivery(event) => {
                    let (stream, version) = at("delivery");
                    commit(&stream, version, event)
                }
                Said::Order(event) => {
                    let (stream, version) = at("order");
                    commit(&stream, version, event)
                }
            }
        })
        .collect();
    projection::testing::assert_commutes::<AnswersView>(&commits);
}
