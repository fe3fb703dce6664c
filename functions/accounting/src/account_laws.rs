//! Laws of accounts and payments that hold for any sequence of order commands, late and repeated ones included.

use super::*;
use crate::payment::{Payment, PaymentState};
use crate::reactor::of_account;
use contracts::ConsumerId;
use contracts::payment::{PaymentEvent, PaymentStatus};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use uuid::Uuid;

fn money(minor: i64) -> Money {
    Money::from_minor(minor).unwrap()
}

/// A step of one of a few orders of one consumer. Steps that the order's status does not allow are skipped.
#[derive(Debug, Clone)]
enum Step {
    SetLimit(i64),
    Create(u8, i64),
    Propose(u8, i64),
    Confirm(u8),
    Reject(u8),
    Cancel(u8),
    Complete(u8),
    /// Repeats the command from this many steps ago.
    Repeat(usize),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => (0..6_000_i64).prop_map(Step::SetLimit),
        4 => (0..6_u8, 0..2_000_i64).prop_map(|(n, minor)| Step::Create(n, minor)),
        6 => (0..6_u8, 0..3_000_i64).prop_map(|(n, minor)| Step::Propose(n, minor)),
        3 => (0..6_u8).prop_map(Step::Confirm),
        4 => (0..6_u8).prop_map(Step::Reject),
        1 => (0..6_u8).prop_map(Step::Cancel),
        1 => (0..6_u8).prop_map(Step::Complete),
        4 => (0..30_usize).prop_map(Step::Repeat),
    ]
}

/// An order as the orders service stores it.
#[derive(Debug, Default)]
struct Order {
    total: i64,
    revision: u32,
    proposed: Option<i64>,
}

#[derive(Default)]
struct World {
    account: AccountState,
    orders: BTreeMap<OrderId, Order>,
    payments: BTreeMap<OrderId, PaymentState>,
    published: Vec<PaymentEvent>,
    said: Vec<AccountCommand>,
    /// The open amounts, computed from the events alone, to compare the state with.
    open: BTreeMap<OrderId, i64>,
    captured: i64,
}

impl World {
    fn payment(&self, order_id: OrderId) -> PaymentState {
        self.payments.get(&order_id).cloned().unwrap_or_default()
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        if let Some(command) = self.command(step) {
            self.said.push(command.clone());
            self.execute(&command)?;
        }
        if let Step::Reject(n) = step
            && let Some(open) = self.account.open_authorizations.get(&order(*n))
            && self.orders[&order(*n)].proposed.is_none()
        {
            prop_assert_eq!(open.amount.minor(), self.orders[&order(*n)].total);
        }
        Ok(())
    }

    /// Returns the command that accounting's reactor derives from the step.
    fn command(&mut self, step: &Step) -> Option<AccountCommand> {
        match *step {
            Step::SetLimit(minor) => Some(AccountCommand::SetLimit {
                credit_limit: money(minor),
                consumer: Consumer::Exists,
            }),
            Step::Create(n, total) => {
                let fresh = !self.orders.contains_key(&order(n));
                self.orders.entry(order(n)).or_insert_with(|| Order {
                    total,
                    ..Order::default()
                });
                fresh.then(|| AccountCommand::Authorize {
                    order_id: order(n),
                    amount: money(total),
                    consumer: Consumer::Exists,
                })
            }
            Step::Propose(n, total) => {
                let placed = self.orders.get_mut(&order(n)).filter(|o| o.proposed.is_none())?;
                placed.revision += 1;
                placed.proposed = Some(total);
                Some(AccountCommand::ReviseAuthorization {
                    order_id: order(n),
                    amount: money(total),
                    revision: placed.revision,
                })
            }
            Step::Confirm(n) => {
                let granted = self.open.get(&order(n)).copied();
                let placed = self.orders.get_mut(&order(n))?;
                if placed.proposed.is_some() && placed.proposed == granted {
                    placed.total = placed.proposed.take()?;
                }
                None
            }
            Step::Reject(n) => {
                let placed = self.orders.get_mut(&order(n))?;
                placed.proposed.take().map(|_| AccountCommand::UndoRevision {
                    order_id: order(n),
                    revision: placed.revision,
                    amount: money(placed.total),
                })
            }
            Step::Cancel(n) => Some(AccountCommand::Reverse { order_id: order(n) }),
            Step::Complete(n) => Some(AccountCommand::Capture { order_id: order(n) }),
            Step::Repeat(ago) => self.said.iter().rev().nth(ago).cloned(),
        }
    }

