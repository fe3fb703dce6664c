use crate::tests::fixture::{TestKitchen, in_seconds};
use contracts::{OrderEvent, OrderId};
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn ticket_passes_through_every_status() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let ready_by = in_seconds(3_600);

    let accepted = kitchen
        .post(&format!("/tickets/{id}/accept"), json!({ "readyBy": ready_by }))
        .await;
    assert_eq!(
        (accepted.status, &accepted.body["status"]),
        (200, &json!("ACCEPTED"))
    );
    for (step, status) in [
        ("preparing", "PREPARING"),
        ("ready-for-pickup", "READY_FOR_PICKUP"),
        ("picked-up", "PICKED_UP"),
    ] {
        let answer = kitchen.post(&format!("/tickets/{id}/{step}"), json!({})).await;
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!(status)));
        assert!(answer.headers.contains_key("consistency-token"));
    }

    let ticket = kitchen.get(&format!("/tickets/{id}")).await;
    assert_eq!(ticket.body["orderId"], json!(id));
    assert_eq!(ticket.body["status"], "PICKED_UP");
    assert_eq!(ticket.body["readyBy"], accepted.body["readyBy"]);
    assert_eq!(ticket.body["lineItems"][0]["name"], "Chicken Vindaloo");
    assert_eq!(
        kitchen.ticket_events(id).await,
        [
            "TicketCreated",
            "TicketConfirmed",
            "TicketAccepted",
            "TicketPreparationStarted",
            "TicketPreparationCompleted",
            "TicketPickedUp"
        ]
    );
}

#[tokio::test]
async fn step_in_a_wrong_status_is_refused_with_the_current_status() {
    // The steps in order. A ticket accepts its last step again, and the next one.
    const STEPS: [&str; 4] = ["accept", "preparing", "ready-for-pickup", "picked-up"];
    let kitchen = TestKitchen::start().await;
    let ready_by = in_seconds(3_600);
    let body = |step| match step {
        "accept" => json!({ "readyBy": ready_by }),
        _ => json!({}),
    };
    let refused = async |id: OrderId, status: &str, allowed: &[&str]| {
        for step in STEPS.iter().filter(|step| !allowed.contains(step)) {
            let answer = kitchen.post(&format!("/tickets/{id}/{step}"), body(step)).await;
            assert_eq!(
                answer.code(),
                (409, "INVALID_STATE_TRANSITION"),
                "{status} {step}"
            );
            assert_eq!(answer.body["currentStatus"], status);
        }
    };

    let id = kitchen.order().await;
    kitchen.deliver(&kitchen.commits_of(id).await).await;
    refused(id, "CREATE_PENDING", &[]).await;
    kitchen.tell(id, OrderEvent::OrderApproved {}).await;
    refused(id, "AWAITING_ACCEPTANCE", &STEPS[..1]).await;
    let statuses = ["ACCEPTED", "PREPARING", "READY_FOR_PICKUP", "PICKED_UP"];
    for (taken, (step, status)) in STEPS.iter().zip(statuses).enumerate() {
        let answer = kitchen.post(&format!("/tickets/{id}/{step}"), body(step)).await;
        assert_eq!(answer.body["status"], status);
        refused(id, status, &STEPS[taken..STEPS.len().min(taken + 2)]).await;
    }

    let cancelled = kitchen.approved_order().await;
    kitchen.tell(cancelled, OrderEvent::OrderCancelRequested {}).await;
    refused(cancelled, "CANCELLED", &[]).await;
}

#[tokio::test]
async fn ready_by_in_the_past_is_refused() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let answer = kitchen
        .post(
            &format!("/tickets/{id}/accept"),
            json!({ "readyBy": in_seconds(-1) }),
        )
        .await;
    assert_eq!(answer.code(), (422, "READY_BY_NOT_IN_FUTURE"));
    assert_eq!(answer.body["field"], "readyBy");
}

#[tokio::test]
async fn a_ticket_without_an_order_is_unknown() {
    let kitchen = TestKitchen::start().await;
    let id = OrderId::from_uuid(Uuid::now_v7());
    assert_eq!(
        kitchen.get(&format!("/tickets/{id}")).await.code(),
        (404, "UNKNOWN_TICKET")
    );
    let answer = kitchen.post(&format!("/tickets/{id}/preparing"), json!({})).await;
    assert_eq!(answer.code(), (404, "UNKNOWN_TICKET"));
}

