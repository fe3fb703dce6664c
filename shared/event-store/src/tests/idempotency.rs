use crate::tests::fixture::{Fixture, at, keyed, no_cache, once};
use crate::tests::jar::{Command, NewerJar, add};
use crate::{CommandContext, ExecuteError};

#[tokio::test]
async fn c12_the_same_command_gives_the_same_reply_and_one_effect() {
    let fixture = Fixture::new().await;
    let first = fixture
        .cold()
        .execute("a", &add(1), &keyed("k", "b"))
        .await
        .unwrap();
    let mut later = keyed("k", "b");
    later.now = at(60);
    for store in [fixture.cold(), fixture.cold()] {
        let again = store.execute("a", &add(1), &later).await.unwrap();
        assert!(again.replayed);
        assert_eq!((again.version, again.time), (first.version, first.time));
        assert_eq!(
            (again.state, again.events),
            (first.state.clone(), first.events.clone())
        );
    }
    assert_eq!(fixture.commits("a").await.len(), 1);
}

#[tokio::test]
async fn c12_repeated_command_gets_its_first_reply_after_later_commits() {
    let fixture = Fixture::new().await;
    for (warm, note) in [(false, 10), (true, 10), (false, 3_000), (true, 3_000)] {
        let id = format!("{warm}-{note}");
        let store = if warm {
            fixture.cold()
        } else {
            fixture.with_options(no_cache())
        };
        store.create(&id, &Command::Write(note), &once()).await.unwrap();
        let first = store.execute(&id, &add(5), &keyed("k", "b")).await.unwrap();
        for later in 1..=16 {
            store.execute(&id, &add(100), &once()).await.unwrap();
            let again = store.execute(&id, &add(5), &keyed("k", "b")).await.unwrap();
            assert!(again.replayed, "{later} commits later");
            assert_eq!((again.version, &again.state), (first.version, &first.state));
        }
    }
}

#[tokio::test]
async fn c12_another_body_under_the_same_key_is_refused() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.execute("a", &add(1), &keyed("k", "b")).await.unwrap();
    for later in 0..3 {
        for store in [&store, &fixture.cold()] {
            let error = store
                .execute("a", &add(2), &keyed("k", "other"))
                .await
                .unwrap_err();
            assert!(
                matches!(error, ExecuteError::KeyReused),
                "{later} commits later: {error:?}"
            );
        }
        store.execute("a", &add(1), &once()).await.unwrap();
    }
    assert_eq!(fixture.folded("a").await.0.coins, 4);
}

#[tokio::test]
async fn c12_creation_is_always_recognized() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    let first = store.create("a", &add(1), &keyed("k", "b")).await.unwrap();
    for _ in 0..40 {
        store.execute("a", &add(1), &once()).await.unwrap();
    }
    for store in [store, fixture.cold()] {
        let again = store.create("a", &add(1), &keyed("k", "b")).await.unwrap();
        assert_eq!((again.replayed, again.version, again.time), (true, 1, first.time));
        assert_eq!(again.state, first.state);
        let error = store
            .create("a", &add(1), &keyed("k", "other"))
            .await
            .unwrap_err();
        assert!(matches!(error, ExecuteError::KeyReused));
    }
}

#[tokio::test]
async fn repeated_creation_is_recognized_before_it_is_refused() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.create("a", &add(1), &keyed("k", "b")).await.unwrap();
    // On the default state this command is refused.
    let again = store
        .create("a", &Command::Take(1), &keyed("k", "b"))
        .await
        .unwrap();
    assert_eq!((again.replayed, again.version), (true, 1));
}

#[tokio::test]
async fn a_refused_creation_stores_nothing() {
    let fixture = Fixture::new().await;
    let error = fixture
        .cold()
        .create("a", &Command::Take(1), &keyed("k", "b"))
        .await
        .unwrap_err();
    assert!(matches!(error, ExecuteError::Refused(_)));
    assert_eq!(fixture.commits("a").await, []);
}

#[tokio::test]
async fn creation_on_an_existing_stream_is_decided_on_its_state() {
    let fixture = Fixture::new().await;
    for _ in 0..30 {
        fixture.cold().execute("a", &add(1), &once()).await.unwrap();
    }
    let executed = fixture.cold().create("a", &add(1), &once()).await.unwrap();
    assert_eq!((executed.version, executed.state.coins), (31, 31));
    assert_eq!(
        executed.consumed.calls, 3,
        "a refused append, a Query and an append"
    );
}

#[tokio::test]
async fn repeated_command_is_recognized_by_the_refusing_item() {
    let fixture = Fixture::new().await;
    let (warm, other) = (fixture.cold(), fixture.cold());
    warm.execute("a", &add(1), &once()).await.unwrap();
    let first = other.execute("a", &add(5), &keyed("k", "b")).await.unwrap();
    let again = warm.execute("a", &add(5), &keyed("k", "b")).await.unwrap();
    assert_eq!(
        (again.replayed, again.version, again.state),
        (true, 2, first.state)
    );
    assert_eq!(again.consumed.calls, 1, "the refusal carried the commit");
}

