//! Responses of the query function.

use crate::tests::{assigned, available, courier, created, life, order};
use crate::{Couriers, router};
use http_api::ConsistencyToken;
use serde_json::Value;
use testkit::{Answer, ViewStack};

/// Creates three couriers: 1 is available, 2 has a delivery, 3 is not available.
async fn fleet() -> ViewStack<Couriers> {
    let fleet = ViewStack::start(router).await;
    fleet.publish(&life(1, &[created(), available(true)])).await;
    fleet
        .publish(&life(2, &[created(), available(true), assigned(7)]))
        .await;
    fleet.publish(&life(3, &[created()])).await;
    fleet
}

async fn listed(fleet: &ViewStack<Couriers>, parameters: &str) -> Vec<String> {
    ids(&fleet.get(&format!("/couriers?{parameters}")).await)
}

fn ids(answer: &Answer) -> Vec<String> {
    let id = |courier: &Value| courier["courierId"].as_str().unwrap().to_owned();
    answer.page("couriers").iter().map(id).collect()
}

#[tokio::test]
async fn couriers_are_listed_by_id_with_their_delivery() {
    let answer = fleet().await.get("/couriers").await;
    assert_eq!(ids(&answer), [courier(1), courier(2), courier(3)]);
    let second = &answer.page("couriers")[1];
    assert_eq!(second["delivery"]["orderId"], order(7).to_string());
}

#[tokio::test]
async fn couriers_are_filtered_by_availability() {
    let fleet = fleet().await;
    assert_eq!(listed(&fleet, "available=true").await, [courier(1), courier(2)]);
    assert_eq!(listed(&fleet, "available=false").await, [courier(3)]);
}

#[tokio::test]
async fn couriers_are_read_page_by_page() {
    let fleet = fleet().await;
    let first = fleet.get("/couriers?limit=2").await;
    let cursor = first.cursor().unwrap();
    let second = fleet.get(&format!("/couriers?limit=2&cursor={cursor}")).await;
    assert_eq!(
        (ids(&first), ids(&second)),
        (vec![courier(1), courier(2)], vec![courier(3)])
    );
    assert_eq!(second.cursor(), None);
}

#[tokio::test]
async fn read_with_a_token_shows_a_new_courier() {
    let fleet = fleet().await;
    let joined = life(4, &[created(), available(true)]);
    fleet.bench.store(&joined).await.unwrap();
    let token = ConsistencyToken {
        stream: joined[0].stream.clone(),
        version: 2,
    };
    let answer = fleet
        .get_with(
            "/couriers?available=true",
            &[("Consistency-Token", &token.to_string())],
        )
        .await;
    assert_eq!(ids(&answer), [courier(1), courier(2), courier(4)]);
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let fleet = fleet().await;
    for (query, field) in [
        ("available=yes", "available"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("sort=name", "sort"),
        ("cursor=x", "cursor"),
    ] {
        let answer = fleet.get(&format!("/couriers?{query}")).await;
        assert_eq!(
            (answer.status, answer.json()["field"].as_str()),
            (400, Some(field)),
            "{query}"
        );
    }
}
