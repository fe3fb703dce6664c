use crate::tests::fixture::{Fixture, no_cache, once, stream};
use crate::tests::jar::{Command, Jar, JarOf, NewerJar, State, TooFew, add};
use crate::{ExecuteError, Options, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;
use commit::CodecError;
use std::time::Duration;

#[tokio::test]
async fn c1_a_stream_of_more_than_a_megabyte_without_usable_snapshots_loads_whole_and_accepts_commands() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    for _ in 0..12 {
        store
            .execute("a", &Command::AddLabelled(1, 300_000), &once())
            .await
            .unwrap();
    }
    // Code with another state schema cannot use any of the snapshots.
    let newer = fixture.store_of::<NewerJar>();
    let loaded = newer.load("a").await.unwrap();
    assert_eq!((loaded.state.coins, loaded.version), (12, 12));
    assert!(
        loaded.consumed.calls > 2,
        "1.8 MB in {} calls",
        loaded.consumed.calls
    );
    assert_eq!(newer.execute("a", &add(1), &once()).await.unwrap().version, 13);
    assert_eq!(newer.load("a").await.unwrap().consumed.calls, 1);
}

#[tokio::test]
async fn missing_stream_has_version_zero() {
    let fixture = Fixture::new().await;
    let loaded = fixture.cold().load("a").await.unwrap();
    assert_eq!(
        (loaded.version, loaded.time, loaded.state),
        (0, None, State::default())
    );
}

#[tokio::test]
async fn a_cold_load_reads_one_page_however_long_the_stream_is() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    for _ in 0..20 {
        store.execute("a", &Command::Write(3_000), &once()).await.unwrap();
        assert_eq!(fixture.cold().load("a").await.unwrap().consumed.calls, 1);
    }
}

#[tokio::test]
async fn every_fourth_commit_carries_the_snapshot_of_a_large_state() {
    let fixture = Fixture::new().await;
    let store = fixture.with_options(no_cache());
    store.execute("a", &Command::Write(3_000), &once()).await.unwrap();
    for _ in 0..11 {
        store.execute("a", &add(1), &once()).await.unwrap();
    }
    let mut carriers = Vec::new();
    for version in 1..=12 {
        if fixture.item("a", version).await.contains_key("s") {
            carriers.push(version);
        }
    }
    assert_eq!(carriers, [4, 8, 12]);
}

#[tokio::test]
async fn every_commit_carries_the_snapshot_of_a_small_state() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    for version in 1..=6 {
        store.execute("a", &add(1), &once()).await.unwrap();
        assert!(
            fixture.item("a", version).await.contains_key("s"),
            "commit {version}"
        );
    }
}

#[tokio::test]
async fn a_state_too_large_for_its_item_is_stored_without_snapshot() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    for _ in 0..5 {
        store
            .execute("a", &Command::Write(200_000), &once())
            .await
            .unwrap();
    }
    for version in 1..=5 {
        assert!(
            !fixture.item("a", version).await.contains_key("s"),
            "commit {version}"
        );
    }
    assert_eq!(fixture.cold().load("a").await.unwrap().state.note.len(), 200_000);
}

#[tokio::test]
async fn a_commit_over_the_size_limit_is_a_typed_error_and_stores_nothing() {
    let fixture = Fixture::new().await;
    let outcome = fixture
        .cold()
        .execute("a", &Command::Write(360_000), &once())
        .await;
    let Err(ExecuteError::TooLarge { bytes, limit }) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(bytes > 360_000 && limit == 350 * 1024, "{bytes} of {limit}");
    assert_eq!(fixture.commits("a").await, []);
}

#[tokio::test]
async fn c10_a_command_of_100_events_is_one_commit() {
    let fixture = Fixture::new().await;
    let hundred = Command::Add((1..=100).collect());
    let executed = fixture.cold().execute("a", &hundred, &once()).await.unwrap();
    assert_eq!((executed.version, executed.events.len()), (100, 100));
    let commits = fixture.commits("a").await;
    assert_eq!((commits.len(), commits[0].count), (1, 100));
    assert_eq!(fixture.cold().load("a").await.unwrap().state.coins, 5_050);
}

