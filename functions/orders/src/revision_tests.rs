use super::*;
use crate::order::{Order, OrderCommand};
use crate::test_orders::{five_vindaloos, order_in, revision};
use contracts::order::OrderStatus;
use contracts::{Address, LineItems, Moment};
use event_store::testing::given;
use fixtures::{address, line};

fn approved() -> Vec<OrderEvent> {
    order_in(OrderStatus::Approved)
}

fn revise(revision: Revision) -> OrderCommand {
    OrderCommand::Revise(Box::new(revision))
}

fn menu(items: &[(&str, &str)]) -> MenuAnswer {
    let items = items.iter().map(|(id, price)| MenuItem {
        id: id.parse().unwrap(),
        name: "Chicken Vindaloo".parse().unwrap(),
        price: price.parse().unwrap(),
    });
    MenuAnswer::Items(items.collect())
}

fn proposed(lines: Vec<LineItem>, new_total: &str, delivery: Option<DeliveryChange>) -> OrderEvent {
    OrderEvent::OrderRevisionProposed {
        revision: 1,
        line_items: LineItems::new(lines).unwrap(),
        current_order_total: "61.70".parse().unwrap(),
        new_order_total: new_total.parse().unwrap(),
        delivery,
    }
}

fn to(address: Option<Address>, time: Option<Moment>) -> DeliveryChange {
    DeliveryChange {
        delivery_address: address,
        delivery_time: time,
    }
}

#[test]
fn changed_quantity_needs_no_menu() {
    given::<Order>(approved())
        .when(revise(revision(&[("1", 10)])))
        .then([proposed(vec![line("1", "12.34", 10)], "123.40", None)]);
}

#[test]
fn ordered_item_keeps_its_price_and_new_item_has_the_menu_price() {
    let wanted = Revision {
        menu: menu(&[("1", "99.00"), ("2", "3.00")]),
        ..revision(&[("2", 1), ("1", 1)])
    };
    let lines = vec![line("2", "3.00", 1), line("1", "12.34", 1)];
    given::<Order>(approved())
        .when(revise(wanted))
        .then([proposed(lines, "15.34", None)]);
}

#[test]
fn new_item_needs_the_menu() {
    given::<Order>(approved())
        .when(revise(revision(&[("1", 5), ("2", 1)])))
        .then_error(OrderError::MenuNeeded(five_vindaloos().restaurant_id));
}

#[test]
fn item_that_is_not_on_the_menu_is_refused_with_its_line() {
    let wanted = Revision {
        menu: menu(&[("1", "12.34")]),
        ..revision(&[("1", 5), ("99", 1)])
    };
    given::<Order>(approved())
        .when(revise(wanted))
        .then_error(OrderError::Unorderable(Unorderable::UnknownMenuItem {
            line: 1,
            menu_item_id: "99".parse().unwrap(),
        }));
}

#[test]
fn closed_restaurant_refuses_new_items_and_allows_changed_quantities() {
    let closed = Unorderable::RestaurantClosed(five_vindaloos().restaurant_id);
    let with_menu = |lines: &[(&str, u32)]| {
        revise(Revision {
            menu: MenuAnswer::Nothing(closed.clone()),
            ..revision(lines)
        })
    };
    given::<Order>(approved())
        .when(with_menu(&[("2", 1)]))
        .then_error(OrderError::Unorderable(closed.clone()));
    given::<Order>(approved())
        .when(with_menu(&[("1", 10)]))
        .then([proposed(vec![line("1", "12.34", 10)], "123.40", None)]);
}

#[test]
fn total_above_the_maximum_is_refused() {
    let wanted = Revision {
        menu: menu(&[("2", "9999999999.99")]),
        ..revision(&[("2", 2)])
    };
    given::<Order>(approved())
        .when(revise(wanted))
        .then_error(OrderError::Unorderable(Unorderable::TotalTooLarge));
}

#[test]
fn only_changed_delivery_fields_are_proposed() {
    let elsewhere = address("10 Amazing View");
    let wanted = Revision {
        delivery: to(Some(elsewhere.clone()), Some(five_vindaloos().delivery_time)),
        ..revision(&[("1", 5)])
    };
    given::<Order>(approved()).when(revise(wanted)).then([proposed(
        vec![line("1", "12.34", 5)],
        "61.70",
        Some(to(Some(elsewhere), None)),
    )]);
}

#[test]
fn revision_that_changes_nothing_stores_no_event() {
    let placed = five_vindaloos();
    let wanted = Revision {
        delivery: to(Some(placed.delivery_address), Some(placed.delivery_time)),
        ..revision(&[("1", 5)])
    };
    given::<Order>(approved()).when(revise(wanted)).then([]);
}

#[test]
fn reordered_lines_change_nothing() {
    let lines = LineItems::new(vec![line("1", "12.34", 5), line("2", "3.00", 1)]).unwrap();
    let mut history = approved();
    history.push(OrderEvent::OrderRevised {
        revision: 1,
        current_order_total: "61.70".parse().unwrap(),
        new_order_total: lines.total(),
        line_items: lines,
        delivery: None,
    });
    given::<Order>(history)
        .when(revise(revision(&[("2", 1), ("1", 5)])))
        .then([]);
}

#[test]
fn confirmed_revision_changes_the_order() {
    let later: Moment = "2026-11-23T20:00:00Z".parse().unwrap();
    let wanted = Revision {
        delivery: to(Some(address("10 Amazing View")), Some(later)),
        ..revision(&[("1", 10)])
    };
    let mut history = approved();
    history.push(proposed(
        vec![line("1", "12.34", 10)],
        "123.40",
        Some(wanted.delivery),
    ));
    let order = given::<Order>(history)
        .when(OrderCommand::ConfirmRevision { revision: 1 })
        .then_state()
        .0
        .unwrap();
    assert_eq!(order.line_items.total().to_string(), "123.40");
    assert_eq!(order.delivery_address, address("10 Amazing View"));
    assert_eq!(order.delivery_time, later);
    assert_eq!((order.status, order.proposal), (OrderStatus::Approved, None));
}

#[test]
fn rejected_revision_keeps_and_reports_the_order() {
    let reason: contracts::ReasonCode = "INSUFFICIENT_CREDIT".parse().unwrap();
    let reject = OrderCommand::RejectRevision {
        revision: 1,
        reason: reason.clone(),
    };
    given::<Order>(order_in(OrderStatus::RevisionPending))
        .when(reject)
        .then([OrderEvent::OrderRevisionRejected {
            revision: 1,
            reason,
            line_items: five_vindaloos().line_items,
            order_total: "61.70".parse().unwrap(),
        }]);
}

#[test]
fn revision_numbers_increase_after_a_rejection() {
    let mut history = order_in(OrderStatus::RevisionPending);
    let kept = five_vindaloos().line_items;
    history.push(OrderEvent::OrderRevisionRejected {
        revision: 1,
        reason: "INSUFFICIENT_CREDIT".parse().unwrap(),
        order_total: kept.total(),
        line_items: kept,
    });
    let order = given::<Order>(history)
        .when(revise(revision(&[("1", 6)])))
        .then_state()
        .0
        .unwrap();
    assert_eq!(order.revision, 2);
}
