//! G16: what a writer notices when its event table was put back to an earlier time, or changed.

use crate::tests::fixture::{Fixture, keyed, no_cache, once};
use crate::tests::jar::{Command, TooFew, add};
use crate::{EventStore, ExecuteError, StoreError};
use aws_sdk_dynamodb::types::AttributeValue;

type Jars = EventStore<crate::tests::jar::Jar>;

async fn times(store: &Jars, count: u64) {
    for _ in 0..count {
        store.execute("a", &add(1), &once()).await.unwrap();
    }
}

fn is_damaged(error: &StoreError, text: &str) -> bool {
    matches!(error, StoreError::Damaged { reason, .. } if reason.contains(text))
}

#[tokio::test]
async fn f2_every_commit_names_the_one_before_it() {
    let fixture = Fixture::new().await;
    let (warm, cold) = (fixture.cold(), fixture.with_options(no_cache()));
    for _ in 0..3 {
        times(&warm, 1).await;
        times(&cold, 1).await;
    }
    let commits = fixture.commits("a").await;
    assert_eq!((commits.len(), commits[0].previous), (6, None));
    for two in commits.windows(2) {
        assert_eq!(two[1].previous, Some(two[0].id.link()), "at {}", two[1].first);
    }
}

#[tokio::test]
async fn f2_warm_writer_decides_again_when_others_went_on_in_a_table_that_was_put_back() {
    let fixture = Fixture::new().await;
    let (warm, other) = (fixture.cold(), fixture.cold());
    times(&warm, 10).await;
    fixture.put_back("a", 8).await;
    for _ in 0..4 {
        other.execute("a", &add(100), &once()).await.unwrap();
    }
    let done = warm.execute("a", &add(1), &once()).await.unwrap();
    assert_eq!((done.version, done.state.coins), (12, 408));
    assert_eq!(fixture.folded("a").await.0, done.state);
}

#[tokio::test]
async fn f2_refusal_is_decided_on_what_a_table_that_was_put_back_has() {
    let fixture = Fixture::new().await;
    let warm = fixture.cold();
    times(&warm, 10).await;
    fixture.put_back("a", 8).await;
    let refused = warm.execute("a", &Command::Take(11), &once()).await.unwrap_err();
    assert!(
        matches!(refused, ExecuteError::Refused(TooFew { coins: 7 })),
        "{refused:?}"
    );
    assert_eq!(warm.load("a").await.unwrap().version, 7);
    // The state from before is forgotten.
    times(&warm, 1).await;
    assert_eq!(fixture.folded("a").await.1, 8);
}

#[tokio::test]
async fn f2_repeated_command_is_recognized_after_the_table_was_put_back_and_went_on() {
    let fixture = Fixture::new().await;
    let (warm, other) = (fixture.cold(), fixture.cold());
    times(&warm, 3).await;
    fixture.put_back("a", 3).await;
    let first = other.execute("a", &add(100), &keyed("key", "100")).await.unwrap();
    times(&other, 1).await;
    let again = warm.execute("a", &add(100), &keyed("key", "100")).await.unwrap();
    assert_eq!((again.replayed, again.version), (true, first.version));
    assert_eq!(again.state.coins, 102);
}

#[tokio::test]
async fn f2_load_finds_the_broken_link_that_a_warm_writer_leaves() {
    let fixture = Fixture::new().await;
    let (warm, other) = (fixture.cold(), fixture.cold());
    times(&warm, 3).await;
    fixture.put_back("a", 3).await;
    times(&other, 1).await;
    // The stream has the length that the writer knows.
    times(&warm, 1).await;
    let error = fixture.cold().load("a").await.unwrap_err();
    assert!(is_damaged(&error, "version 4 names another commit"), "{error}");
}

#[tokio::test]
async fn f2_load_finds_the_hole_that_a_warm_writer_leaves_behind_a_table_that_was_put_back() {
    let fixture = Fixture::new().await;
    let warm = fixture.cold();
    times(&warm, 10).await;
    fixture.put_back("a", 8).await;
    // Its place is free, so DynamoDB accepts it.
    times(&warm, 1).await;
    let error = fixture.cold().load("a").await.unwrap_err();
    assert!(
        is_damaged(&error, "version 7 is followed by version 11"),
        "{error}"
    );
    let refused = fixture.cold().execute("a", &add(1), &once()).await.unwrap_err();
    assert!(matches!(refused, ExecuteError::Store(_)), "{refused:?}");
}

#[tokio::test]
async fn f13_load_finds_a_commit_that_was_replaced() {
    let fixture = Fixture::new().await;
    times(&fixture.cold(), 3).await;
    let mut item = fixture.item("a", 2).await;
    item.insert("i".to_owned(), AttributeValue::S("AZmhssPUfl-AkaKzxNXm9w".into()));
    fixture.put(item).await;
    let error = fixture.cold().load("a").await.unwrap_err();
    assert!(is_damaged(&error, "version 3 names another commit"), "{error}");
}

#[tokio::test]
async fn f2_commits_stored_before_there_was_a_chain_are_read_and_continued() {
    let fixture = Fixture::new().await;
    times(&fixture.cold(), 3).await;
    for version in 2..=3 {
        let mut item = fixture.item("a", version).await;
        item.remove("p");
        fixture.put(item).await;
    }
    times(&fixture.cold(), 1).await;
    let commits = fixture.commits("a").await;
    assert_eq!(commits[2].previous, None);
    assert_eq!(commits[3].previous, Some(commits[2].id.link()));
}
