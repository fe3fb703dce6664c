//! Commands on a state that was loaded before.

use crate::ExecuteError;
use crate::tests::fixture::{Fixture, keyed, once};
use crate::tests::jar::{Command, TooFew, add};

#[tokio::test]
async fn c11_a_command_on_a_loaded_state_costs_one_write_unit_more_than_the_load() {
    let fixture = Fixture::new().await;
    fixture.cold().execute("a", &add(1), &once()).await.unwrap();
    let store = fixture.cold();
    let loaded = store.load("a").await.unwrap();
    assert_eq!((loaded.consumed.calls, loaded.consumed.read_units), (1, 1.0));
    let executed = store.execute_loaded(loaded, &add(2), &once()).await.unwrap();
    assert_eq!((executed.state.coins, executed.version), (3, 2));
    let cost = executed.consumed;
    assert_eq!((cost.calls, cost.read_units, cost.write_units), (1, 0.0, 1.0));
}

#[tokio::test]
async fn a_refusal_on_a_loaded_state_costs_nothing_more() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    let loaded = store.load("a").await.unwrap();
    let refused = store.execute_loaded(loaded, &Command::Take(1), &once()).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(TooFew { coins: 0 }))));
}

#[tokio::test]
async fn c12_a_repeated_command_is_recognized_on_a_loaded_state() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    let first = store.execute("a", &add(1), &keyed("k", "b")).await.unwrap();
    store.execute("a", &add(10), &once()).await.unwrap();
    for store in [&store, &fixture.cold()] {
        let loaded = store.load("a").await.unwrap();
        let again = store
            .execute_loaded(loaded, &add(1), &keyed("k", "b"))
            .await
            .unwrap();
        assert!(again.replayed);
        assert_eq!((again.version, &again.state), (first.version, &first.state));
        let loaded = store.load("a").await.unwrap();
        let other = store.execute_loaded(loaded, &add(2), &keyed("k", "other")).await;
        assert!(matches!(other, Err(ExecuteError::KeyReused)), "{other:?}");
    }
    assert_eq!(fixture.folded("a").await.0.coins, 11);
}

#[tokio::test]
async fn command_is_decided_again_after_commits_since_the_load() {
    let fixture = Fixture::new().await;
    let (store, other) = (fixture.cold(), fixture.cold());
    store.execute("a", &add(1), &once()).await.unwrap();
    let loaded = store.load("a").await.unwrap();
    other.execute("a", &Command::Take(1), &once()).await.unwrap();
    let refused = store.execute_loaded(loaded, &Command::Take(1), &once()).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(TooFew { coins: 0 }))));
    let loaded = store.load("a").await.unwrap();
    other.execute("a", &add(10), &once()).await.unwrap();
    let executed = store.execute_loaded(loaded, &add(5), &once()).await.unwrap();
    assert_eq!((executed.state.coins, executed.version), (15, 4));
}
