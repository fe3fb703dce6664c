use super::*;
use event_store::testing::given;
use uuid::Uuid;

fn order(n: u128) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(n))
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn opened() -> AccountEvent {
    AccountEvent::AccountOpened {}
}

fn limit(text: &str) -> AccountEvent {
    AccountEvent::CreditLimitSet {
        credit_limit: money(text),
    }
}

fn authorized(n: u128, amount: &str) -> AccountEvent {
    AccountEvent::PaymentAuthorized {
        order_id: order(n),
        amount: money(amount),
    }
}

fn declined(n: u128, amount: &str, reason: DeclineReason) -> AccountEvent {
    AccountEvent::PaymentDeclined {
        order_id: order(n),
        amount: money(amount),
        reason,
    }
}

fn revised(n: u128, revision: u32, amount: &str) -> AccountEvent {
    AccountEvent::PaymentRevised {
        order_id: order(n),
        revision,
        amount: money(amount),
    }
}

fn revision_declined(n: u128, revision: u32, amount: &str) -> AccountEvent {
    AccountEvent::PaymentRevisionDeclined {
        order_id: order(n),
        revision,
        amount: money(amount),
        reason: DeclineReason::InsufficientCredit,
    }
}

fn undone(n: u128, revision: u32, amount: &str) -> AccountEvent {
    AccountEvent::PaymentRevisionUndone {
        order_id: order(n),
        revision,
        amount: money(amount),
    }
}

fn reversed(n: u128, amount: &str) -> AccountEvent {
    AccountEvent::PaymentReversed {
        order_id: order(n),
        amount: money(amount),
    }
}

fn captured(n: u128, amount: &str) -> AccountEvent {
    AccountEvent::PaymentCaptured {
        order_id: order(n),
        amount: money(amount),
    }
}

fn revise(n: u128, revision: u32, amount: &str) -> AccountCommand {
    AccountCommand::ReviseAuthorization {
        order_id: order(n),
        amount: money(amount),
        revision,
    }
}

fn undo(n: u128, revision: u32, amount: &str) -> AccountCommand {
    AccountCommand::UndoRevision {
        order_id: order(n),
        revision,
        amount: money(amount),
    }
}

fn reverse(n: u128) -> AccountCommand {
    AccountCommand::Reverse { order_id: order(n) }
}

fn capture(n: u128) -> AccountCommand {
    AccountCommand::Capture { order_id: order(n) }
}

fn authorize(n: u128, amount: &str, consumer: Consumer) -> AccountCommand {
    AccountCommand::Authorize {
        order_id: order(n),
        amount: money(amount),
        consumer,
    }
}

fn set_limit(text: &str, consumer: Consumer) -> AccountCommand {
    AccountCommand::SetLimit {
        credit_limit: money(text),
        consumer,
    }
}

#[test]
fn an_account_is_opened_once() {
    given::<Account>([]).when(AccountCommand::Open).then([opened()]);
    given::<Account>([opened()]).when(AccountCommand::Open).then([]);
}

#[test]
fn without_a_limit_every_amount_is_authorized() {
    given::<Account>([opened()])
        .when(authorize(1, "9999.99", Consumer::NotAsked))
        .then([authorized(1, "9999.99")]);
}

#[test]
fn an_amount_within_the_limit_is_authorized() {
    given::<Account>([opened(), limit("15.00")])
        .when(authorize(1, "12.34", Consumer::NotAsked))
        .then([authorized(1, "12.34")]);
}

#[test]
fn held_back_amounts_count_against_the_limit() {
    given::<Account>([opened(), limit("15.00"), authorized(1, "12.34")])
        .when(authorize(2, "2.67", Consumer::NotAsked))
        .then([declined(2, "2.67", DeclineReason::InsufficientCredit)]);
}

#[test]
fn amount_equal_to_the_available_credit_is_authorized() {
    given::<Account>([opened(), limit("15.00"), authorized(1, "12.34")])
        .when(authorize(2, "2.66", Consumer::NotAsked))
        .then([authorized(2, "2.66")]);
}

