//! The query function: sums, parameters, tags and read-your-writes.

use crate::tests::commits::{
    Life, approved, cancelled, completed, consumer, created, created_by, order, rejected, restaurant, revised,
};
use crate::tests::stack::start;
use contracts::Money;
use serde_json::json;
use testkit::Answer;
use testkit::token_of;

fn sales(parameters: &str) -> String {
    format!("/restaurants/{}/sales?{parameters}", restaurant(9))
}

fn november() -> String {
    sales("from=2026-11-01&to=2026-11-30")
}

fn summary() -> String {
    format!("/consumers/{}/summary", consumer(7))
}

fn refused(answer: &Answer) -> (u16, String, String) {
    let problem = answer.json();
    let text = |name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    (answer.status, text("code"), text("field"))
}

#[tokio::test]
async fn sales_are_counted_per_day_and_in_total() {
    let stack = start().await;
    for (number, begins, rest) in [
        (1, "2026-11-23T17:00:00Z", vec![approved()]),
        (2, "2026-11-23T23:59:59Z", vec![approved(), revised(10_000)]),
        (3, "2026-11-24T00:00:00Z", vec![approved(), completed()]),
        (4, "2026-11-25T10:00:00Z", vec![approved(), cancelled()]),
        (5, "2026-11-25T10:00:00Z", vec![rejected()]),
        (6, "2026-11-25T10:00:00Z", vec![]),
        (7, "2026-12-01T00:00:00Z", vec![approved()]),
    ] {
        let events: Vec<_> = std::iter::once(created()).chain(rest).collect();
        stack.publish(&Life::new(number, begins).commits(&events)).await;
    }
    assert_eq!(
        stack.get(&november()).await.json(),
        json!({
            "restaurantId": restaurant(9),
            "days": [
                { "date": "2026-11-23", "orders": 2, "turnover": "161.70" },
                { "date": "2026-11-24", "orders": 1, "turnover": "61.70" },
            ],
            "orders": 3,
            "turnover": "223.40",
        })
    );
    assert_eq!(
        stack.get(&summary()).await.json(),
        json!({
            "consumerId": consumer(7),
            "orders": { "APPROVAL_PENDING": 1, "APPROVED": 3, "CANCELLED": 1, "DELIVERED": 1, "REJECTED": 1 },
            "spending": "61.70",
            "underWay": "223.40",
        })
    );
}

#[tokio::test]
async fn b9_unknown_restaurant_and_consumer_have_no_totals() {
    let stack = start().await;
    let nothing = json!({ "restaurantId": restaurant(9), "days": [], "orders": 0, "turnover": "0.00" });
    assert_eq!(stack.get(&sales("")).await.json(), nothing);
    assert_eq!(
        stack.get(&summary()).await.json(),
        json!({ "consumerId": consumer(7), "orders": {}, "spending": "0.00", "underWay": "0.00" })
    );
}

#[tokio::test]
async fn turnover_can_exceed_the_largest_amount() {
    let stack = start().await;
    for number in 1..=2 {
        let events = [created_by(7, 9, Money::MAX.minor()), approved()];
        let commits = Life::new(number, "2026-11-23T17:00:00Z").commits(&events);
        stack.publish(&commits).await;
    }
    assert_eq!(stack.get(&november()).await.json()["turnover"], "19999999999.98");
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let stack = start().await;
    for (query, field) in [
        ("from=2026-11-1", "from"),
        ("from=yesterday", "from"),
        ("from=2026-11-23T00:00:00Z", "from"),
        ("to=2026-02-30", "to"),
        ("from=2026-11-24&to=2026-11-23", "to"),
        ("from=2026-07-01&to=2026-10-01", "from"),
        ("from=2026-07-01&from=2026-07-02", "from"),
        ("day=2026-07-01", "day"),
    ] {
        let answer = stack.get_with(&sales(query), &[]).await;
        let expected = (400, "INVALID_PARAMETER".to_owned(), field.to_owned());
        assert_eq!(refused(&answer), expected, "{query}");
    }
    let answer = stack
        .get_with(&format!("{}?from=2026-07-01", summary()), &[])
        .await;
    assert_eq!(refused(&answer).1, "INVALID_PARAMETER");
}

#[tokio::test]
async fn id_of_another_kind_is_refused() {
    let stack = start().await;
    for path in [
        format!("/restaurants/{}/sales", consumer(7)),
        format!("/consumers/{}/summary", order(1)),
        "/consumers/con_7/summary".to_owned(),
    ] {
        let answer = stack.get_with(&path, &[]).await;
        assert_eq!(
            refused(&answer),
            (400, "INVALID_ID".to_owned(), "id".to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn answer_with_matching_etag_is_304() {
    let stack = start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    stack.publish(&[life.commit(&[created(), approved()])]).await;
    for path in [november(), summary()] {
        let tag = stack.get_with(&path, &[]).await.headers["etag"].clone();
        let tag = [("if-none-match", tag.to_str().unwrap())];
        let same = stack.get_with(&path, &tag).await;
        assert_eq!((same.status, same.bytes.len()), (304, 0), "{path}");
    }
    let tag = stack.get_with(&november(), &[]).await.headers["etag"].clone();
    stack.publish(&[life.commit(&[cancelled()])]).await;
    let changed = stack
        .get_with(&november(), &[("if-none-match", tag.to_str().unwrap())])
        .await;
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn d2_token_counts_an_order_before_projection() {
    let stack = start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    let commits = life.commits(&[created(), approved()]);
    stack.bench.store(&commits).await.unwrap();
    assert_eq!(stack.get(&november()).await.json()["orders"], 0);
    let token = token_of(&commits[1]);
    let token = [("consistency-token", &*token)];
    let own = stack.get_with(&november(), &token).await.json();
    assert_eq!((&own["orders"], &own["turnover"]), (&json!(1), &json!("61.70")));
    let own = stack.get_with(&summary(), &token).await.json();
    assert_eq!(
        (&own["orders"], &own["underWay"]),
        (&json!({ "APPROVED": 1 }), &json!("61.70"))
    );
}

#[tokio::test]
async fn d2_token_counts_a_projected_order_once() {
    let stack = start().await;
    let mut life = Life::new(1, "2026-11-23T17:00:00Z");
    stack.publish(&life.commits(&[created(), approved()])).await;
    let revision = life.commit(&[revised(10_000)]);
    stack.bench.store(std::slice::from_ref(&revision)).await.unwrap();
    assert_eq!(stack.get(&november()).await.json()["turnover"], "61.70");
    let token = token_of(&revision);
    let own = stack
        .get_with(&november(), &[("consistency-token", &token)])
        .await
        .json();
    assert_eq!((&own["orders"], &own["turnover"]), (&json!(1), &json!("100.00")));
}

#[tokio::test]
async fn token_of_a_missing_version_is_refused() {
    let stack = start().await;
    let token = token_of(&Life::new(1, "2026-11-23T17:00:00Z").commit(&[created()]));
    let answer = stack.get_with(&summary(), &[("consistency-token", &token)]).await;
    assert_eq!(refused(&answer).1, "INVALID_CONSISTENCY_TOKEN");
}
