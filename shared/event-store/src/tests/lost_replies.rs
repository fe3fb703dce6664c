use crate::ExecuteError;
use crate::tests::fixture::{Fixture, keyed, once};
use crate::tests::jar::{Command, add};
use local_dynamodb::Fault;

#[tokio::test]
async fn c3_a_lost_acknowledgement_is_acknowledged_once_and_stored_once() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    store.create("a", &add(1), &once()).await.unwrap();

    faults.next("PutItem", Fault::CutReply);
    let executed = store.execute("a", &add(10), &once()).await.unwrap();

    assert_eq!(
        (executed.version, executed.state.coins, executed.replayed),
        (2, 11, false)
    );
    assert_eq!(faults.requests("PutItem").len(), 3, "the SDK sent it again");
    assert_eq!(fixture.folded("a").await.1, 2);
}

#[tokio::test]
async fn c3_a_lost_creation_is_acknowledged_once_and_stored_once() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    faults.next("PutItem", Fault::CutReply);
    let executed = store.create("a", &add(1), &once()).await.unwrap();
    assert_eq!((executed.version, executed.replayed), (1, false));
    assert_eq!(fixture.commits("a").await.len(), 1);
}

#[tokio::test]
async fn c3_clients_retry_gets_the_reply_when_all_replies_were_lost() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    for _ in 0..4 {
        faults.next("PutItem", Fault::CutReply);
    }
    let context = keyed("key", "body");
    let error = store.execute("a", &add(1), &context).await.unwrap_err();
    assert!(
        matches!(error, ExecuteError::Store(ref e) if e.is_retryable()),
        "{error:?}"
    );

    let retried = store.execute("a", &add(1), &context).await.unwrap();
    assert_eq!(
        (retried.version, retried.state.coins, retried.replayed),
        (1, 1, true)
    );
    assert_eq!(fixture.commits("a").await.len(), 1);
}

#[tokio::test]
async fn c3_lost_reply_followed_by_another_commit_is_not_a_conflict() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    let context = keyed("key", "body");
    for _ in 0..4 {
        faults.next("PutItem", Fault::CutReply);
    }
    store.execute("a", &add(1), &context).await.unwrap_err();
    fixture.cold().execute("a", &add(10), &once()).await.unwrap();

    let retried = store.execute("a", &add(1), &context).await.unwrap();
    assert_eq!(
        (retried.version, retried.state.coins, retried.replayed),
        (1, 1, true)
    );
    assert_eq!(fixture.folded("a").await.0.coins, 11);
}

#[tokio::test]
async fn a_request_that_never_arrived_is_sent_again() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    faults.next("Query", Fault::CutRequest);
    faults.next("PutItem", Fault::CutRequest);
    assert_eq!(store.execute("a", &add(1), &once()).await.unwrap().version, 1);
}

#[tokio::test]
async fn throttled_requests_are_retried() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    for operation in ["Query", "PutItem", "PutItem"] {
        faults.next(operation, Fault::Throttle);
    }
    assert_eq!(store.execute("a", &add(1), &once()).await.unwrap().version, 1);
    assert_eq!(faults.requests("PutItem").len(), 3);
}

#[tokio::test]
async fn unavailable_service_is_a_retryable_error_and_stores_nothing() {
    let fixture = Fixture::new().await;
    let (store, faults) = fixture.faulty();
    for _ in 0..4 {
        faults.next("PutItem", Fault::InternalError);
    }
    let error = store.create("a", &Command::Write(1), &once()).await.unwrap_err();
    assert!(
        matches!(error, ExecuteError::Store(ref e) if e.is_retryable()),
        "{error:?}"
    );
    assert_eq!(fixture.commits("a").await, []);
}
