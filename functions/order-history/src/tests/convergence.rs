//! G6 on the real view: after any delivery, the table equals the fold of the events.

use crate::OrderHistory;
use crate::tests::commits::{
    Life, accepted, authorized, captured, courier, created_with, declined, delivery_created, order_id,
    payment_revised, proposed, rejected, revised, scheduled, seen, ticket_created, ticket_revised,
};
use commit::{Commit, Event};
use contracts::{DeliveryEvent, OrderEvent, PaymentEvent, TicketEvent, delivery, order, payment, ticket};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use testkit::converges;

/// Together with the engine's own 700 cases, on a view made for them, a thousand.
const CASES: u32 = 300;

/// The events of one order.
#[derive(Debug, Clone)]
struct Course {
    order: Vec<OrderEvent>,
    payment: Vec<PaymentEvent>,
    ticket: Vec<TicketEvent>,
    delivery: Vec<DeliveryEvent>,
    /// The ends of the commits, and the error of their clocks in seconds.
    cuts: Vec<(Index, i64)>,
}

fn course(number: u128) -> impl Strategy<Value = Course> {
    let names = ["Ajanta", "Café İstanbul", "🍛"];
    let outcome = prop_oneof![Just(None), Just(Some(true)), Just(Some(false))];
    let cuts = prop::collection::vec((any::<Index>(), -90_i64..90), 20);
    let steps = (0..=7_usize, 0..=7_usize, 0..=3_usize);
    (0..names.len(), outcome, steps, any::<bool>(), cuts).prop_map(
        move |(name, approved, (steps, deliveries, more), paid, cuts)| {
            let mut order = vec![created_with(names[name], &["Chicken Vindaloo", names[name]])];
            order.extend(approved.map(|yes| {
                if yes {
                    OrderEvent::OrderApproved {}
                } else {
                    rejected()
                }
            }));
            let id = order_id(number);
            let on = approved == Some(true);
            if on {
                let rest = [proposed(), revised(), OrderEvent::OrderCompleted {}];
                order.extend(rest.into_iter().take(more));
            }
            let decision = if approved == Some(false) {
                declined(id)
            } else {
                authorized(id)
            };
            let mut delivery = vec![
                delivery_created(),
                scheduled(),
                seen(37.8, -122.2),
                DeliveryEvent::DeliveryPickedUp {},
                seen(37.9, -122.3),
                DeliveryEvent::DeliveryDelivered {
                    courier_id: courier(),
                },
            ];
            delivery.truncate(if on { deliveries } else { 0 });
            let mut payment = if paid { vec![decision] } else { Vec::new() };
            if paid && on {
                let rest = [payment_revised(id), captured(id)];
                payment.extend(rest.into_iter().take(more));
            }
            let mut ticket = vec![
                ticket_created(),
                TicketEvent::TicketConfirmed {},
                ticket_revised(),
                accepted(),
                TicketEvent::TicketPreparationStarted {},
                TicketEvent::TicketPreparationCompleted {},
                TicketEvent::TicketPickedUp {},
            ];
            ticket.truncate(steps);
            Course {
                order,
                payment,
                ticket,
                delivery,
                cuts,
            }
        },
    )
}

/// Returns the commits of a course: its events, split into commits of one or more.
fn commits(number: u128, course: Course) -> Vec<Commit> {
    let mut life = Life::new(number, "2026-11-23T17:00:00Z");
    let mut cuts = course.cuts.into_iter();
    let mut commits = Vec::new();
    cut(&mut life, order::CATEGORY, &course.order, &mut cuts, &mut commits);
    cut(
        &mut life,
        payment::CATEGORY,
        &course.payment,
        &mut cuts,
        &mut commits,
    );
    cut(
        &mut life,
        ticket::CATEGORY,
        &course.ticket,
        &mut cuts,
        &mut commits,
    );
    cut(
        &mut life,
        delivery::CATEGORY,
        &course.delivery,
        &mut cuts,
        &mut commits,
    );
    commits
}

fn cut<E: Event>(
    life: &mut Life,
    category: &'static str,
    mut events: &[E],
    cuts: &mut impl Iterator<Item = (Index, i64)>,
    commits: &mut Vec<Commit>,
) {
    while !events.is_empty() {
        let (size, wrong) = cuts
            .next()
            .map_or((1, 0), |(index, wrong)| (index.index(events.len()) + 1, wrong));
        let (these, rest) = events.split_at(size);
        let mut commit = life.commit(category, these);
        let time = commit.time.as_millisecond() + wrong * 1_000;
        commit.time = Timestamp::from_millisecond(time).unwrap();
        commits.push(commit);
        events = rest;
    }
}

fn histories() -> impl Strategy<Value = Vec<Commit>> {
    (course(1), course(2), course(3), 1..=3_usize).prop_map(|(first, second, third, count)| {
        let courses = [(1, first), (2, second), (3, third)];
        courses
            .into_iter()
            .take(count)
            .flat_map(|(number, course)| commits(number, course))
            .collect()
    })
}

#[test]
fn g6_the_view_converges_under_any_delivery() {
    converges::<OrderHistory>(histories(), CASES);
}
