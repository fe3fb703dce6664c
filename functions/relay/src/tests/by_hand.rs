use super::queues::{Mood, Queues};
use super::records::{SECRET, commit, event, event_of, raw_record, record, small};
use crate::{Destination, Relay, RelayError};
use aws_lambda_events::dynamodb::Event;
use commit::Parcel;
use serde_dynamo::AttributeValue;
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

const LANES: u32 = 64;

fn to(queues: &[(&str, &[&str])]) -> Vec<Destination> {
    queues
        .iter()
        .map(|(queue, categories)| Destination::new(queue, queue, categories))
        .collect()
}

/// Handles one event, and returns the sequence number to continue from.
async fn hand_over(
    queues: &Queues,
    to: Vec<Destination>,
    event: Event,
) -> Result<Option<String>, RelayError> {
    let deadline = Instant::now() + Duration::from_secs(20);
    let response = Relay::new(queues, to, LANES).handle(event, deadline).await?;
    assert!(response.batch_item_failures.len() <= 1);
    Ok(response
        .batch_item_failures
        .into_iter()
        .next()
        .and_then(|failure| failure.item_identifier))
}

#[tokio::test]
async fn commit_arrives_as_stored() {
    let queues = Queues::default();
    let commits = [small("order#ord_1", 1)];
    assert_eq!(
        hand_over(&queues, to(&[("q", &[])]), event_of(&commits)).await,
        Ok(None)
    );
    assert_eq!(queues.parcels("q"), [Parcel::Whole(commits[0].clone())]);
}

#[tokio::test]
async fn record_of_a_real_stream_is_read() {
    let queues = Queues::default();
    let event = serde_json::from_value(json!({ "Records": [{
        "eventID": "1", "eventVersion": "1.1", "eventName": "INSERT", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1", "eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/orders-events/stream/x",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_700_000_000, "SizeBytes": 300, "StreamViewType": "NEW_IMAGE",
            "SequenceNumber": "4421584500000000017450439091",
            "Keys": { "pk": { "S": "order#ord_1" }, "sk": { "N": "3" } },
            "NewImage": {
                "pk": { "S": "order#ord_1" }, "sk": { "N": "3" }, "n": { "N": "1" },
                "i": { "S": "AQEBAQEBAQEBAQEBAQEBAQ" }, "c": { "S": "AQEBAQEBAQEBAQEBAQEBAQ" },
                "f": { "S": "AQEBAQEBAQEBAQEBAQEBAQ" }, "t": { "N": "1700000000123" },
                "m": { "M": { "a": { "S": "con_1" } } },
                "e": { "L": [{ "M": {
                    "t": { "S": "OrderRejected" }, "v": { "N": "1" },
                    "d": { "M": { "reason": { "S": "INSUFFICIENT_CREDIT" }, "of": { "N": "2" }, "x": { "NULL": true } } }
                } }] },
                "s": { "M": { "v": { "N": "1" }, "r": { "B": "AAECAw==" } } }
            }
        }
    }] }))
    .unwrap();
    hand_over(&queues, to(&[("q", &[])]), event).await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&queues.messages("q")[0].body).unwrap();
    assert_eq!(
        body,
        json!({ "commits": [{
            "pk": "order#ord_1", "sk": 3, "n": 1, "i": "AQEBAQEBAQEBAQEBAQEBAQ", "c": "AQEBAQEBAQEBAQEBAQEBAQ",
            "t": 1_700_000_000_123_u64, "m": { "a": "con_1" },
            "e": [{ "t": "OrderRejected", "v": 1, "d": { "reason": "INSUFFICIENT_CREDIT", "of": 2, "x": null } }]
        }] })
    );
}

#[tokio::test]
async fn private_attributes_are_not_sent() {
    let queues = Queues::default();
    hand_over(&queues, to(&[("q", &[])]), event_of(&[small("order#ord_1", 1)]))
        .await
        .unwrap();
    assert!(!queues.messages("q")[0].body.contains(SECRET));
}

#[tokio::test]
async fn subscriber_gets_only_its_categories() {
    let queues = Queues::default();
    let commits = [small("account#con_1", 1), small("payment#ord_1", 1)];
    let to = to(&[("all", &[]), ("payments", &["payment"]), ("tickets", &["ticket"])]);
    hand_over(&queues, to, event_of(&commits)).await.unwrap();
    assert_eq!(queues.parcels("all").len(), 2);
    assert_eq!(queues.parcels("payments"), [Parcel::Whole(commits[1].clone())]);
    assert_eq!(queues.messages("tickets"), []);
}

