//! The invariants of services and views at rest.

use super::{Marketplace, minor};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) async fn check(marketplace: &Marketplace, orders: &[String]) {
    let mut all = Vec::new();
    for id in orders {
        let composed = marketplace.composed(id).await;
        let story = marketplace.read(&format!("/orders/{id}")).await;
        of_an_order(&composed);
        of_its_story(&composed, &story);
        all.push(composed);
    }
    of_the_accounts(marketplace, &all).await;
    of_the_couriers(marketplace, &all).await;
    of_the_totals(marketplace, &all).await;
}

fn of_an_order(composed: &Value) {
    let status = composed["order"]["status"].as_str().unwrap();
    let (order, ticket) = (&composed["order"], &composed["ticket"]);
    let (payment, delivery) = (&composed["payment"], &composed["delivery"]);
    let is = |part: &Value, expected: &str| assert_eq!(part["status"], expected, "{composed}");
    match status {
        "APPROVED" => {
            is(payment, "AUTHORIZED");
            assert_ne!(ticket["status"], "CANCELLED", "{composed}");
            assert!(
                delivery["status"] != "CANCELLED" && delivery["status"] != "DELIVERED",
                "{composed}"
            );
        }
        "REJECTED" => {
            is(payment, "DECLINED");
            is(ticket, "CANCELLED");
            assert!(delivery.is_null(), "{composed}");
        }
        "CANCELLED" => {
            is(payment, "REVERSED");
            is(ticket, "CANCELLED");
            assert!(
                delivery["status"] != "PENDING" && delivery["status"] != "SCHEDULED",
                "{composed}"
            );
        }
        "DELIVERED" => {
            is(payment, "CAPTURED");
            is(delivery, "DELIVERED");
            assert_ne!(ticket["status"], "CANCELLED", "{composed}");
        }
        pending => panic!("an order is stuck in {pending}: {composed}"),
    }
    assert_eq!(order["lineItems"], ticket["lineItems"], "{composed}");
    assert_eq!(order["orderTotal"], payment["amount"], "{composed}");
}

fn of_its_story(composed: &Value, story: &Value) {
    for (of_view, of_service) in [
        (&story["status"], &composed["order"]["status"]),
        (&story["orderTotal"], &composed["order"]["orderTotal"]),
        (&story["lineItems"], &composed["order"]["lineItems"]),
        (&story["deliveryAddress"], &composed["order"]["deliveryAddress"]),
        (&story["ticket"]["status"], &composed["ticket"]["status"]),
        (&story["payment"]["status"], &composed["payment"]["status"]),
        (&story["payment"]["amount"], &composed["payment"]["amount"]),
        (&story["delivery"]["status"], &composed["delivery"]["status"]),
        (
            &story["delivery"]["courierId"],
            &composed["delivery"]["courierId"],
        ),
        (&story["delivery"]["position"], &composed["delivery"]["position"]),
    ] {
        assert_eq!(of_view, of_service, "{story}\n{composed}");
    }
}

/// Only approved orders have held amounts, and the statement agrees.
async fn of_the_accounts(marketplace: &Marketplace, orders: &[Value]) {
    let mut expected: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for composed in orders {
        let order = &composed["order"];
        if order["status"] == "APPROVED" {
            let consumer = order["consumerId"].as_str().unwrap();
            let id = order["orderId"].as_str().unwrap();
            let open = expected.entry(consumer).or_default();
            open.insert(id, minor(&order["orderTotal"]));
        }
    }
    for (consumer, limit) in &marketplace.consumers {
        let account = marketplace.read(&format!("/accounts/{consumer}")).await;
        let open = account["openAuthorizations"].as_array().unwrap().iter();
        let open: BTreeMap<&str, i64> = open
            .map(|open| (open["orderId"].as_str().unwrap(), minor(&open["amount"])))
            .collect();
        let expected = expected.remove(consumer.as_str()).unwrap_or_default();
        assert_eq!(open, expected, "{account}");
        let held: i64 = open.values().sum();
        assert!(limit.is_none_or(|limit| held <= limit), "{account}");

        let statement = marketplace
            .read(&format!("/accounts/{consumer}/statement?limit=1"))
            .await;
        assert_eq!(
            minor(&statement["movements"][0]["heldBack"]),
            held,
            "{statement}\n{account}"
        );
    }
}