#[tokio::test]
async fn uncreated_ticket_of_an_existing_order_is_not_ready() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.order().await;
    let read = kitchen.get(&format!("/tickets/{id}")).await;
    assert_eq!(read.code(), (409, "TICKET_NOT_READY"));
    assert_eq!(read.headers["retry-after"], "1");
    let answer = kitchen
        .post(
            &format!("/tickets/{id}/accept"),
            json!({ "readyBy": in_seconds(60) }),
        )
        .await;
    assert_eq!(answer.code(), (409, "TICKET_NOT_READY"));
}

#[tokio::test]
async fn repeated_key_returns_first_reply() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let (path, body) = (
        format!("/tickets/{id}/accept"),
        json!({ "readyBy": in_seconds(3_600) }),
    );
    let first = kitchen.post_once(&path, "k1", body.clone()).await;
    kitchen.post(&format!("/tickets/{id}/preparing"), json!({})).await;

    let again = kitchen.post_once(&path, "k1", body).await;
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(
        again.headers["consistency-token"],
        first.headers["consistency-token"]
    );
}

#[tokio::test]
async fn repeated_key_with_another_body_is_refused() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let path = format!("/tickets/{id}/accept");
    kitchen
        .post_once(&path, "k1", json!({ "readyBy": in_seconds(3_600) }))
        .await;
    let other = kitchen
        .post_once(&path, "k1", json!({ "readyBy": in_seconds(7_200) }))
        .await;
    assert_eq!(other.code(), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[tokio::test]
async fn repeated_step_without_a_key_changes_nothing() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let body = json!({ "readyBy": in_seconds(3_600) });
    let path = format!("/tickets/{id}/accept");
    kitchen.post(&path, body.clone()).await;
    assert_eq!(kitchen.post(&path, body).await.status, 200);
    assert_eq!(
        kitchen.ticket_events(id).await,
        ["TicketCreated", "TicketConfirmed", "TicketAccepted"]
    );
}

#[tokio::test]
async fn ticket_with_matching_etag_is_304() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let path = format!("/tickets/{id}");
    let tag = kitchen.get(&path).await.header("etag").to_owned();
    assert_eq!(kitchen.get_unless(&path, &tag).await.status, 304);
}

#[tokio::test]
async fn malformed_input_is_refused_and_stores_nothing() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.approved_order().await;
    let path = format!("/tickets/{id}/accept");
    for (body, field) in [
        (json!({}), "readyBy"),
        (json!({ "readyBy": "2030-01-01T00:00:00" }), "readyBy"),
        (json!({ "readyBy": 1_900_000_000 }), "readyBy"),
        (
            json!({ "readyBy": in_seconds(60), "status": "ACCEPTED" }),
            "status",
        ),
    ] {
        let answer = kitchen.post(&path, body.clone()).await;
        assert_eq!(answer.code(), (400, "MALFORMED_BODY"), "{body}");
        assert!(answer.body.to_string().contains(field), "{}", answer.body);
    }
    for id in ["ord_1", "con_0193a5b2c4d67e8f9a0b1c2d3e4f5061", "..%2f..%2fetc"] {
        let answer = kitchen.post(&format!("/tickets/{id}/preparing"), json!({})).await;
        assert_eq!(answer.code(), (400, "INVALID_ID"), "{id}");
    }
    assert_eq!(
        kitchen.ticket_events(id).await,
        ["TicketCreated", "TicketConfirmed"]
    );
}

#[tokio::test]
async fn commit_of_another_process_is_visible_at_once() {
    let kitchen = TestKitchen::start().await;
    let id = kitchen.order().await;
    kitchen.deliver(&kitchen.commits_of(id).await).await;
    let path = format!("/tickets/{id}/accept");
    let body = json!({ "readyBy": in_seconds(3_600) });
    // After the refusal this process has the ticket in its cache.
    assert_eq!(kitchen.post(&path, body.clone()).await.status, 409);
    kitchen.commit(id, OrderEvent::OrderApproved {}).await;
    kitchen.deliver(&kitchen.commits_of(id).await).await;
    assert_eq!(kitchen.post(&path, body).await.status, 200);
}
