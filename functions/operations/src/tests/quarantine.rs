use crate::tests::desk::{Desk, courier, joined, unreadable};
use serde_json::{Value, json};

const QUARANTINE: &str = "/operations/views/couriers/quarantine";
const REDRIVE: &str = "/operations/views/couriers/quarantine/redrive";
const SKIP: &str = "/operations/views/couriers/quarantine/skip";

/// So many couriers that stand still at their second event.
async fn standing_still(count: u64) -> Desk {
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
async fn what_stands_still_is_listed_with_its_reason() {
    let page = standing_still(1).await.get(QUARANTINE).await.expect(200);
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
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn all_pages_together_are_everything_once() {
    let desk = standing_still(5).await;
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
async fn a_cursor_belongs_to_its_view() {
    let desk = standing_still(2).await;
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
    let desk = standing_still(2).await;
    let answer = desk
        .post(REDRIVE, &json!({ "document": courier(1) }))
        .await
        .expect(202);
    assert_eq!(answer.body, json!({ "redriven": 1 }));
    let sent = desk.bell.sent();
    assert_eq!(sent[0].1.redrive, [courier(1)]);
}

#[tokio::test]
async fn all_that_stand_still_are_redriven() {
    let desk = standing_still(3).await;
    let answer = desk.post(REDRIVE, &json!({ "all": true })).await.expect(202);
    assert_eq!(answer.body, json!({ "redriven": 3 }));
    let sent = desk.bell.sent().into_iter();
    let mut redriven: Vec<_> = sent.flat_map(|(_, message)| message.redrive).collect();
    redriven.sort();
    assert_eq!(redriven, (0..3).map(courier).collect::<Vec<_>>());
}

#[tokio::test]
async fn nothing_stands_still_so_nothing_is_redriven() {
    let answer = Desk::new()
        .await
        .post(REDRIVE, &json!({ "all": true }))
        .await
        .expect(202);
    assert_eq!(answer.body, json!({ "redriven": 0 }));
}

#[tokio::test]
async fn a_document_that_does_not_stand_still_is_not_redriven() {
    let answer = Desk::new()
        .await
        .post(REDRIVE, &json!({ "document": courier(1) }))
        .await;
    assert_eq!(answer.problem(), (404, "NOT_QUARANTINED"));
}

#[tokio::test]
async fn an_event_that_is_left_out_lets_its_document_go_on() {
    let desk = standing_still(1).await;
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
async fn an_event_that_was_left_out_before_answers_what_was_recorded() {
    let desk = standing_still(1).await;
    let first = desk.post(SKIP, &skip("the first reason")).await.expect(200);
    desk.deliver().await;
    let again = desk.post(SKIP, &skip("another reason")).await.expect(200);
    assert_eq!(first.body, again.body);
}

#[tokio::test]
async fn only_the_event_that_a_document_stands_still_at_can_be_left_out() {
    let desk = standing_still(1).await;
    for (stream, version) in [(0, 1), (0, 3), (5, 2)] {
        let body = json!({ "stream": format!("courier#{}", courier(stream)), "version": version, "reason": "why not" });
        let refused = desk.post(SKIP, &body).await;
        assert_eq!(refused.problem(), (409, "NOT_QUARANTINED_THERE"), "{body}");
    }
}
