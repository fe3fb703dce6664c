use super::*;
use crate::test_commits::commit;
use crate::test_orders::five_vindaloos;
use std::collections::BTreeMap;

const ORDER: &str = "ord_00000000000000000000000000000003";
const CONSUMER: &str = "con_00000000000000000000000000000001";

/// An event of one of the three streams of an order.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Payment(PaymentEvent),
    Ticket(TicketEvent),
    Delivery(DeliveryEvent),
}

/// Applies the event and returns the commands that the reactor sends.
pub(super) fn hear(answers: &mut Answers, said: &Said) -> Vec<OrderCommand> {
    let commit = match said {
        Said::Payment(event) => commit(&format!("payment#{ORDER}"), 1, event),
        Said::Ticket(event) => commit(&format!("ticket#{ORDER}"), 1, event),
        Said::Delivery(event) => commit(&format!("delivery#{ORDER}"), 1, event),
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
            }
        })
        .collect();
    projection::testing::assert_commutes::<AnswersView>(&commits);
}
