use crate::tests::fixture::{Fixture, keyed, once, stream};
use crate::tests::jar::{Command, add};
use commit::Metadata;
use std::collections::BTreeSet;

#[tokio::test]
async fn reader_returns_every_commit_after_a_version_with_its_metadata() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    let mut context = keyed("k", "b");
    context.metadata = Metadata {
        actor: Some("con_1".into()),
        correlation_id: Some("r-1".into()),
        causation_id: Some("c-1".into()),
        on_behalf_of: Some("usr_1".into()),
        traceparent: Some("00-1-2-01".into()),
    };
    store.execute("a", &add(1), &once()).await.unwrap();
    store
        .execute("a", &Command::Add(vec![2, 3]), &context)
        .await
        .unwrap();
    let commits = fixture.reader().after(&stream("a"), 1).await.unwrap();
    assert_eq!(commits.len(), 1);
    let commit = &commits[0];
    assert_eq!((commit.first, commit.last(), commit.time), (2, 3, context.now));
    assert_eq!(
        (&commit.metadata, commit.command_id),
        (&context.metadata, context.command_id)
    );
    assert_eq!(fixture.reader().after(&stream("a"), 3).await.unwrap(), []);
}

#[tokio::test]
async fn reader_reads_all_pages() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    for _ in 0..5 {
        store
            .execute("a", &Command::AddLabelled(1, 300_000), &once())
            .await
            .unwrap();
    }
    let reader = fixture.reader();
    assert_eq!(reader.after(&stream("a"), 0).await.unwrap().len(), 5);
    assert!(reader.consumed().calls >= 2, "{:?}", reader.consumed());
}

#[tokio::test]
async fn pages_follow_one_another_and_end() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    for _ in 0..5 {
        store
            .execute("a", &Command::Add(vec![1, 1]), &once())
            .await
            .unwrap();
    }
    let (reader, stream) = (fixture.reader(), stream("a"));
    let (mut firsts, mut after) = (Vec::new(), Some(0));
    while let Some(version) = after {
        let page = reader.page(&stream, version, 2).await.unwrap();
        firsts.extend(page.commits.iter().map(|commit| commit.first));
        after = page.next;
    }
    assert_eq!(firsts, [1, 3, 5, 7, 9]);
}

#[tokio::test]
async fn the_head_is_the_last_commit() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    assert_eq!(fixture.reader().head(&stream("a")).await.unwrap(), None);
    store.execute("a", &add(1), &once()).await.unwrap();
    store
        .execute("a", &Command::Add(vec![1, 1]), &once())
        .await
        .unwrap();
    let head = fixture.reader().head(&stream("a")).await.unwrap().unwrap();
    assert_eq!((head.first, head.last()), (2, 3));
}

#[tokio::test]
async fn the_segments_of_a_scan_have_every_commit_once() {
    let fixture = Fixture::new().await;
    let store = fixture.cold();
    for id in 0..10 {
        for _ in 0..3 {
            let command = Command::AddLabelled(1, 60_000);
            store
                .execute(&format!("jar-{id}"), &command, &once())
                .await
                .unwrap();
        }
    }
    let reader = fixture.reader();
    let mut keys = Vec::new();
    for segment in 0..3 {
        let mut start = None;
        loop {
            let page = reader.heads(segment, 3, start.as_ref()).await.unwrap();
            keys.extend(
                page.keys
                    .into_iter()
                    .map(|key| (key.stream.to_string(), key.first)),
            );
            start = page.next;
            if start.is_none() {
                break;
            }
        }
    }
    assert_eq!(keys.len(), 30);
    assert_eq!(keys.into_iter().collect::<BTreeSet<_>>().len(), 30);
}

/// A local engine reads the whole rest of a table for a page without a limit, and sorts it for one of several segments.
#[tokio::test]
async fn a_scan_is_bounded_and_parallel_only_where_there_are_several_segments() {
    let fixture = Fixture::new().await;
    let (reader, faults) = fixture.faulty_reader();
    reader.heads(0, 1, None).await.unwrap();
    reader.scan(2, 3, None).await.unwrap();
    let requests = faults.requests("Scan").into_iter();
    let asked: Vec<_> = requests
        .map(|request| {
            let request: serde_json::Value = serde_json::from_str(&request).unwrap();
            ["Limit", "Segment", "TotalSegments"].map(|name| request[name].as_u64())
        })
        .collect();
    assert_eq!(
        asked,
        [[Some(1_000), None, None], [Some(1_000), Some(2), Some(3)]]
    );
}

/// G12: the read side's role is not granted the private attributes, so the reader must not request them.
#[tokio::test]
async fn reader_never_requests_private_attributes() {
    let fixture = Fixture::new().await;
    fixture.cold().execute("a", &add(1), &once()).await.unwrap();
    let (reader, faults) = fixture.faulty_reader();
    let stream = stream("a");
    reader.after(&stream, 0).await.unwrap();
    reader.page(&stream, 0, 1).await.unwrap();
    reader.head(&stream).await.unwrap();
    reader.heads(0, 1, None).await.unwrap();
    let requests = [faults.requests("Query"), faults.requests("Scan")].concat();
    assert_eq!(requests.len(), 4);
    for request in requests {
        let request: serde_json::Value = serde_json::from_str(&request).unwrap();
        let asked = request["ProjectionExpression"].as_str().expect("a projection");
        assert!(
            !asked.split(", ").any(|name| name == "s" || name == "f"),
            "{asked}"
        );
        assert_eq!(request["ConsistentRead"], true);
    }
}