/// Couriers and deliveries agree about assignments, and no delivery waits while a courier is free.
async fn of_the_couriers(marketplace: &Marketplace, orders: &[Value]) {
    let mut carried = BTreeSet::new();
    let mut free = 0;
    for courier in &marketplace.couriers {
        let shown = marketplace.read(&format!("/couriers/{courier}")).await;
        match shown["delivery"]["orderId"].as_str() {
            Some(order) => {
                carried.insert((order.to_owned(), courier.clone()));
            }
            None => free += usize::from(shown["available"] == true),
        }
    }
    let under_way: BTreeSet<(String, String)> = orders
        .iter()
        .map(|composed| &composed["delivery"])
        .filter(|delivery| delivery["status"] == "SCHEDULED" || delivery["status"] == "PICKED_UP")
        .map(|delivery| {
            let text = |field: &str| delivery[field].as_str().unwrap().to_owned();
            (text("orderId"), text("courierId"))
        })
        .collect();
    assert_eq!(carried, under_way);
    let couriers: BTreeSet<&String> = carried.iter().map(|(_, courier)| courier).collect();
    assert_eq!(
        couriers.len(),
        carried.len(),
        "a courier carries one delivery at a time"
    );
    let waits = |composed: &&Value| {
        let accepted = !["CREATE_PENDING", "AWAITING_ACCEPTANCE", "CANCELLED"]
            .iter()
            .any(|status| composed["ticket"]["status"] == *status);
        accepted && composed["delivery"]["status"] == "PENDING"
    };
    let waiting = orders.iter().filter(waits).count();
    assert!(
        waiting == 0 || free == 0,
        "{waiting} deliveries wait while {free} couriers are free"
    );

    let mut listed = 0;
    let page = marketplace.read("/couriers?limit=100").await;
    for courier in page["couriers"].as_array().unwrap() {
        let order = courier["delivery"]["orderId"].as_str();
        let id = courier["courierId"].as_str().unwrap();
        assert_eq!(
            order.is_some(),
            carried.iter().any(|(_, who)| who == id),
            "{courier}"
        );
        listed += 1;
    }
    assert_eq!(listed, marketplace.couriers.len());
}

/// The counters equal the counts of the orders.
async fn of_the_totals(marketplace: &Marketplace, orders: &[Value]) {
    let mut by_consumer: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    let (mut sold, mut turnover) = (0, 0);
    for composed in orders {
        let order = &composed["order"];
        let (consumer, status) = (
            order["consumerId"].as_str().unwrap(),
            order["status"].as_str().unwrap(),
        );
        *by_consumer
            .entry(consumer)
            .or_default()
            .entry(status)
            .or_default() += 1;
        if status == "APPROVED" || status == "DELIVERED" {
            sold += 1;
            turnover += minor(&order["orderTotal"]);
        }
    }
    for (consumer, _) in &marketplace.consumers {
        let summary = marketplace.read(&format!("/consumers/{consumer}/summary")).await;
        let mut counted = summary["orders"].as_object().unwrap().clone();
        counted.retain(|_, count| *count != json!(0));
        let expected = by_consumer.remove(consumer.as_str()).unwrap_or_default();
        assert_eq!(Value::from(counted), json!(expected), "{summary}");
    }
    let sales = marketplace
        .read(&format!("/restaurants/{}/sales", marketplace.restaurant))
        .await;
    assert_eq!(
        (&sales["orders"], minor(&sales["turnover"])),
        (&json!(sold), turnover),
        "{sales}"
    );
}
