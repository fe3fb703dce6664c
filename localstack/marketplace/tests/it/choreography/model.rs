//! What the tables of the domain say, without events, streams or reactors.

use super::Step;

const PRICE: i64 = 1_234;

/// One order and what belongs to it, at rest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) consumer: usize,
    pub(super) quantity: u32,
    pub(super) status: &'static str,
    pub(super) ticket: &'static str,
    /// Status, and what is or was held back.
    pub(super) payment: (&'static str, i64),
    /// None: the order was never approved.
    pub(super) delivery: Option<&'static str>,
    /// A courier is wanted and none was free.
    pub(super) waits: bool,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) orders: Vec<Order>,
    /// By consumer.
    pub(super) limits: Vec<Option<i64>>,
    /// By courier.
    pub(super) available: Vec<bool>,
}

impl Order {
    pub(super) fn total(&self) -> i64 {
        PRICE * i64::from(self.quantity)
    }

    /// Whether a courier has it.
    pub(super) fn is_carried(&self) -> bool {
        matches!(self.delivery, Some("SCHEDULED" | "PICKED_UP"))
    }
}

impl Model {
    /// What is held back for a consumer, but for this order.
    fn held_back(&self, consumer: usize, but: Option<usize>) -> i64 {
        let orders = self.orders.iter().enumerate();
        orders
            .filter(|(number, order)| order.consumer == consumer && Some(*number) != but)
            .filter(|(_, order)| order.payment.0 == "AUTHORIZED")
            .map(|(_, order)| order.payment.1)
            .sum()
    }

    fn covers(&self, consumer: usize, amount: i64, but: Option<usize>) -> bool {
        self.limits[consumer].is_none_or(|limit| self.held_back(consumer, but) + amount <= limit)
    }

    pub(super) fn place(&mut self, consumer: usize, quantity: u32) {
        let total = PRICE * i64::from(quantity);
        let covered = self.covers(consumer, total, None);
        let (status, ticket, payment) = if covered {
            ("APPROVED", "AWAITING_ACCEPTANCE", "AUTHORIZED")
        } else {
            ("REJECTED", "CANCELLED", "DECLINED")
        };
        self.orders.push(Order {
            consumer,
            quantity,
            status,
            ticket,
            payment: (payment, total),
            delivery: covered.then_some("PENDING"),
            waits: false,
        });
    }

    /// Takes a step and says whether it is allowed.
    pub(super) fn step(&mut self, number: usize, step: Step) -> bool {
        match step {
            Step::Cancel => self.cancel(number),
            Step::Revise(quantity) => self.revise(number, quantity),
            Step::Accept => {
                let accepted = self.ticket(number, "AWAITING_ACCEPTANCE", "ACCEPTED");
                let order = &mut self.orders[number];
                // Also when repeated: whoever waits, waits.
                order.waits |= accepted && order.delivery == Some("PENDING");
                accepted
            }
            Step::Prepare => self.ticket(number, "ACCEPTED", "PREPARING"),
            Step::CompletePreparation => self.ticket(number, "PREPARING", "READY_FOR_PICKUP"),
            Step::PickUpTicket => self.ticket(number, "READY_FOR_PICKUP", "PICKED_UP"),
            Step::PickUpDelivery => self.delivery(number, "SCHEDULED", "PICKED_UP"),
            Step::Locate => self.orders[number].is_carried(),
            Step::Deliver => {
                let delivered = self.delivery(number, "PICKED_UP", "DELIVERED");
                let order = &mut self.orders[number];
                if delivered && order.status == "APPROVED" {
                    order.status = "DELIVERED";
                    order.payment.0 = "CAPTURED";
                }
                delivered
            }
        }
    }

    /// From one state to another; in the other one already is a success as well.
    fn ticket(&mut self, number: usize, from: &str, to: &'static str) -> bool {
        let ticket = &mut self.orders[number].ticket;
        let allowed = *ticket == from || *ticket == to;
        if allowed {
            *ticket = to;
        }
        allowed
    }

    fn delivery(&mut self, number: usize, from: &str, to: &'static str) -> bool {
        let delivery = &mut self.orders[number].delivery;
        let allowed = *delivery == Some(from) || *delivery == Some(to);
        if allowed {
            *delivery = Some(to);
        }
        allowed
    }

    fn cancel(&mut self, number: usize) -> bool {
        let order = &mut self.orders[number];
        match order.status {
            "CANCELLED" => return true,
            "APPROVED" => {}
            _ => return false,
        }
        if matches!(order.ticket, "AWAITING_ACCEPTANCE" | "ACCEPTED") {
            order.status = "CANCELLED";
            order.ticket = "CANCELLED";
            order.payment.0 = "REVERSED";
            order.waits = false;
            // What a courier has in the bag is brought to its end.
            if order.delivery != Some("PICKED_UP") {
                order.delivery = Some("CANCELLED");
            }
        }
        true
    }

    fn revise(&mut self, number: usize, quantity: u32) -> bool {
        let order = &self.orders[number];
        if order.status != "APPROVED" {
            return false;
        }
        let total = PRICE * i64::from(quantity);
        let covered = total <= order.payment.1 || self.covers(order.consumer, total, Some(number));
        let order = &mut self.orders[number];
        if covered && matches!(order.ticket, "AWAITING_ACCEPTANCE" | "ACCEPTED") {
            order.quantity = quantity;
            order.payment.1 = total;
        }
        true
    }

    /// How many of the couriers have nothing to carry and would.
    pub(super) fn free(&self, carrying: &[usize]) -> usize {
        let couriers = self.available.iter().enumerate();
        couriers
            .filter(|(number, available)| **available && !carrying.contains(number))
            .count()
    }
}
