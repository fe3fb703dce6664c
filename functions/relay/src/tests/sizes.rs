//! Every message fits, whatever its events contain: [`Queues`] checks every batch as SQS does.

use super::queues::Queues;
use super::records::{commit, event_of};
use crate::{Destination, MAX_MESSAGE_BYTES, Relay};
use commit::{Commit, Parcel};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

async fn sent(commits: &[Commit]) -> Vec<Parcel> {
    let queues = Queues::default();
    let relay = Relay::new(&queues, vec![Destination::new("q", "q", &[])], 2);
    let deadline = Instant::now() + Duration::from_secs(20);
    let response = relay.handle(event_of(commits), deadline).await.unwrap();
    assert!(response.batch_item_failures.is_empty());
    queues.parcels("q")
}

fn of_text(first: u64, text: &str, times: usize) -> Commit {
    commit("order#ord_1", first, 1, &json!({ "text": text.repeat(times) }))
}

#[tokio::test]
async fn too_large_commit_is_sent_as_its_key() {
    let large = of_text(1, "x", 300_000);
    assert_eq!(
        sent(std::slice::from_ref(&large)).await,
        [Parcel::Key(large.key())]
    );
}

#[tokio::test]
async fn escaped_text_is_measured_in_its_escaped_size() {
    // 6 bytes each in JSON: a control character, and two that SQS does not accept.
    for grows in ["\u{1}", "\u{ffff}", "\u{fffe}"] {
        let times = 60_000;
        let large = of_text(1, grows, times);
        assert_eq!(
            sent(std::slice::from_ref(&large)).await,
            [Parcel::Key(large.key())],
            "{grows:?}"
        );
        let fits = of_text(1, grows, 40_000);
        assert_eq!(
            sent(std::slice::from_ref(&fits)).await,
            [Parcel::Whole(fits)],
            "{grows:?}"
        );
    }
}

#[tokio::test]
async fn largest_fitting_commit_is_sent_whole_and_one_byte_more_is_not() {
    let empty = serde_json::to_string(&of_text(1, "x", 0)).unwrap().len() + r#"{"commits":[]}"#.len();
    let fits = of_text(1, "x", MAX_MESSAGE_BYTES - empty);
    assert!(matches!(
        sent(std::slice::from_ref(&fits)).await[..],
        [Parcel::Whole(_)]
    ));
    let over = of_text(1, "x", MAX_MESSAGE_BYTES - empty + 1);
    assert!(matches!(
        sent(std::slice::from_ref(&over)).await[..],
        [Parcel::Key(_)]
    ));
}

#[tokio::test]
async fn large_commits_of_a_stream_stay_in_order() {
    let sizes = [
        200_000, 10, 150_000, 120_000, 300_000, 250_000, 20, 260_000, 100_000, 100_000, 100_000,
    ];
    let commits: Vec<_> = (1..)
        .zip(sizes)
        .map(|(first, size)| of_text(first, "x", size))
        .collect();
    let versions: Vec<u64> = sent(&commits).await.iter().map(Parcel::last).collect();
    assert_eq!(versions, (1..=11).collect::<Vec<u64>>());
}
