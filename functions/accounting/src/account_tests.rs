use super::*;
use event_store::testing::given;
use proptest::prelude::*;
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
fn what_is_held_back_counts_against_the_limit() {
    given::<Account>([opened(), limit("15.00"), authorized(1, "12.34")])
        .when(authorize(2, "2.67", Consumer::NotAsked))
        .then([declined(2, "2.67", DeclineReason::InsufficientCredit)]);
}

#[test]
fn the_limit_may_be_used_up_to_the_last_cent() {
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
fn an_account_that_is_not_open_asks_for_the_consumer_first() {
    given::<Account>([])
        .when(authorize(1, "12.34", Consumer::NotAsked))
        .then_error(AccountError::NotOpened);
    given::<Account>([])
        .when(set_limit("15.00", Consumer::NotAsked))
        .then_error(AccountError::NotOpened);
}

#[test]
fn an_order_that_is_faster_than_the_accounts_opening_opens_it() {
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
fn a_limit_that_is_faster_than_the_accounts_opening_opens_it() {
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
fn the_same_limit_again_stores_nothing() {
    given::<Account>([opened(), limit("15.00")])
        .when(set_limit("15.00", Consumer::NotAsked))
        .then([]);
}

#[test]
fn a_limit_below_what_is_held_back_keeps_that_and_declines_the_next() {
    given::<Account>([opened(), limit("15.00"), authorized(1, "12.34"), limit("10.00")])
        .when(authorize(2, "0.01", Consumer::NotAsked))
        .then([declined(2, "0.01", DeclineReason::InsufficientCredit)]);
}

#[test]
fn declined_orders_leave_no_trace_in_the_state() {
    let before = [opened(), limit("15.00")]
        .iter()
        .fold(AccountState::default(), evolve);
    let after = (0..1_000)
        .map(|n| declined(n, "61.70", DeclineReason::InsufficientCredit))
        .fold(before.clone(), |state, event| evolve(state, &event));
    assert_eq!(after, before);
}

fn any_command() -> impl Strategy<Value = AccountCommand> {
    let consumer = prop_oneof![
        Just(Consumer::NotAsked),
        Just(Consumer::Exists),
        Just(Consumer::Unknown)
    ];
    prop_oneof![
        1 => Just(AccountCommand::Open),
        2 => (0..5_000_i64, consumer.clone()).prop_map(|(minor, consumer)| AccountCommand::SetLimit {
            credit_limit: Money::from_minor(minor).unwrap(),
            consumer,
        }),
        // Few orders, so that some come again.
        6 => (0..12_u128, 0..2_000_i64, consumer).prop_map(|(n, minor, consumer)| AccountCommand::Authorize {
            order_id: order(n),
            amount: Money::from_minor(minor).unwrap(),
            consumer,
        }),
    ]
}

proptest! {
    #[test]
    fn open_authorizations_never_exceed_the_limit_in_force_when_one_is_given(
        commands in prop::collection::vec(any_command(), 0..60)
    ) {
        let mut state = AccountState::default();
        for command in commands {
            for event in decide(&state, &command).unwrap_or_default() {
                let limit = state.credit_limit;
                state = evolve(state, &event);
                if let (AccountEvent::PaymentAuthorized { .. }, Some(limit)) = (&event, limit) {
                    prop_assert!(state.held_back() <= limit.minor());
                }
            }
            prop_assert!(state.opened || state.open_authorizations.is_empty());
        }
    }
}
