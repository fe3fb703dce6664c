use super::*;
use contracts::{LineItem, Quantity};
use event_store::testing::given;

fn five_vindaloos() -> Draft {
    Draft {
        consumer_id: "con_00000000000000000000000000000001".parse().unwrap(),
        restaurant_id: "rst_00000000000000000000000000000002".parse().unwrap(),
        restaurant_name: "Ajanta".parse().unwrap(),
        line_items: LineItems::new(vec![LineItem {
            menu_item_id: "1".parse().unwrap(),
            name: "Chicken Vindaloo".parse().unwrap(),
            price: "12.34".parse().unwrap(),
            quantity: Quantity::new(5).unwrap(),
        }])
        .unwrap(),
        delivery_address: Address {
            street1: "9 Amazing View".parse().unwrap(),
            street2: None,
            city: "Oakland".parse().unwrap(),
            state: "CA".parse().unwrap(),
            zip: "94612".parse().unwrap(),
        },
        delivery_time: "2026-11-23T18:30:00Z".parse().unwrap(),
    }
}

fn create() -> OrderCommand {
    OrderCommand::Create(Box::new(five_vindaloos()))
}

fn order_created() -> OrderEvent {
    created(&five_vindaloos())
}

fn reject(reason: &str) -> OrderCommand {
    OrderCommand::Reject {
        reason: reason.parse().unwrap(),
    }
}

fn order_rejected(reason: &str) -> OrderEvent {
    OrderEvent::OrderRejected {
        reason: reason.parse().unwrap(),
    }
}

fn not_in(status: OrderStatus, command: &'static str) -> OrderError {
    OrderError::InvalidTransition { command, status }
}

#[test]
fn an_order_is_placed_with_its_total() {
    given::<Order>([]).when(create()).then([order_created()]);
    assert!(matches!(
        order_created(),
        OrderEvent::OrderCreated { order_total, .. } if order_total.to_string() == "61.70"
    ));
}

#[test]
fn an_order_is_placed_once() {
    given::<Order>([order_created()])
        .when(create())
        .then_error(not_in(OrderStatus::ApprovalPending, "be created again"));
}

#[test]
fn what_is_on_no_menu_is_refused() {
    let why = Unorderable::UnknownMenuItem {
        line: 0,
        menu_item_id: "2".parse().unwrap(),
    };
    given::<Order>([])
        .when(OrderCommand::CreateUnorderable(why.clone()))
        .then_error(OrderError::Unorderable(why));
}

#[test]
fn a_pending_order_is_approved() {
    given::<Order>([order_created()])
        .when(OrderCommand::Approve)
        .then([OrderEvent::OrderApproved {}]);
}

#[test]
fn approving_an_approved_order_changes_nothing() {
    given::<Order>([order_created(), OrderEvent::OrderApproved {}])
        .when(OrderCommand::Approve)
        .then([]);
}

#[test]
fn a_pending_order_is_rejected_with_the_reason() {
    given::<Order>([order_created()])
        .when(reject("INSUFFICIENT_CREDIT"))
        .then([order_rejected("INSUFFICIENT_CREDIT")]);
}

#[test]
fn rejecting_a_rejected_order_changes_nothing() {
    given::<Order>([order_created(), order_rejected("INSUFFICIENT_CREDIT")])
        .when(reject("UNKNOWN_CONSUMER"))
        .then([]);
}

#[test]
fn an_approved_order_is_not_rejected() {
    given::<Order>([order_created(), OrderEvent::OrderApproved {}])
        .when(reject("INSUFFICIENT_CREDIT"))
        .then_error(not_in(OrderStatus::Approved, "be rejected"));
}

#[test]
fn a_rejected_order_is_not_approved() {
    given::<Order>([order_created(), order_rejected("INSUFFICIENT_CREDIT")])
        .when(OrderCommand::Approve)
        .then_error(not_in(OrderStatus::Rejected, "be approved"));
}

#[test]
fn an_order_that_does_not_exist_is_neither_approved_nor_rejected() {
    for command in [OrderCommand::Approve, reject("INSUFFICIENT_CREDIT")] {
        given::<Order>([])
            .when(command)
            .then_error(OrderError::NotCreated);
    }
}

#[test]
fn the_state_rides_free() {
    let state = [order_created(), OrderEvent::OrderApproved {}]
        .iter()
        .fold(OrderState::default(), Order::evolve);
    assert!(serde_json::to_string(&state).unwrap().len() < 100);
}
