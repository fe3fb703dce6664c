//! What the query function answers.

use crate::{assigned, available, courier, created, life};
use ::http::Request;
use axum::Router;
use axum::body::Body;
use commit::{Commit, Parcel};
use couriers::{Couriers, router};
use http_api::ConsistencyToken;
use http_body_util::BodyExt;
use local_dynamodb::LocalDynamo;
use projection::testing::{Bench, batch, message};
use projection::{BatchHandler, Options, Projector, View, ViewReader};
use serde_json::Value;
use tower::ServiceExt;
use view_function::SourceTables;

struct Fleet {
    bench: Bench,
    projector: Projector<Couriers>,
    router: Router,
    _dynamo: LocalDynamo,
}

impl Fleet {
    /// Courier 1 is available, courier 2 has a delivery, courier 3 is not available.
    async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        let bench = Bench::create(client.clone(), Couriers::NAME, Couriers::FILTERS)
            .await
            .unwrap();
        let tables = SourceTables::new(&client, [("courier", bench.event_table.clone())]);
        let reader = ViewReader::new(client.clone(), &bench.view_table, tables.sources());
        let projector = Projector::new(client, &bench.view_table, tables.sources(), Options::default());
        let (router, _) = router(reader, tables).split_for_parts();
        let fleet = Self {
            bench,
            projector,
            router: http_api::finish(router),
            _dynamo: dynamo,
        };
        fleet.publish(life(1, &[created(), available(true)])).await;
        fleet
            .publish(life(2, &[created(), available(true), assigned(7)]))
            .await;
        fleet.publish(life(3, &[created()])).await;
        fleet
    }

    async fn publish(&self, commits: Vec<Commit>) {
        self.bench.store(&commits).await.unwrap();
        for commit in commits {
            let id = format!("{}-{}", commit.stream, commit.first);
            let message = message(id, 1, vec![Parcel::Whole(commit)]);
            let response = self.projector.handle(batch(vec![message])).await;
            assert!(response.batch_item_failures.is_empty());
        }
    }

    async fn get(&self, parameters: &str, token: Option<&ConsistencyToken>) -> (u16, Value) {
        let mut request = Request::get(format!("/couriers?{parameters}"));
        if let Some(token) = token {
            request = request.header("Consistency-Token", token.to_string());
        }
        let request = request.body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    async fn listed(&self, parameters: &str) -> Vec<String> {
        let (status, body) = self.get(parameters, None).await;
        assert_eq!(status, 200, "{body}");
        ids(&body)
    }
}

fn ids(body: &Value) -> Vec<String> {
    let couriers = body["couriers"].as_array().unwrap().iter();
    couriers
        .map(|courier| courier["courierId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn all_couriers_are_listed_by_id_with_what_they_carry() {
    let fleet = Fleet::start().await;
    assert_eq!(fleet.listed("").await, [courier(1), courier(2), courier(3)]);
    let (_, body) = fleet.get("", None).await;
    assert_eq!(
        body["couriers"][1]["delivery"]["orderId"],
        crate::order(7).to_string()
    );
}

#[tokio::test]
async fn those_who_take_deliveries_and_those_who_do_not_are_two_lists() {
    let fleet = Fleet::start().await;
    assert_eq!(fleet.listed("available=true").await, [courier(1), courier(2)]);
    assert_eq!(fleet.listed("available=false").await, [courier(3)]);
}

#[tokio::test]
async fn couriers_are_read_page_by_page() {
    let fleet = Fleet::start().await;
    let (_, first) = fleet.get("limit=2", None).await;
    let cursor = first["nextCursor"].as_str().unwrap();
    let (_, second) = fleet.get(&format!("limit=2&cursor={cursor}"), None).await;
    assert_eq!(
        (ids(&first), ids(&second)),
        (vec![courier(1), courier(2)], vec![courier(3)])
    );
    assert_eq!(second.get("nextCursor"), None);
}

#[tokio::test]
async fn a_read_with_a_token_shows_who_joined_a_moment_ago() {
    let fleet = Fleet::start().await;
    let joined = life(4, &[created(), available(true)]);
    fleet.bench.store(&joined).await.unwrap();
    let token = ConsistencyToken {
        stream: joined[0].stream.clone(),
        version: 2,
    };
    let (_, body) = fleet.get("available=true", Some(&token)).await;
    assert_eq!(ids(&body), [courier(1), courier(2), courier(4)]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_parameter() {
    let fleet = Fleet::start().await;
    for (query, field) in [
        ("available=yes", "available"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("sort=name", "sort"),
        ("cursor=x", "cursor"),
    ] {
        let (status, body) = fleet.get(query, None).await;
        assert_eq!((status, body["field"].as_str()), (400, Some(field)), "{query}");
    }
}