#[tokio::test]
async fn streams_of_one_order_share_a_lane() {
    let queues = Queues::default();
    let commits = [
        small("order#ord_1", 1),
        small("ticket#ord_1", 1),
        small("payment#ord_1", 1),
    ];
    hand_over(&queues, to(&[("q", &[])]), event_of(&commits))
        .await
        .unwrap();
    let [message] = &queues.messages("q")[..] else {
        panic!("one message")
    };
    assert_eq!(message.group, commit::lane("ord_1", LANES).to_string());
}

#[tokio::test]
async fn full_batch_of_small_commits_takes_few_requests() {
    let queues = Queues::default();
    let commits: Vec<_> = (0..100).map(|n| small(&format!("order#ord_{n}"), 1)).collect();
    hand_over(&queues, to(&[("q", &[])]), event_of(&commits))
        .await
        .unwrap();
    assert_eq!(queues.parcels("q").len(), 100);
    assert!(
        queues.requests() <= 7,
        "{} requests for at most 64 lanes",
        queues.requests()
    );
}

#[tokio::test]
async fn deduplication_id_depends_only_on_the_commits() {
    let commits = [small("order#ord_1", 1)];
    let (one, other) = (Queues::default(), Queues::default());
    hand_over(&one, to(&[("q", &[]), ("r", &["order"])]), event_of(&commits))
        .await
        .unwrap();
    hand_over(&other, to(&[("q", &[])]), event_of(&commits))
        .await
        .unwrap();
    let id = &one.messages("q")[0].dedup;
    assert_eq!(
        [id, id],
        [&one.messages("r")[0].dedup, &other.messages("q")[0].dedup]
    );
}

#[tokio::test]
async fn different_commits_have_different_deduplication_ids() {
    let queues = Queues::default();
    hand_over(&queues, to(&[("q", &[])]), event_of(&[small("order#ord_1", 1)]))
        .await
        .unwrap();
    hand_over(&queues, to(&[("q", &[])]), event_of(&[small("order#ord_1", 2)]))
        .await
        .unwrap();
    assert_eq!(queues.parcels("q").len(), 2);
}

