use crate::tests::desk::{Desk, courier, joined, unreadable};
use serde_json::{Value, json};

const QUARANTINE: &str = "/operations/views/couriers/quarantine";
const REDRIVE: &str = "/operations/views/couriers/quarantine/redrive";
const SKIP: &str = "/operations/views/couriers/quarantine/skip";

/// Returns a desk with this number of couriers that are quarantined at their second event.
async fn quarantined_couriers(count: u64) -> Desk {
    let desk = Desk::new().await;
    for number in 0..count {
        desk.publish(&[joined(number), unreadable(number, 2)]).await;
    }
    desk
}

fn skip(reason: &str) -> Value {
    json!({ "stream": format!("courier#{}", courier(0)), "version": 2, "reason": reason, "by": "Ada" })
}

#[tokio::test]
async fn quarantined_source_is_listed_with_its_reason() {
    let page = quarantined_couriers(1).await.get(QUARANTINE).await.expect(200);
    let item = &page.body["quarantined"][0];
    assert_eq!(
        (
            &item["document"],
            &item["version"],
            &item["generation"],
            &item["count"]
        ),
        (&json!(courier(0)), &json!(2), &json!(1), &json!(1))
    );
    assert_eq!(item["stream"], format!("courier#{}", courier(0)));
    assert!(
        item["reason"]
            .as_str()
            .unwrap()
            .contains("CourierAvailabilityChanged"),
        "{item}"
    );
    assert!(item["since"].is_string() && item["ageSeconds"].is_u64(), "{item}");
    assert_eq!(page.header("cache-control"), "private, no-cache");
}

#[tokio::test]
async fn pages_contain_every_entry_once() {
    let desk = quarantined_couriers(5).await;
    let mut documents = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = desk
            .get(&format!("{QUARANTINE}?limit=2{cursor}"))
            .await
            .expect(200);
        let items = page.body["quarantined"].as_array().unwrap();
        assert!(items.len() <= 2);
        documents.extend(
            items
                .iter()
                .map(|item| item["document"].as_str().unwrap().to_owned()),
        );
        match page.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(documents, (0..5).map(courier).collect::<Vec<_>>());
}

#[tokio::test]
async fn cursor_of_another_view_is_refused() {
    let desk = quarantined_couriers(2).await;
    let page = desk.get(&format!("{QUARANTINE}?limit=1")).await.expect(200);
    let cursor = page.body["nextCursor"].as_str().unwrap();
    let another = desk
        .get(&format!(
            "/operations/views/order-menus/quarantine?cursor={cursor}"
        ))
        .await;
    assert_eq!(another.problem(), (400, "INVALID_CURSOR"));
}

#[tokio::test]
async fn one_document_is_redriven() {
    let desk = quarantined_couriers(2).await;
    let answer = desk
        .post(REDRIVE, &json!({ "document": courier(1) }))
        .await
        .expect(202);
    assert_eq!(answer.body, json!({ "redriven": 1 }));
    let sent = desk.bell.sent();
    assert_eq!(sent[0].1.redrive, [courier(1)]);
}

#[tokio::test]
async fn all_quarantined_documents_are_redriven() {
    let desk = quarantined_couriers(3).await;
    let answer = desk.post(REDRIVE, &json!({ "all": true })).await.expect(202);
    assert_eq!(answer.body, json!({ "redriven": 3 }));
    let sent = desk.bell.sent().into_iter();
    let mut redriven: Vec<_> = sent.flat_map(|(_, message)| message.redrive).collect();
    redriven.sort();
    assert_eq!(redriven, (0..3).map(courier).collect::<Vec<_>>());
}

#[tokio::test]
async fn empty_quarantine_redrives_nothing() {
    let answer = Desk::new()
        .await
        .post(REDRIVE, &json!({ "all": true }))
        .await
        .expect(202);
    assert_eq!(answer.body, json!({ "redriven": 0 }));
}

#[tokio::test]
async fn document_outside_the_quarantine_is_not_redriven() {
    let answer = Desk::new()
        .await
        .post(REDRIVE, &json!({ "document": courier(1) }))
        .await;
    assert_eq!(answer.problem(), (404, "NOT_QUARANTINED"));
}

#[tokio::test]
async fn document_continues_after_a_skipped_event() {
    let desk = quarantined_couriers(1).await;
    let skipped = desk
        .post(SKIP, &skip("a build that was never released"))
        .await
        .expect(200);
    assert_eq!(
        (&skipped.body["by"], &skipped.body["version"]),
        (&json!("Ada"), &json!(2))
    );
    desk.deliver().await;
    let page = desk.get(QUARANTINE).await.expect(200);
    assert_eq!(page.body["quarantined"], json!([]));
    assert_eq!(page.body["skipped"], json!([skipped.body]));
}

#[tokio::test]
async fn repeated_skip_returns_the_first_record() {
    let desk = quarantined_couriers(1).await;
    let first = desk.post(SKIP, &skip("the first reason")).await.expect(200);
    desk.deliver().await;
    let again = desk.post(SKIP, &skip("another reason")).await.expect(200);
    assert_eq!(first.body, again.body);
}

#[tokio::test]
async fn only_the_quarantined_event_can_be_skipped() {
    let desk = quarantined_couriers(1).await;
    for (stream, version) in [(0, 1), (0, 3), (5, 2)] {
        let body = json!({ "stream": format!("courier#{}", courier(stream)), "version": version, "reason": "why not" });
        let refused = desk.post(SKIP, &body).await;
        assert_eq!(refused.problem(), (409, "NOT_QUARANTINED_THERE"), "{body}");
    }
}
