//! The law of the reactor: no order is stuck, in whichever order its events arrive.

use super::tests::{
    ORDER, Said, delivered, hear, payment_revised, payment_revision_declined, ticket_cancel_refused,
    ticket_cancelled, ticket_revised, ticket_revision_refused,
};
use super::*;
use crate::order_state::OrderState;
use crate::test_orders::{order_in, revision_to};
use contracts::order::{OrderEvent, OrderStatus};
use event_store::Decider;
use proptest::prelude::*;
use std::collections::VecDeque;

/// The marketplace as one approved order sees it. Every event of the order is answered at once into the queue of a
/// stream; the reactor consumes the streams in any order, late or not.
struct World {
    order: OrderState,
    answers: Answers,
    payment: VecDeque<Said>,
    ticket: VecDeque<Said>,
    delivery: VecDeque<Said>,
    /// Commands that the reactor sent and the order has not executed.
    asked: VecDeque<OrderCommand>,
    kitchen_agrees: bool,
    accounting_agrees: bool,
    at_the_door: bool,
    /// The last revision that was proposed.
    proposed: Option<OrderEvent>,
}

/// A step, which is skipped if it is not possible.
#[derive(Debug, Clone, Copy)]
enum Next {
    HearPayment,
    HearTicket,
    HearDelivery,
    TellTheOrder,
    Cancel,
    Revise(u32),
    Deliver,
    /// The deadline of a request passes. Its answer may come later.
    NotAnswered,
    KitchenAgrees(bool),
    AccountingAgrees(bool),
}

impl World {
    fn new() -> Self {
        let approved = order_in(OrderStatus::Approved);
        Self {
            order: approved.iter().fold(OrderState::default(), Order::evolve),
            answers: Answers::default(),
            payment: VecDeque::new(),
            ticket: VecDeque::new(),
            delivery: VecDeque::new(),
            asked: VecDeque::new(),
            kitchen_agrees: true,
            accounting_agrees: true,
            at_the_door: false,
            proposed: None,
        }
    }

    /// Executes the command. A refusal is an outcome, as in [`OrderEffects`]; any other error is a defect.
    fn tell(&mut self, command: &OrderCommand) {
        let events = match Order::decide(&self.order, command) {
            Ok(events) => events,
            Err(OrderError::InvalidTransition { .. }) => return,
            Err(error) => panic!("{command:?}: {error}"),
        };
        for event in events {
            self.order = Order::evolve(std::mem::take(&mut self.order), &event);
            if let OrderEvent::OrderRevisionProposed { .. } = event {
                self.proposed = Some(event.clone());
            }
            match event {
                OrderEvent::OrderCancelRequested {} => self.ticket.push_back(if self.kitchen_agrees {
                    ticket_cancelled()
                } else {
                    ticket_cancel_refused()
                }),
                OrderEvent::OrderRevisionProposed { revision, .. } => {
                    self.ticket.push_back(if self.kitchen_agrees {
                        ticket_revised(revision)
                    } else {
                        ticket_revision_refused(revision)
                    });
                    self.payment.push_back(if self.accounting_agrees {
                        payment_revised(revision)
                    } else {
                        payment_revision_declined(revision)
                    });
                }
                _ => {}
            }
        }
    }

    fn hear(&mut self, said: Option<Said>) {
        if let Some(said) = said {
            self.asked.extend(hear(&mut self.answers, &said));
        }
    }

    fn step(&mut self, next: Next) {
        match next {
            // One effect at a time, and all of them before the next event, as the engine does for one document.
            Next::HearPayment if self.asked.is_empty() => {
                let said = self.payment.pop_front();
                self.hear(said);
            }
            Next::HearTicket if self.asked.is_empty() => {
                let said = self.ticket.pop_front();
                self.hear(said);
            }
            Next::HearDelivery if self.asked.is_empty() => {
                let said = self.delivery.pop_front();
                self.hear(said);
            }
            Next::HearPayment | Next::HearTicket | Next::HearDelivery => {}
            Next::TellTheOrder => {
                if let Some(command) = self.asked.pop_front() {
                    self.tell(&command);
                }
            }
            Next::Cancel => self.tell(&OrderCommand::Cancel),
            Next::Revise(quantity) => self.tell(&revision_to(&[("1", quantity)])),
            Next::Deliver => {
                if !std::mem::replace(&mut self.at_the_door, true) {
                    self.delivery.push_back(delivered());
                }
            }
            Next::NotAnswered if self.asked.is_empty() => self.not_answered(),
            Next::NotAnswered => {}
            Next::KitchenAgrees(agrees) => self.kitchen_agrees = agrees,
            Next::AccountingAgrees(agrees) => self.accounting_agrees = agrees,
        }
    }

    fn not_answered(&mut self) {
        let requested = match self.order.status() {
            Some(OrderStatus::CancelPending) => OrderEvent::OrderCancelRequested {},
            Some(OrderStatus::RevisionPending) => self.proposed.clone().unwrap(),
            _ => return,
        };
        hear(&mut self.answers, &Said::Order(requested));
        for deadline in OrdersReactor::due(&self.answers) {
            let asked = OrdersReactor::overdue(&self.answers, ORDER, &deadline).unwrap();
            self.asked.extend(asked.into_iter().map(|settle| settle.command));
        }
    }

    /// Consumes all events and executes all commands.
    fn settle(&mut self) {
        while !(self.asked.is_empty()
            && self.payment.is_empty()
            && self.ticket.is_empty()
            && self.delivery.is_empty())
        {
            for next in [
                Next::TellTheOrder,
                Next::HearDelivery,
                Next::HearPayment,
                Next::HearTicket,
            ] {
                self.step(next);
            }
        }
    }
}

fn next() -> impl Strategy<Value = Next> {
    prop_oneof![
        4 => Just(Next::TellTheOrder),
        2 => Just(Next::HearPayment),
        2 => Just(Next::HearTicket),
        1 => Just(Next::HearDelivery),
        1 => Just(Next::Cancel),
        3 => (1..20_u32).prop_map(Next::Revise),
        1 => Just(Next::Deliver),
        2 => Just(Next::NotAnswered),
        1 => any::<bool>().prop_map(Next::KitchenAgrees),
        1 => any::<bool>().prop_map(Next::AccountingAgrees),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_is_stuck_in_any_event_order(steps in prop::collection::vec(next(), 0..60)) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.settle();
        let status = world.order.status().unwrap();
        let expected: &[OrderStatus] = if world.at_the_door {
            &[OrderStatus::Delivered, OrderStatus::Cancelled]
        } else {
            &[OrderStatus::Approved, OrderStatus::Cancelled]
        };
        prop_assert!(expected.contains(&status), "{status}");
    }
}