#[test]
fn an_order_is_authorized_once() {
    given::<Account>([opened(), limit("15.00"), authorized(1, "12.34")])
        .when(authorize(1, "12.34", Consumer::NotAsked))
        .then([]);
}

#[test]
fn unopened_account_refuses_until_the_consumer_is_known() {
    given::<Account>([])
        .when(authorize(1, "12.34", Consumer::NotAsked))
        .then_error(AccountError::NotOpened);
    given::<Account>([])
        .when(set_limit("15.00", Consumer::NotAsked))
        .then_error(AccountError::NotOpened);
}

#[test]
fn order_that_arrives_before_the_opening_opens_the_account() {
    given::<Account>([])
        .when(authorize(1, "12.34", Consumer::Exists))
        .then([opened(), authorized(1, "12.34")]);
}

#[test]
fn an_order_of_an_unknown_consumer_is_declined() {
    given::<Account>([])
        .when(authorize(1, "12.34", Consumer::Unknown))
        .then([declined(1, "12.34", DeclineReason::UnknownConsumer)]);
}

#[test]
fn limit_that_arrives_before_the_opening_opens_the_account() {
    given::<Account>([])
        .when(set_limit("15.00", Consumer::Exists))
        .then([opened(), limit("15.00")]);
}

#[test]
fn an_unknown_consumer_gets_no_limit() {
    given::<Account>([])
        .when(set_limit("15.00", Consumer::Unknown))
        .then_error(AccountError::UnknownConsumer);
}

#[test]
fn repeated_limit_stores_nothing() {
    given::<Account>([opened(), limit("15.00")])
        .when(set_limit("15.00", Consumer::NotAsked))
        .then([]);
}

#[test]
fn lowered_limit_keeps_held_back_amounts_and_declines_the_next_order() {
    given::<Account>([opened(), limit("15.00"), authorized(1, "12.34"), limit("10.00")])
        .when(authorize(2, "0.01", Consumer::NotAsked))
        .then([declined(2, "0.01", DeclineReason::InsufficientCredit)]);
}

#[test]
fn an_order_does_not_count_against_its_own_revision() {
    given::<Account>([opened(), limit("15.00"), authorized(1, "12.34")])
        .when(revise(1, 1, "15.00"))
        .then([revised(1, 1, "15.00")]);
}

#[test]
fn revision_beyond_the_limit_is_declined_and_keeps_the_previous_amount() {
    let history = [
        opened(),
        limit("15.00"),
        authorized(1, "10.00"),
        authorized(2, "4.00"),
    ];
    given::<Account>(history.clone())
        .when(revise(1, 1, "11.01"))
        .then([revision_declined(1, 1, "11.01")]);
    let after = given::<Account>(history).when(revise(1, 1, "11.01")).then_state();
    assert_eq!(after.held_back(), 1_400);
}

#[test]
fn revision_that_costs_no_more_is_granted_below_the_limit_too() {
    for amount in ["12.34", "12.33", "0.00"] {
        given::<Account>([opened(), authorized(1, "12.34"), limit("1.00")])
            .when(revise(1, 1, amount))
            .then([revised(1, 1, amount)]);
    }
}

#[test]
fn a_revision_is_answered_once() {
    for answer in [revised(1, 2, "5.00"), revision_declined(1, 2, "99.00")] {
        let history = [opened(), limit("15.00"), authorized(1, "12.34"), answer];
        for late in [1, 2] {
            given::<Account>(history.clone())
                .when(revise(1, late, "99.00"))
                .then([]);
        }
        given::<Account>(history)
            .when(revise(1, 3, "99.00"))
            .then([revision_declined(1, 3, "99.00")]);
    }
}

#[test]
fn revision_of_an_order_without_authorization_is_declined() {
    for history in [
        vec![],
        vec![opened()],
        vec![opened(), authorized(1, "12.34"), reversed(1, "12.34")],
        vec![opened(), authorized(1, "12.34"), captured(1, "12.34")],
    ] {
        given::<Account>(history)
            .when(revise(1, 1, "1.00"))
            .then([revision_declined(1, 1, "1.00")]);
    }
}