#[tokio::test]
async fn command_is_refused_on_the_latest_state_only() {
    let fixture = Fixture::new().await;
    let (warm, other) = (fixture.cold(), fixture.cold());
    warm.execute("a", &add(1), &once()).await.unwrap();
    other.execute("a", &add(9), &once()).await.unwrap();
    // The cached state of the first process would refuse this.
    let taken = warm.execute("a", &Command::Take(10), &once()).await.unwrap();
    assert_eq!((taken.state.coins, taken.version), (0, 3));
    let refused = warm.execute("a", &Command::Take(1), &once()).await.unwrap_err();
    assert!(
        matches!(refused, ExecuteError::Refused(TooFew { coins: 0 })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nothing_to_do_costs_no_write() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    let first = store.execute("a", &Command::WriteOnce(5), &once()).await.unwrap();
    let again = fixture
        .cold()
        .execute("a", &Command::WriteOnce(5), &once())
        .await
        .unwrap();
    assert_eq!(
        (again.version, again.time, again.events.len()),
        (1, first.time, 0)
    );
    assert_eq!((again.consumed.calls, again.consumed.write_units), (1, 0.0));
}

#[tokio::test]
async fn store_with_an_old_state_folds_the_commits_it_missed() {
    let fixture = Fixture::new().await;
    let (warm, other) = (fixture.cold(), fixture.cold());
    warm.execute("a", &add(1), &once()).await.unwrap();
    other.execute("a", &add(10), &once()).await.unwrap();
    let executed = warm.execute("a", &add(100), &once()).await.unwrap();
    assert_eq!((executed.state.coins, executed.version), (111, 3));
    assert_eq!(executed.consumed.calls, 2, "a refused append and one at the end");
}

#[tokio::test]
async fn cached_state_expires() {
    let fixture = Fixture::new().await;
    let store = fixture.with_options(Options {
        cache_age: Duration::ZERO,
        ..Options::default()
    });
    store.execute("a", &add(1), &once()).await.unwrap();
    assert_eq!(
        store
            .execute("a", &add(1), &once())
            .await
            .unwrap()
            .consumed
            .read_units,
        1.0
    );
}

#[tokio::test]
async fn number_of_cached_streams_is_limited() {
    let fixture = Fixture::new().await;
    let store = fixture.with_options(Options {
        cached_streams: 4,
        ..Options::default()
    });
    for id in ["a", "b", "c", "d", "e", "f"] {
        store.create(id, &add(1), &once()).await.unwrap();
    }
    assert_eq!(
        store.execute("a", &add(1), &once()).await.unwrap().consumed.calls,
        2
    );
    assert_eq!(
        store.execute("f", &add(1), &once()).await.unwrap().consumed.calls,
        1
    );
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_read_is_ignored() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    for _ in 0..3 {
        store.execute("a", &add(1), &once()).await.unwrap();
    }
    let mut item = fixture.item("a", 3).await;
    item.insert("s".to_owned(), AttributeValue::S("not a snapshot".into()));
    fixture.put(item).await;
    assert_eq!(fixture.cold().load("a").await.unwrap().state.coins, 3);
}

#[tokio::test]
async fn undecodable_event_is_an_error_with_its_place() {
    let fixture = Fixture::new().await;
    fixture.cold().execute("a", &add(1), &once()).await.unwrap();
    let mut item = fixture.item("a", 1).await;
    item.remove("s");
    let Some(AttributeValue::L(events)) = item.get_mut("e") else {
        panic!("no events");
    };
    let AttributeValue::M(event) = &mut events[0] else {
        panic!("no event");
    };
    event.insert("v".to_owned(), AttributeValue::N("9".into()));
    fixture.put(item).await;
    let error = fixture.cold().load("a").await.unwrap_err();
    let StoreError::Codec {
        stream: found,
        version,
        source,
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!((found, version), (stream("a"), 1));
    assert!(matches!(source, CodecError::UnknownSchema { schema: 9, .. }));
}

#[tokio::test]
async fn gap_in_a_stream_is_an_error() {
    let fixture = Fixture::new().await;
    let store = fixture.store_of::<JarOf<1, 100>>();
    store.execute("a", &Command::Write(3_000), &once()).await.unwrap();
    for _ in 0..3 {
        store.execute("a", &add(1), &once()).await.unwrap();
    }
    let delete = fixture.client.delete_item().table_name(&fixture.table);
    let delete = delete.key("pk", AttributeValue::S("jar#a".into()));
    delete
        .key("sk", AttributeValue::N("2".into()))
        .send()
        .await
        .unwrap();
    let error = fixture.store_of::<JarOf<1, 100>>().load("a").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "jar#a is damaged: version 1 is followed by version 3"
    );
}

#[tokio::test]
async fn invalid_stream_id_is_refused() {
    let fixture = Fixture::new().await;
    let error = fixture.cold().load("../b").await.unwrap_err();
    assert!(matches!(error, StoreError::InvalidStream(_)));
}

#[tokio::test]
async fn a_missing_table_is_not_retryable() {
    let fixture = Fixture::new().await;
    let store = crate::EventStore::<Jar>::new(fixture.client.clone(), "no-such-table");
    let error = store.load("a").await.unwrap_err();
    assert!(
        !error.is_retryable() && error.to_string().contains("ResourceNotFoundException"),
        "{error}"
    );
}