#[tokio::test]
async fn modifications_and_removals_are_ignored() {
    let queues = Queues::default();
    let records = ["MODIFY", "REMOVE"].map(|name| {
        let mut record = record(1, &small("order#ord_1", 1));
        record.event_name = name.into();
        record
    });
    assert_eq!(
        hand_over(&queues, to(&[("q", &[])]), event(records.into())).await,
        Ok(None)
    );
    assert_eq!(queues.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn refused_message_is_sent_again_even_as_a_sender_fault() {
    let queues = Queues::with_moods([Mood::Refuse(0b11), Mood::Refuse(0b01), Mood::Fail]);
    let commits = [small("order#ord_1", 1), small("order#ord_2", 1)];
    assert_eq!(
        hand_over(&queues, to(&[("q", &[])]), event_of(&commits)).await,
        Ok(None)
    );
    assert_eq!(queues.parcels("q").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn lost_answer_stores_one_message() {
    let queues = Queues::with_moods([Mood::LoseAnswer]);
    hand_over(&queues, to(&[("q", &[])]), event_of(&[small("order#ord_1", 1)]))
        .await
        .unwrap();
    assert_eq!((queues.messages("q").len(), queues.requests()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn lowest_unsent_sequence_number_is_reported_at_the_deadline() {
    // The lanes differ, and the request orders them by number: the second one is always refused.
    let mut commits = [small("order#ord_1", 1), small("order#ord_2", 1)];
    commits.sort_by_key(|commit| commit::lane(commit.stream.id(), LANES));
    let moods = std::iter::once(Mood::Refuse(0b10)).chain((0..500).map(|_| Mood::Refuse(0b1)));
    let queues = Queues::with_moods(moods);
    let answer = hand_over(&queues, to(&[("q", &[])]), event_of(&commits)).await;
    assert_eq!(answer, Ok(Some("101".into())));
    assert_eq!(queues.parcels("q"), [Parcel::Whole(commits[0].clone())]);
}

#[tokio::test(start_paused = true)]
async fn no_progress_is_an_error() {
    for mood in [Mood::Fail, Mood::Refuse(u16::MAX), Mood::Hang] {
        let queues = Queues::always(mood);
        let answer = hand_over(&queues, to(&[("q", &[])]), event_of(&[small("order#ord_1", 1)])).await;
        assert_eq!(
            answer,
            Err(RelayError::NoProgress {
                unsent: 1,
                not_commits: 0
            })
        );
    }
}

#[tokio::test(start_paused = true)]
async fn queue_that_never_answers_does_not_delay_the_others() {
    let queues = Queues::with_moods([Mood::Hang]);
    let answer = hand_over(
        &queues,
        to(&[("stuck", &[]), ("fine", &[])]),
        event_of(&[small("order#ord_1", 1)]),
    );
    assert_eq!(answer.await, Ok(Some("100".into())));
    assert_eq!(queues.parcels("fine").len(), 1);
}

#[tokio::test]
async fn f13_commit_that_somebody_changed_is_counted_and_the_others_are_sent() {
    let captured = telemetry::capture();
    let changed = |name: &str| {
        let mut changed = raw_record(101, name, HashMap::new());
        let keys = [
            ("pk".to_owned(), AttributeValue::S("order#ord_9".into())),
            ("sk".to_owned(), AttributeValue::N("4".into())),
        ];
        changed.change.keys = HashMap::from(keys).into();
        changed
    };
    let queues = Queues::default();
    let sent = small("order#ord_1", 1);
    let records = vec![changed("MODIFY"), record(102, &sent), changed("REMOVE")];
    assert_eq!(
        hand_over(&queues, to(&[("q", &[])]), event(records)).await,
        Ok(None)
    );
    assert_eq!(queues.parcels("q"), [Parcel::Whole(sent)]);
    let events = captured.events();
    let alarming = events
        .iter()
        .find(|event| event.name() == "HistoryChanged")
        .unwrap();
    assert_eq!(alarming.sum("HistoriesChanged"), 2.0);
}

fn not_a_commit(
    sequence_number: usize,
    change: fn(&mut HashMap<String, AttributeValue>),
) -> aws_lambda_events::dynamodb::EventRecord {
    let item = record(sequence_number, &small("order#ord_9", 1)).change.new_image;
    let mut item: HashMap<String, AttributeValue> = item.into();
    change(&mut item);
    raw_record(sequence_number, "INSERT", item)
}

#[tokio::test]
async fn record_that_is_not_a_commit_is_reported_and_the_others_are_sent() {
    let changes: [fn(&mut HashMap<String, AttributeValue>); 7] = [
        |item| item.clear(),
        |item| drop(item.remove("e")),
        |item| drop(item.insert("pk".into(), AttributeValue::S("no stream".into()))),
        |item| drop(item.insert("sk".into(), AttributeValue::N("0".into()))),
        |item| drop(item.insert("n".into(), AttributeValue::N("2".into()))),
        |item| drop(item.insert("t".into(), AttributeValue::S("today".into()))),
        |item| drop(item.insert("sk".into(), AttributeValue::N("-1".into()))),
    ];
    for change in changes {
        let queues = Queues::default();
        let records = vec![
            record(7, &small("order#ord_1", 1)),
            not_a_commit(8, change),
            record(9, &small("order#ord_2", 1)),
        ];
        assert_eq!(
            hand_over(&queues, to(&[("q", &[])]), event(records)).await,
            Ok(Some("8".into()))
        );
        assert_eq!(queues.parcels("q").len(), 2);
    }
}

#[tokio::test]
async fn batch_without_commits_is_an_error() {
    let queues = Queues::default();
    let answer = hand_over(
        &queues,
        to(&[("q", &[])]),
        event(vec![not_a_commit(8, HashMap::clear)]),
    )
    .await;
    assert_eq!(
        answer,
        Err(RelayError::NoProgress {
            unsent: 0,
            not_commits: 1
        })
    );
}

#[tokio::test]
async fn batch_metrics_are_counted() {
    let captured = telemetry::capture();
    let queues = Queues::default();
    let commits = [
        small("order#ord_1", 1),
        commit("order#ord_1", 2, 1, &json!({ "x": "y".repeat(300_000) })),
    ];
    hand_over(&queues, to(&[("q", &[]), ("r", &[])]), event_of(&commits))
        .await
        .unwrap();
    let event = &captured.named("RelayBatch")[0];
    assert_eq!(event.dimension_value("Table"), Some("orders-events"));
    let counts = ["CommitsIn", "MessagesOut", "Requests", "KeysOnly"].map(|name| event.sum(name));
    assert_eq!(counts, [2.0, 2.0, 2.0, 1.0]);
}

#[tokio::test]
async fn batch_metrics_name_the_correlation_ids() {
    let captured = telemetry::capture();
    let queues = Queues::default();
    let mut commits = [
        small("order#ord_1", 1),
        small("order#ord_2", 1),
        small("order#ord_3", 1),
    ];
    commits[1].metadata.correlation_id = Some("shop-8".into());
    hand_over(&queues, to(&[("q", &[])]), event_of(&commits))
        .await
        .unwrap();
    let event = &captured.named("RelayBatch")[0];
    assert_eq!(
        event.property_value("correlationIds"),
        Some(&json!(["shop-7", "shop-8"]))
    );
}

#[tokio::test]
async fn unsent_messages_are_counted() {
    let captured = telemetry::capture();
    let queues = Queues::always(Mood::Hang);
    let deadline = Instant::now() + Duration::from_millis(50);
    let relay = Relay::new(&queues, to(&[("q", &[])]), LANES);
    relay
        .handle(event_of(&[small("order#ord_1", 1)]), deadline)
        .await
        .unwrap_err();
    assert_eq!(captured.named("RelayBatch")[0].sum("MessagesUnsent"), 1.0);
}

/// Returns the commit that a log line is about.
fn about(line: &serde_json::Value) -> [&serde_json::Value; 3] {
    [&line["stream"], &line["version"], &line["correlationId"]]
}

#[tokio::test]
async fn first_unsent_commit_is_logged() {
    let lines = telemetry::capture_lines("info");
    let queues = Queues::always(Mood::Hang);
    let deadline = Instant::now() + Duration::from_millis(50);
    let relay = Relay::new(&queues, to(&[("q", &[])]), LANES);
    let commits = [small("order#ord_1", 3), small("order#ord_1", 4)];
    relay.handle(event_of(&commits), deadline).await.unwrap_err();
    let told = "a queue did not accept this commit in time; the stream repeats it and the following records";
    assert_eq!(
        about(&lines.saying(told)[0]),
        [&json!("order#ord_1"), &json!(3), &json!("shop-7")]
    );
}

#[tokio::test]
async fn every_relayed_commit_is_logged_at_debug() {
    let lines = telemetry::capture_lines("relay=debug");
    let queues = Queues::default();
    let commits = [small("order#ord_1", 3), small("order#ord_2", 1)];
    hand_over(&queues, to(&[("q", &[])]), event_of(&commits))
        .await
        .unwrap();
    let lines = lines.saying("relayed");
    assert_eq!(lines.len(), 2);
    assert_eq!(
        about(&lines[0]),
        [&json!("order#ord_1"), &json!(3), &json!("shop-7")]
    );
}

#[tokio::test]
async fn record_that_is_not_a_commit_is_logged_with_its_readable_fields() {
    let lines = telemetry::capture_lines("info");
    let queues = Queues::default();
    let mut broken = record(100, &small("order#ord_1", 3));
    broken.change.new_image.remove("n");
    hand_over(&queues, to(&[("q", &[])]), event(vec![broken]))
        .await
        .unwrap_err();
    assert_eq!(
        about(&lines.saying("not a commit")[0]),
        [&json!("order#ord_1"), &json!("3"), &json!("shop-7")]
    );
}

#[tokio::test]
async fn a3_mark_of_a_command_reaches_no_queue() {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let mark = HashMap::from([
        ("pk".to_owned(), text("mark#AQEBAQEBAQEBAQEBAQEBAQ")),
        ("sk".to_owned(), AttributeValue::N("0".to_owned())),
        ("f".to_owned(), text("AQEBAQEBAQEBAQEBAQEBAQ")),
        ("v".to_owned(), AttributeValue::N("2".to_owned())),
        ("x".to_owned(), AttributeValue::N("1700000000".to_owned())),
    ]);
    let queues = Queues::default();
    let commit = small("order#ord_1", 1);
    let records = vec![raw_record(100, "INSERT", mark), record(101, &commit)];
    assert_eq!(
        hand_over(&queues, to(&[("q", &[])]), event(records)).await,
        Ok(None)
    );
    assert_eq!(queues.parcels("q"), [Parcel::Whole(commit)]);
}