#[test]
fn reverted_revision_holds_back_the_previous_amount_whatever_the_limit() {
    given::<Account>([
        opened(),
        authorized(1, "12.34"),
        revised(1, 1, "5.00"),
        limit("5.00"),
    ])
    .when(undo(1, 1, "12.34"))
    .then([undone(1, 1, "12.34")]);
}

#[test]
fn reverting_a_revision_that_changed_no_amount_stores_nothing() {
    for answer in [revised(1, 1, "12.34"), revision_declined(1, 1, "99.00")] {
        given::<Account>([opened(), authorized(1, "12.34"), answer])
            .when(undo(1, 1, "12.34"))
            .then([]);
    }
}

#[test]
fn late_revert_does_not_change_the_next_revision_or_reopen_the_authorization() {
    let history = [
        opened(),
        authorized(1, "12.34"),
        revised(1, 1, "5.00"),
        undone(1, 1, "12.34"),
        revised(1, 2, "8.00"),
    ];
    given::<Account>(history.clone())
        .when(undo(1, 1, "12.34"))
        .then([]);
    let ended = history.into_iter().chain([reversed(1, "8.00")]);
    given::<Account>(ended).when(undo(1, 2, "12.34")).then([]);
}

#[test]
fn ended_order_is_no_longer_held_back() {
    let history = [opened(), authorized(1, "12.34"), revised(1, 1, "5.00")];
    given::<Account>(history.clone())
        .when(reverse(1))
        .then([reversed(1, "5.00")]);
    given::<Account>(history.clone())
        .when(capture(1))
        .then([captured(1, "5.00")]);
    for (end, paid) in [(reverse(1), 0), (capture(1), 500)] {
        let after = given::<Account>(history.clone()).when(end).then_state();
        assert_eq!((after.held_back(), after.captured), (0, paid));
    }
}

#[test]
fn a_payment_ends_once() {
    for end in [reversed(1, "12.34"), captured(1, "12.34")] {
        for again in [reverse(1), capture(1)] {
            given::<Account>([opened(), authorized(1, "12.34"), end.clone()])
                .when(again)
                .then([]);
        }
    }
    given::<Account>([]).when(reverse(1)).then([]);
}

#[test]
fn captured_sum_saturates_at_the_largest_number() {
    let state = AccountState {
        captured: i64::MAX - 1,
        ..AccountState::default()
    };
    assert_eq!(evolve(state, &captured(1, "12.34")).captured, i64::MAX);
}

/// Returns the history of an account with this many open orders of the largest amount.
fn full(orders: usize) -> Vec<AccountEvent> {
    let order = |n| {
        [
            authorized(n, "9999999999.99"),
            revised(n, u32::MAX, "9999999999.99"),
        ]
    };
    let orders = (0..orders as u128).flat_map(order);
    [opened()].into_iter().chain(orders).collect()
}

#[test]
fn order_beyond_the_maximum_of_open_authorizations_is_declined() {
    given::<Account>(full(MAX_OPEN_AUTHORIZATIONS))
        .when(authorize(5_000, "0.01", Consumer::NotAsked))
        .then([declined(5_000, "0.01", DeclineReason::InsufficientCredit)]);
    given::<Account>(full(MAX_OPEN_AUTHORIZATIONS - 1))
        .when(authorize(5_000, "0.01", Consumer::NotAsked))
        .then([authorized(5_000, "0.01")]);
}

#[test]
fn full_account_is_under_100_kb() {
    let state = given::<Account>(full(MAX_OPEN_AUTHORIZATIONS)).state();
    // JSON is a little longer than the size that DynamoDB counts.
    assert!(serde_json::to_vec(&state).unwrap().len() < 100_000);
    assert!(Money::from_minor(state.held_back()).is_err());
}

#[test]
fn declined_orders_do_not_change_the_state() {
    let before = [opened(), limit("15.00")]
        .iter()
        .fold(AccountState::default(), evolve);
    let after = (0..1_000)
        .map(|n| declined(n, "61.70", DeclineReason::InsufficientCredit))
        .fold(before.clone(), |state, event| evolve(state, &event));
    assert_eq!(after, before);
}