#[tokio::test]
async fn repeated_command_is_recognized_by_code_with_another_state_schema() {
    let fixture = Fixture::new().await;
    let first = fixture
        .cold()
        .execute("a", &add(5), &keyed("k", "b"))
        .await
        .unwrap();
    fixture.cold().execute("a", &add(5), &once()).await.unwrap();
    let newer = fixture.store_of::<NewerJar>();
    let again = newer.execute("a", &add(5), &keyed("k", "b")).await.unwrap();
    assert_eq!(
        (again.replayed, again.version, again.state),
        (true, 1, first.state)
    );
}

#[tokio::test]
async fn the_same_key_on_another_stream_is_another_command() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.execute("a", &add(1), &keyed("k", "b")).await.unwrap();
    assert!(
        !store
            .execute("b", &add(1), &keyed("k", "b"))
            .await
            .unwrap()
            .replayed
    );
}

/// Returns the context of a command under a client's key, which is remembered even if it leads to no event.
fn from_client(key: &str, body: &str) -> CommandContext {
    keyed(key, body).keyed()
}

#[tokio::test]
async fn a3_late_repeat_of_a_command_that_changed_nothing_changes_nothing() {
    let fixture = Fixture::new().await;
    let (one, other) = (fixture.cold(), fixture.cold());
    one.execute("a", &Command::Write(3), &once()).await.unwrap();
    // The other instance has the state before the command in its cache, and never sees the command itself.
    other.load("a").await.unwrap();
    other.execute("a", &add(1), &once()).await.unwrap();
    let same = Command::WriteOnce(3);
    let first = one.execute("a", &same, &from_client("k", "b")).await.unwrap();
    assert_eq!((first.events.len(), first.version, first.replayed), (0, 2, false));
    other.execute("a", &Command::Write(5), &once()).await.unwrap();
    for store in [&one, &other, &fixture.cold()] {
        let again = store.execute("a", &same, &from_client("k", "b")).await.unwrap();
        assert_eq!((again.events.len(), again.version, again.replayed), (0, 2, true));
        assert_eq!((again.state, again.time), (first.state.clone(), first.time));
        let error = store.execute("a", &same, &from_client("k", "other")).await;
        assert!(matches!(error, Err(ExecuteError::KeyReused)), "{error:?}");
    }
    assert_eq!(fixture.folded("a").await.0.note.len(), 5);
}

#[tokio::test]
async fn a3_repeat_of_a_command_that_changed_nothing_is_recognized_before_it_is_refused() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.execute("a", &Command::Write(3), &once()).await.unwrap();
    let nothing = Command::WriteOnce(3);
    store
        .execute("a", &nothing, &from_client("k", "b"))
        .await
        .unwrap();
    // On the state of now this command is refused.
    let again = store
        .execute("a", &Command::Take(1), &from_client("k", "b"))
        .await
        .unwrap();
    assert!(again.replayed);
}

#[tokio::test]
async fn a3_only_a_key_costs_more() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.execute("a", &Command::Write(3), &once()).await.unwrap();
    let cost = async |command: Command, context: CommandContext| {
        let cost = fixture
            .cold()
            .execute("a", &command, &context)
            .await
            .unwrap()
            .consumed;
        (cost.calls, cost.read_units, cost.write_units)
    };
    assert_eq!(cost(Command::WriteOnce(3), once()).await, (1, 1.0, 0.0));
    assert_eq!(
        cost(Command::WriteOnce(3), from_client("k", "b")).await,
        (2, 1.0, 1.0)
    );
    assert_eq!(cost(add(1), once()).await, (2, 1.0, 1.0));
    assert_eq!(cost(add(1), from_client("l", "b")).await, (3, 2.0, 1.0));
}

#[tokio::test]
async fn a3_marks_are_not_commits() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    store.execute("a", &Command::Write(3), &once()).await.unwrap();
    for key in 0..20 {
        let context = from_client(&key.to_string(), "b");
        store
            .execute("a", &Command::WriteOnce(3), &context)
            .await
            .unwrap();
    }
    let reader = fixture.reader();
    let (commits, keys) = (
        reader.scan(0, 1, None).await.unwrap(),
        reader.heads(0, 1, None).await.unwrap(),
    );
    assert_eq!((commits.commits.len(), keys.keys.len()), (1, 1));
    let (mut next, mut found, mut pages) = (None, 0, 0);
    loop {
        let page = reader.glance(next.as_ref(), 3).await.unwrap();
        (found, pages) = (found + page.keys.len(), pages + 1);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(found, 1, "a page may end at a mark");
    assert!(pages > 5, "{pages}");
    assert_eq!(fixture.folded("a").await.1, 1);
}

#[tokio::test]
async fn a3_commands_are_remembered_as_long_as_the_paid_kilobyte_allows() {
    let fixture = Fixture::new().await;
    let store = fixture.with_options(no_cache());
    let context = |n: i32| keyed(&n.to_string(), "b");
    for n in 0..80 {
        let executed = store.execute("a", &add(1), &context(n)).await.unwrap();
        assert_eq!(executed.consumed.write_units, 1.0, "{n}");
    }
    for n in [79, 60, 40] {
        assert!(
            store.execute("a", &add(1), &context(n)).await.unwrap().replayed,
            "{n}"
        );
    }
    assert_eq!(fixture.folded("a").await.1, 80);
}
