//! Responses of the query function.

use crate::tests::{accepted, created, order, restaurant, ticket};
use crate::{KitchenBoard, router};
use contracts::TicketEvent;
use http_api::ConsistencyToken;
use serde_json::{Value, json};
use testkit::ViewStack;

type Board = ViewStack<KitchenBoard>;

/// Returns the ids of the orders on a page, and the page's cursor.
async fn page(board: &Board, parameters: &str) -> (Vec<String>, Option<String>) {
    let path = format!("/restaurants/{}/tickets?{parameters}", restaurant(1));
    let answer = board.get(&path).await;
    (ids(&answer.page("tickets")), answer.cursor())
}

fn ids(tickets: &[Value]) -> Vec<String> {
    let id = |ticket: &Value| ticket["orderId"].as_str().unwrap().to_owned();
    tickets.iter().map(id).collect()
}

/// Creates three tickets of restaurant 1 (one accepted, one picked up, one waiting) and one of another restaurant.
async fn busy() -> Board {
    let board = Board::start(router).await;
    let confirmed = TicketEvent::TicketConfirmed {};
    board
        .publish(&ticket(
            1,
            &[created(restaurant(1)), confirmed.clone(), accepted()],
        ))
        .await;
    board
        .publish(&ticket(
            2,
            &[created(restaurant(1)), TicketEvent::TicketPickedUp {}],
        ))
        .await;
    board
        .publish(&ticket(3, &[created(restaurant(1)), confirmed]))
        .await;
    board.publish(&ticket(4, &[created(restaurant(2))])).await;
    board
}

#[tokio::test]
async fn board_lists_open_tickets_of_the_restaurant_oldest_first() {
    assert_eq!(page(&busy().await, "").await, (vec![order(1), order(3)], None));
}

#[tokio::test]
async fn board_is_filtered_by_statuses_of_one_side() {
    let board = busy().await;
    assert_eq!(page(&board, "status=AWAITING_ACCEPTANCE").await.0, [order(3)]);
    assert_eq!(
        page(&board, "status=ACCEPTED&status=AWAITING_ACCEPTANCE").await.0,
        [order(1), order(3)]
    );
    assert_eq!(page(&board, "status=PICKED_UP,CANCELLED").await.0, [order(2)]);
}

#[tokio::test]
async fn board_is_read_page_by_page() {
    let board = busy().await;
    let (first, cursor) = page(&board, "limit=1").await;
    let (second, end) = page(&board, &format!("limit=1&cursor={}", cursor.unwrap())).await;
    assert_eq!((first, second, end), (vec![order(1)], vec![order(3)], None));
}

#[tokio::test]
async fn read_with_a_token_shows_unprojected_events() {
    let board = busy().await;
    let late = ticket(5, &[created(restaurant(1)), TicketEvent::TicketConfirmed {}]);
    board.bench.store(&late).await.unwrap();
    let token = ConsistencyToken {
        stream: late[1].stream.clone(),
        version: 2,
    };
    let path = format!("/restaurants/{}/tickets", restaurant(1));
    let answer = board
        .get_with(&path, &[("Consistency-Token", &token.to_string())])
        .await;
    let tickets = answer.page("tickets");
    assert_eq!(ids(&tickets), [order(1), order(3), order(5)]);
    assert_eq!(tickets[2]["status"], "AWAITING_ACCEPTANCE");
}

#[tokio::test]
async fn unknown_restaurant_has_an_empty_board() {
    let path = format!("/restaurants/{}/tickets", restaurant(9));
    let answer = busy().await.get(&path).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "tickets": [] })));
}

#[tokio::test]
async fn invalid_parameters_are_refused_by_name() {
    let board = Board::start(router).await;
    for (query, code, field) in [
        ("status=ACCEPTED,PICKED_UP", "INVALID_PARAMETER", "status"),
        ("status=accepted", "INVALID_PARAMETER", "status"),
        ("limit=0", "INVALID_PARAMETER", "limit"),
        ("limit=101", "INVALID_PARAMETER", "limit"),
        ("page=2", "INVALID_PARAMETER", "page"),
        ("cursor=x", "INVALID_CURSOR", "cursor"),
    ] {
        let path = format!("/restaurants/{}/tickets?{query}", restaurant(1));
        let answer = board.get(&path).await;
        let (status, body) = (answer.status, answer.json());
        assert_eq!(
            (status, body["code"].as_str(), body["field"].as_str()),
            (400, Some(code), Some(field)),
            "{query}"
        );
    }
}
