//! Commands under a condition of their caller.

use crate::ExecuteError;
use crate::tests::fixture::{Fixture, keyed, once};
use crate::tests::jar::{Command, State, TooFew, add};

/// Refuses a jar with more than ten coins.
fn at_most_ten(state: &State) -> Result<(), TooFew> {
    match state.coins {
        0..=10 => Ok(()),
        coins => Err(TooFew { coins }),
    }
}

#[tokio::test]
async fn c11_a_condition_costs_nothing() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    let plain = store.execute("a", &add(1), &once()).await.unwrap();
    let conditional = fixture
        .cold()
        .execute_if("b", &at_most_ten, &add(1), &once())
        .await
        .unwrap();
    assert_eq!(conditional.consumed, plain.consumed);
    let cached = store
        .execute_if("a", &at_most_ten, &add(1), &once())
        .await
        .unwrap();
    assert_eq!(cached.consumed.calls, 1);
}

#[tokio::test]
async fn condition_that_does_not_hold_refuses_and_stores_nothing() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.execute("a", &add(11), &once()).await.unwrap();
    let refused = store.execute_if("a", &at_most_ten, &add(1), &once()).await;
    assert!(matches!(
        refused,
        Err(ExecuteError::Refused(TooFew { coins: 11 }))
    ));
    assert_eq!(fixture.folded("a").await.0.coins, 11);
}

#[tokio::test]
async fn condition_is_asked_of_the_latest_state() {
    let fixture = Fixture::new().await;
    let (store, other) = (fixture.cold(), fixture.cold());
    store.execute("a", &add(11), &once()).await.unwrap();
    // This store still knows eleven coins.
    other.execute("a", &Command::Take(11), &once()).await.unwrap();
    let done = store
        .execute_if("a", &at_most_ten, &add(1), &once())
        .await
        .unwrap();
    assert_eq!(done.state.coins, 1);

    // This store still knows one coin. The append finds that there are more, and the condition is asked again.
    other.execute("a", &add(20), &once()).await.unwrap();
    let refused = store.execute_if("a", &at_most_ten, &add(1), &once()).await;
    assert!(
        matches!(refused, Err(ExecuteError::Refused(TooFew { coins: 21 }))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn repeated_command_gets_its_reply_when_the_condition_no_longer_holds() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    let first = store
        .execute_if("a", &at_most_ten, &add(11), &keyed("k", "b"))
        .await
        .unwrap();
    for store in [&store, &fixture.cold()] {
        let again = store
            .execute_if("a", &at_most_ten, &add(11), &keyed("k", "b"))
            .await
            .unwrap();
        assert!(again.replayed);
        assert_eq!(again.state, first.state);
    }
}
