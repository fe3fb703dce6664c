//! What the query function answers.

use crate::{accepted, created, order, restaurant, ticket};
use ::http::Request;
use axum::Router;
use axum::body::Body;
use commit::{Commit, Parcel};
use contracts::TicketEvent;
use http_api::ConsistencyToken;
use http_body_util::BodyExt;
use kitchen_board::{KitchenBoard, router};
use local_dynamodb::LocalDynamo;
use projection::testing::{Bench, batch, message};
use projection::{BatchHandler, Options, Projector, View, ViewReader};
use serde_json::{Value, json};
use tower::ServiceExt;
use view_function::SourceTables;

struct Board {
    bench: Bench,
    projector: Projector<KitchenBoard>,
    router: Router,
    _dynamo: LocalDynamo,
}

impl Board {
    async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        let bench = Bench::create(client.clone(), KitchenBoard::NAME, KitchenBoard::FILTERS)
            .await
            .unwrap();
        let tables = SourceTables::new(&client, [("ticket", bench.event_table.clone())]);
        let reader = ViewReader::new(client.clone(), &bench.view_table, tables.sources());
        let projector = Projector::new(client, &bench.view_table, tables.sources(), Options::default());
        let (router, _) = router(reader, tables).split_for_parts();
        Self {
            bench,
            projector,
            router: http_api::finish(router),
            _dynamo: dynamo,
        }
    }

    async fn publish(&self, commits: Vec<Commit>) {
        self.bench.store(&commits).await.unwrap();
        for commit in commits {
            let id = format!("{}-{}", commit.stream, commit.first);
            let response = self
                .projector
                .handle(batch(vec![message(id, 1, vec![Parcel::Whole(commit)])]));
            assert!(response.await.batch_item_failures.is_empty());
        }
    }

    async fn get_with(&self, path: &str, token: Option<&ConsistencyToken>) -> (u16, Value) {
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header("Consistency-Token", token.to_string());
        }
        let request = request.body(Body::empty()).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// The ids of the orders on a page, and the page's cursor.
    async fn page(&self, parameters: &str) -> (Vec<String>, Option<String>) {
        let path = format!("/restaurants/{}/tickets?{parameters}", restaurant(1));
        let (status, body) = self.get_with(&path, None).await;
        assert_eq!(status, 200, "{body}");
        (ids(&body), body["nextCursor"].as_str().map(str::to_owned))
    }
}

fn ids(body: &Value) -> Vec<String> {
    let tickets = body["tickets"].as_array().unwrap().iter();
    tickets
        .map(|ticket| ticket["orderId"].as_str().unwrap().to_owned())
        .collect()
}

/// Three tickets of restaurant 1: one accepted, one picked up, one that waits; and one of another restaurant.
async fn busy() -> Board {
    let board = Board::start().await;
    let confirmed = TicketEvent::TicketConfirmed {};
    board
        .publish(ticket(
            1,
            &[created(restaurant(1)), confirmed.clone(), accepted()],
        ))
        .await;
    board
        .publish(ticket(
            2,
            &[created(restaurant(1)), TicketEvent::TicketPickedUp {}],
        ))
        .await;
    board
        .publish(ticket(3, &[created(restaurant(1)), confirmed]))
        .await;
    board.publish(ticket(4, &[created(restaurant(2))])).await;
    board
}

#[tokio::test]
async fn a_board_shows_its_restaurants_open_tickets_oldest_first() {
    assert_eq!(busy().await.page("").await, (vec![order(1), order(3)], None));
}

#[tokio::test]
async fn a_board_is_filtered_by_states_of_one_side() {
    let board = busy().await;
    assert_eq!(board.page("status=AWAITING_ACCEPTANCE").await.0, [order(3)]);
    assert_eq!(
        board.page("status=ACCEPTED&status=AWAITING_ACCEPTANCE").await.0,
        [order(1), order(3)]
    );
    assert_eq!(board.page("status=PICKED_UP,CANCELLED").await.0, [order(2)]);
}

#[tokio::test]
async fn a_board_is_read_page_by_page() {
    let board = busy().await;
    let (first, cursor) = board.page("limit=1").await;
    let (second, end) = board.page(&format!("limit=1&cursor={}", cursor.unwrap())).await;
    assert_eq!((first, second, end), (vec![order(1)], vec![order(3)], None));
}

#[tokio::test]
async fn a_read_with_a_token_shows_what_nobody_has_projected_yet() {
    let board = busy().await;
    let late = ticket(5, &[created(restaurant(1)), TicketEvent::TicketConfirmed {}]);
    board.bench.store(&late).await.unwrap();
    let token = ConsistencyToken {
        stream: late[1].stream.clone(),
        version: 2,
    };
    let path = format!("/restaurants/{}/tickets", restaurant(1));
    let (_, body) = board.get_with(&path, Some(&token)).await;
    assert_eq!(ids(&body), [order(1), order(3), order(5)]);
    assert_eq!(body["tickets"][2]["status"], "AWAITING_ACCEPTANCE");
}

#[tokio::test]
async fn a_restaurant_that_nobody_knows_has_an_empty_board() {
    let (status, body) = busy()
        .await
        .get_with(&format!("/restaurants/{}/tickets", restaurant(9)), None)
        .await;
    assert_eq!((status, body), (200, json!({ "tickets": [] })));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_parameter() {
    let board = Board::start().await;
    for (query, code, field) in [
        ("status=ACCEPTED,PICKED_UP", "INVALID_PARAMETER", "status"),
        ("status=accepted", "INVALID_PARAMETER", "status"),
        ("limit=0", "INVALID_PARAMETER", "limit"),
        ("limit=101", "INVALID_PARAMETER", "limit"),
        ("page=2", "INVALID_PARAMETER", "page"),
        ("cursor=x", "INVALID_CURSOR", "cursor"),
    ] {
        let path = format!("/restaurants/{}/tickets?{query}", restaurant(1));
        let (status, body) = board.get_with(&path, None).await;
        assert_eq!(
            (status, body["code"].as_str(), body["field"].as_str()),
            (400, Some(code), Some(field)),
            "{query}"
        );
    }
}
