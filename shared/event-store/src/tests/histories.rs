//! After any history and in any process, the state is the fold of the events.

use crate::tests::fixture::{Fixture, keyed, once, patient};
use crate::tests::jar::{Command, Jar, JarOf, NewerJar};
use crate::{EventStore, ExecuteError};
use futures::future::join_all;
use proptest::prelude::*;
use std::collections::HashMap;
use tokio::runtime::Runtime;

#[derive(Debug, Clone)]
enum Step {
    /// Executes a command in the process with this number; 3 is a new process.
    Do(usize, Command),
    /// Repeats the command before the last `n` ones, in the process with this number.
    Again(usize, usize),
    /// Executes a command in code with another state schema.
    Newer(Command),
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => prop::collection::vec(0..100_u64, 1..4).prop_map(Command::Add),
        2 => (0..100_u64).prop_map(Command::Take),
        2 => (0..3_000_usize).prop_map(Command::Write),
        1 => (0..3_usize).prop_map(|n| Command::WriteOnce(n * 700)),
        1 => (0..100_u64, 0..2_000_usize).prop_map(|(coins, bytes)| Command::AddLabelled(coins, bytes)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4_usize, command()).prop_map(|(by, command)| Step::Do(by, command)),
        2 => (0..4_usize, 0..16_usize).prop_map(|(by, back)| Step::Again(by, back)),
        1 => command().prop_map(Step::Newer),
    ]
}

async fn any_history_loads_as_the_fold_of_its_events(steps: Vec<Step>) {
    let fixture = Fixture::new().await;
    let warm: Vec<EventStore<Jar>> = (0..3).map(|_| fixture.cold()).collect();
    let newer = fixture.store_of::<NewerJar>();
    let process = |by: usize| warm.get(by).cloned().unwrap_or_else(|| fixture.cold());
    let mut done: Vec<(String, Command, u64)> = Vec::new();

    for (number, step) in steps.into_iter().enumerate() {
        let key = format!("command {number}");
        let outcome = match &step {
            Step::Do(by, command) => process(*by)
                .execute("a", command, &keyed(&key, ""))
                .await
                .map(|e| (e.version, e.events.len())),
            Step::Newer(command) => newer
                .execute("a", command, &keyed(&key, ""))
                .await
                .map(|e| (e.version, e.events.len())),
            Step::Again(by, back) => {
                let Some((key, command, version)) = done.iter().rev().nth(*back) else {
                    continue;
                };
                let again = process(*by).execute("a", command, &keyed(key, "")).await.unwrap();
                assert!(again.replayed, "{key} was executed again");
                assert_eq!(again.version, *version);
                continue;
            }
        };
        match (outcome, step) {
            (Ok((version, 1..)), Step::Do(_, command) | Step::Newer(command)) => {
                done.push((key, command, version))
            }
            (Ok(_) | Err(ExecuteError::Refused(_)), _) => {}
            (Err(error), _) => panic!("{error:?}"),
        }
        let (state, version) = fixture.folded("a").await;
        assert_eq!(version, done.last().map_or(0, |(_, _, version)| *version));
        let cold = fixture.cold().load("a").await.unwrap();
        assert_eq!((&cold.state, cold.version), (&state, version), "cold");
        let other_interval = fixture.store_of::<JarOf<1, 9>>().load("a").await.unwrap();
        assert_eq!(&other_interval.state, &state, "with another snapshot interval");
        assert_eq!(&warm[0].load("a").await.unwrap().state, &state, "warm");
        assert_eq!(
            &newer.load("a").await.unwrap().state,
            &state,
            "with another state schema"
        );
    }
}

/// Runs writers with separate caches. Each command has its own key, and some are sent twice at the same time.
async fn concurrent_writers_agree(writers: Vec<Vec<(Command, bool)>>) {
    let fixture = Fixture::new().await;
    let run = writers.into_iter().enumerate().map(|(writer, commands)| {
        let (store, twin) = (
            fixture.with_options(patient(80)),
            fixture.with_options(patient(80)),
        );
        async move {
            let mut stored = Vec::new();
            for (number, (command, twice)) in commands.into_iter().enumerate() {
                let context = keyed(&format!("{writer}/{number}"), "");
                let outcomes = if twice {
                    join_all([
                        store.execute("a", &command, &context),
                        twin.execute("a", &command, &context),
                    ])
                    .await
                } else {
                    vec![store.execute("a", &command, &context).await]
                };
                let mut positions = Vec::new();
                for outcome in outcomes {
                    match outcome {
                        Ok(executed) if !executed.events.is_empty() => positions.push(executed.version),
                        Ok(_) | Err(ExecuteError::Refused(_)) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
                positions.dedup();
                assert!(
                    positions.len() <= 1,
                    "one command was stored twice: {positions:?}"
                );
                stored.extend(positions.into_iter().map(|version| (context.command_id, version)));
            }
            stored
        }
    });
    let acknowledged: HashMap<_, _> = join_all(run).await.into_iter().flatten().collect();

    let commits = fixture.commits("a").await;
    let stored: HashMap<_, _> = commits.iter().map(|c| (c.command_id, c.last())).collect();
    assert_eq!(stored.len(), commits.len(), "a command was stored twice");
    assert_eq!(stored, acknowledged);
    let (state, version) = fixture.folded("a").await;
    let loaded = fixture.cold().load("a").await.unwrap();
    assert_eq!((loaded.state, loaded.version), (state, version));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_loads_as_its_fold(steps in prop::collection::vec(step(), 1..30)) {
        Runtime::new().unwrap().block_on(any_history_loads_as_the_fold_of_its_events(steps));
    }

    #[test]
    fn concurrent_writers_store_each_command_once(
        writers in prop::collection::vec(prop::collection::vec((command(), any::<bool>()), 1..6), 2..6)
    ) {
        Runtime::new().unwrap().block_on(concurrent_writers_agree(writers));
    }
}

#[tokio::test]
async fn command_repeated_during_other_appends_is_stored_once() {
    let fixture = Fixture::new().await;
    let other = fixture.cold();
    for round in 0..20 {
        let context = keyed(&format!("round {round}"), "");
        let (one, twin) = (fixture.cold(), fixture.cold());
        let command = Command::Add(vec![1]);
        let between = Command::Write(round);
        let first = one.execute("a", &command, &context);
        let second = twin.execute("a", &command, &context);
        let unique = once();
        let third = other.execute("a", &between, &unique);
        let (first, second, third) = futures::join!(first, second, third);
        third.unwrap();
        assert_eq!(first.unwrap().version, second.unwrap().version);
    }
    assert_eq!(fixture.folded("a").await.0.coins, 20);
}
