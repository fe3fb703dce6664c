//! A12, B1: revising an order.

use serde_json::{Value, json};
use tests::{Api, Consumer, Courier, Order, Restaurant, eventually, here};

fn quantity(quantity: u32) -> Value {
    json!({ "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": quantity }] })
}

async fn in_the_kitchen(api: &Api, limit: &str) -> (Consumer, Order) {
    let (consumer, ajanta) = (
        Consumer::with_limit(api, limit).await,
        Restaurant::create(
            api,
            "Ajanta",
            &[("1", "Chicken Vindaloo", "12.34"), ("2", "Naan", "2.50")],
        )
        .await,
    );
    let order = Order::place(api, &consumer, &ajanta, 5).await;
    let _ = order.eventually_in_the_kitchen(api).await;
    (consumer, order)
}

#[tokio::test]
async fn a12_b1_a_revised_order_shows_its_new_lines_and_total_everywhere() {
    let api = here();
    let (consumer, order) = in_the_kitchen(&api, "200.00").await;
    let asked = order.ask(&api, "revise", &quantity(10)).await.expect(200);
    assert_eq!(asked.json()["status"], "REVISION_PENDING", "{asked}");

    let story = order
        .eventually(&api, "it is revised", |story| {
            story["status"] == "APPROVED" && story["orderTotal"] == "123.40"
        })
        .await;
    assert_eq!(story["lineItems"][0]["quantity"], 10, "{story}");
    assert_eq!(story["payment"]["amount"], "123.40", "{story}");
    eventually("the list shows it as well", async || {
        let page = api.get(&consumer.orders("")).await.expect(200).json();
        let listed = &page["orders"][0];
        let right = listed["orderTotal"] == "123.40" && listed["lineItems"][0]["quantity"] == 10;
        if right { Ok(()) } else { Err(page) }
    })
    .await;
    let ticket = api
        .get(&format!("/tickets/{}", order.id))
        .await
        .expect(200)
        .json();
    assert_eq!(ticket["lineItems"][0]["quantity"], 10, "{ticket}");
    let account = api
        .get(&format!("/accounts/{}", consumer.id))
        .await
        .expect(200)
        .json();
    assert_eq!(account["balance"], "123.40", "{account}");

    // The rest of B1.
    let _ = order.ask(&api, "cancel", &json!({})).await.expect(200);
    let _ = order.eventually_is(&api, "CANCELLED").await;
}

#[tokio::test]
async fn a_revision_over_the_credit_limit_changes_nothing() {
    let api = here();
    let (consumer, order) = in_the_kitchen(&api, "100.00").await;
    let _ = order.ask(&api, "revise", &quantity(10)).await.expect(200);
    let story = order
        .eventually(&api, "the revision is rejected", |story| {
            story["status"] == "APPROVED" && story["reason"] == "INSUFFICIENT_CREDIT"
        })
        .await;
    assert_eq!(story["orderTotal"], "61.70", "{story}");
    eventually("the ticket has the original order", async || {
        let ticket = api
            .get(&format!("/tickets/{}", order.id))
            .await
            .expect(200)
            .json();
        if ticket["lineItems"][0]["quantity"] == 5 {
            Ok(())
        } else {
            Err(ticket)
        }
    })
    .await;
    let account = api
        .get(&format!("/accounts/{}", consumer.id))
        .await
        .expect(200)
        .json();
    assert_eq!(account["balance"], "61.70", "{account}");
}

#[tokio::test]
async fn a_revision_after_preparation_began_is_rejected_and_the_payment_is_reverted() {
    let api = here();
    let (consumer, order) = in_the_kitchen(&api, "200.00").await;
    let _ = Courier::available(&api).await;
    order.accept(&api).await;
    let _ = order.ticket(&api, "preparing", &json!({})).await.expect(200);
    let _ = order.ask(&api, "revise", &quantity(10)).await.expect(200);
    let story = order
        .eventually(&api, "the revision is rejected", |story| {
            story["status"] == "APPROVED" && story["reason"] == "TICKET_PREPARING"
        })
        .await;
    assert_eq!(story["orderTotal"], "61.70", "{story}");
    eventually("the account holds the original amount", async || {
        let account = api
            .get(&format!("/accounts/{}", consumer.id))
            .await
            .expect(200)
            .json();
        if account["balance"] == "61.70" {
            Ok(())
        } else {
            Err(account)
        }
    })
    .await;
}

#[tokio::test]
async fn a_revision_adds_items_at_the_menus_price_and_changes_the_address() {
    let api = here();
    let (_, order) = in_the_kitchen(&api, "200.00").await;
    let elsewhere = json!({ "street1": "1 Other Street", "city": "Oakland", "state": "CA", "zip": "94612" });
    let body = json!({
        "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": 1 }, { "menuItemId": "2", "quantity": 2 }],
        "deliveryAddress": elsewhere,
    });
    let _ = order.ask(&api, "revise", &body).await.expect(200);
    let story = order
        .eventually(&api, "it is revised", |story| {
            story["status"] == "APPROVED" && story["orderTotal"] == "17.34"
        })
        .await;
    assert_eq!(story["deliveryAddress"], elsewhere, "{story}");
    eventually("the delivery goes there", async || {
        let delivery = api.get(&format!("/deliveries/{}", order.id)).await;
        let right = delivery.status == 200 && delivery.json()["deliveryAddress"] == elsewhere;
        if right { Ok(()) } else { Err(delivery) }
    })
    .await;
}

#[tokio::test]
async fn a_revision_with_an_unknown_item_is_refused() {
    let api = here();
    let (_, order) = in_the_kitchen(&api, "200.00").await;
    let body = json!({ "revisedOrderLineItems": [{ "menuItemId": "1", "quantity": 1 }, { "menuItemId": "99", "quantity": 1 }] });
    let refused = order.ask(&api, "revise", &body).await.expect(422);
    assert_eq!(refused.code(), "UNKNOWN_MENU_ITEM");
    assert_eq!(
        refused.json()["field"],
        "revisedOrderLineItems[1].menuItemId",
        "{refused}"
    );
    assert_eq!(order.story(&api).await["status"], "APPROVED");
}
