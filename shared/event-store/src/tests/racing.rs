use crate::tests::fixture::{Fixture, at, once, patient};
use crate::tests::jar::{Command, Jar, add};
use crate::{EventStore, ExecuteError};
use futures::future::join_all;

async fn raced(fixture: &Fixture, max_attempts: u32) -> Vec<Result<u64, u32>> {
    fixture.cold().create("a", &add(1), &once()).await.unwrap();
    // All stores have loaded version 1 before any of them appends.
    let stores: Vec<EventStore<Jar>> = (0..20)
        .map(|_| fixture.with_options(patient(max_attempts)))
        .collect();
    for store in &stores {
        let nothing = Command::Add(vec![]);
        store.execute("a", &nothing, &once()).await.unwrap();
    }
    let race = stores.iter().map(|store| async {
        match store.execute("a", &add(1), &once()).await {
            Ok(executed) => Ok(executed.version),
            Err(ExecuteError::Conflict { attempts }) => Err(attempts),
            Err(other) => panic!("{other}"),
        }
    });
    join_all(race).await
}

#[tokio::test]
async fn c2_of_20_appends_at_one_version_one_is_acknowledged_and_stored() {
    let fixture = Fixture::new().await;
    let outcomes = raced(&fixture, 1).await;
    // A store that started late may have read the winner's commit first, and then appended after it.
    let mut acknowledged: Vec<u64> = outcomes.iter().filter_map(|o| o.ok()).collect();
    acknowledged.sort_unstable();
    let (state, version) = fixture.folded("a").await;
    assert_eq!(version, 1 + acknowledged.len() as u64);
    assert_eq!(state.coins, version);
    assert_eq!(
        acknowledged,
        (2..=version).collect::<Vec<_>>(),
        "one winner per version"
    );
}

#[tokio::test]
async fn c2_losers_decide_again_until_each_command_is_stored_once() {
    let fixture = Fixture::new().await;
    let mut versions: Vec<u64> = raced(&fixture, 60)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=21).collect::<Vec<_>>());
    assert_eq!(fixture.folded("a").await.0.coins, 21);
}

#[tokio::test]
async fn racing_creations_have_one_winner_and_the_others_append_after_it() {
    let fixture = Fixture::new().await;
    let stores: Vec<EventStore<Jar>> = (0..10).map(|_| fixture.with_options(patient(60))).collect();
    let race = stores
        .iter()
        .map(|store| async { store.create("a", &add(1), &once()).await.unwrap().version });
    let mut versions = join_all(race).await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn loser_decides_again_on_the_state_after_the_winner() {
    let fixture = Fixture::new().await;
    let (one, other) = (fixture.cold(), fixture.cold());
    one.execute("a", &add(10), &once()).await.unwrap();
    other.execute("a", &Command::Take(1), &once()).await.unwrap();
    one.execute("a", &Command::Take(8), &once()).await.unwrap();
    // Its cached state has nine coins; one is left.
    let refused = other.execute("a", &Command::Take(5), &once()).await.unwrap_err();
    assert!(
        matches!(refused, ExecuteError::Refused(ref few) if few.coins == 1),
        "{refused:?}"
    );
}

#[tokio::test]
async fn c4_a_clock_that_runs_backwards_changes_nothing() {
    let fixture = Fixture::new().await;
    let (one, other) = (fixture.cold(), fixture.cold());
    for step in 0..10 {
        let mut context = once();
        context.now = at(-step * 3_600);
        let store = if step % 2 == 0 { &one } else { &other };
        let executed = store.execute("a", &add(1), &context).await.unwrap();
        assert_eq!(executed.version, u64::try_from(step).unwrap() + 1);
        assert_eq!(executed.time, context.now);
    }
    assert_eq!(fixture.folded("a").await.0.coins, 10);
    assert_eq!(fixture.cold().load("a").await.unwrap().time, Some(at(-9 * 3_600)));
}

#[tokio::test]
async fn concurrent_commands_of_one_process_run_in_turn_and_cost_one_write_each() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.create("a", &add(1), &once()).await.unwrap();
    let together = join_all((0..20).map(|_| {
        let store = store.clone();
        async move { store.execute("a", &add(1), &once()).await.unwrap().consumed }
    }));
    let calls: u32 = together.await.iter().map(|consumed| consumed.calls).sum();
    assert_eq!(calls, 20, "no write was refused and nothing was read");
}