    fn execute(&mut self, command: &AccountCommand) -> Result<(), TestCaseError> {
        // As the reactor does for an order that may have been handled before.
        if let AccountCommand::Authorize { order_id, .. } = command
            && self.payment(*order_id).0.is_some()
        {
            return Ok(());
        }
        for event in decide(&self.account, command).unwrap() {
            let before = self.account.held_back();
            self.account = evolve(std::mem::take(&mut self.account), &event);
            self.tally(&event)?;
            let (held_back, limit) = (self.account.held_back(), self.account.credit_limit);
            let limit = limit.map_or(i64::MAX, Money::minor);
            match event {
                AccountEvent::PaymentAuthorized { .. } => prop_assert!(held_back <= limit),
                // A revision that costs no more is granted even if the limit was lowered.
                AccountEvent::PaymentRevised { .. } => prop_assert!(held_back <= limit.max(before)),
                _ => {}
            }
            self.publish(&event)?;
        }
        prop_assert_eq!(self.account.held_back(), self.open.values().sum::<i64>());
        prop_assert_eq!(self.account.captured, self.captured);
        Ok(())
    }

    fn tally(&mut self, event: &AccountEvent) -> Result<(), TestCaseError> {
        match event {
            AccountEvent::PaymentAuthorized { order_id, amount } => {
                prop_assert_eq!(self.open.insert(*order_id, amount.minor()), None);
            }
            AccountEvent::PaymentRevised { order_id, amount, .. }
            | AccountEvent::PaymentRevisionUndone { order_id, amount, .. } => {
                prop_assert!(self.open.insert(*order_id, amount.minor()).is_some());
            }
            AccountEvent::PaymentReversed { order_id, amount } => {
                prop_assert_eq!(self.open.remove(order_id), Some(amount.minor()));
            }
            AccountEvent::PaymentCaptured { order_id, amount } => {
                prop_assert_eq!(self.open.remove(order_id), Some(amount.minor()));
                self.captured += amount.minor();
            }
            _ => {}
        }
        Ok(())
    }

    fn publish(&mut self, event: &AccountEvent) -> Result<(), TestCaseError> {
        let Some(record) = of_account(ConsumerId::from_uuid(Uuid::from_u128(1)), event) else {
            return Ok(());
        };
        let mut payment = self.payment(record.order_id);
        let events = Payment::decide(&payment, &record)
            .map_err(|error| TestCaseError::fail(format!("{record:?}: {error}")))?;
        payment = events.iter().fold(payment, Payment::evolve);
        // A repetition is recorded already.
        prop_assert_eq!(Payment::decide(&payment, &record), Ok(vec![]));
        self.payments.insert(record.order_id, payment);
        self.published.extend(events);
        Ok(())
    }
}

fn order(n: u8) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(n.into()))
}

proptest! {
    #[test]
    fn accounts_and_payments_agree_after_any_order_commands(steps in prop::collection::vec(any_step(), 0..120)) {
        let mut world = World::default();
        for step in &steps {
            world.take(step)?;
        }

        for (order_id, PaymentState(payment)) in &world.payments {
            let payment = payment.unwrap();
            let open = world.open.get(order_id);
            prop_assert_eq!(payment.status == PaymentStatus::Authorized, open.is_some());
            prop_assert!(open.is_none_or(|minor| *minor == payment.amount.minor()));
        }
        for (order_id, placed) in &world.orders {
            for revision in 1..=placed.revision {
                let answers = world.published.iter().filter(|event| match event {
                    PaymentEvent::PaymentRevised { order_id: id, revision: r, .. }
                    | PaymentEvent::PaymentRevisionDeclined { order_id: id, revision: r, .. } => {
                        (id, *r) == (order_id, revision)
                    }
                    _ => false,
                });
                prop_assert_eq!(answers.count(), 1, "{} revision {}", order_id, revision);
            }
        }
    }
}
