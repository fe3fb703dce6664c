//! The domain's rules as a model without events, streams or reactors.

use super::Step;

const PRICE: i64 = 1_234;

/// One order with its ticket, payment and delivery, at rest.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    pub(super) consumer: usize,
    pub(super) quantity: u32,
    pub(super) status: &'static str,
    pub(super) ticket: &'static str,
    /// Status, and the amount that is or was held.
    pub(super) payment: (&'static str, i64),
    /// `None` if the order was never approved.
    pub(super) delivery: Option<&'static str>,
    /// Whether the delivery needs a courier and none was free.
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

    /// Returns whether it is assigned to a courier.
    pub(super) fn is_carried(&self) -> bool {
        matches!(self.delivery, Some("SCHEDULED" | "PICKED_UP"))
    }
}

impl Model {
    /// Returns the amount held for a consumer, without this order.
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

    /// Executes a step and returns whether it is allowed.
    pub(super) fn step(&mut self, number: usize, step: Step) -> bool {
        match step {
            Step::Cancel => self.cancel(number),
            Step::Revise(quantity) => self.revise(number, quantity),
            Step::Accept => {
                let accepted = self.ticket(number, "AWAITING_ACCEPTANCE", "ACCEPTED");
                let order = &mut self.orders[number];
                // Also when repeated: a waiting delivery keeps waiting.
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

    /// Moves a ticket from one state to another; being in the target state already is a success.
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
            // A delivery that was picked up is completed.
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

    /// Returns the number of available couriers without a delivery.
    pub(super) fn free(&self, carrying: &[usize]) -> usize {
        let couriers = self.available.iter().enumerate();
        couriers
            .filter(|(number, available)| **available && !carrying.contains(number))
            .count()
    }
}
