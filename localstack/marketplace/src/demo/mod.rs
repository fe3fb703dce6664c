//! Realistic traffic over the real API, for `--demo`.
//!
//! All choices come from one seed, so two runs do the same; only ids and times differ.

mod catalog;
mod chance;
mod client;

use catalog::{FIRST_NAMES, LAST_NAMES, RESTAURANTS, STREETS, ZIPS};
use chance::Chance;
use client::{Client, text};
use futures::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

const SEED: u64 = 20_180_827;
const CONSUMERS: usize = 50;
const ORDERS: usize = 200;
/// The number of concurrent clients: enough to show the pipeline at work, and few enough to read the log.
const CLIENTS: usize = 8;
/// Every fifth consumer has this limit, which allows one or two orders.
const CREDIT_LIMIT: &str = "60.00";

/// The number of couriers: one more than carry a delivery at the end.
const COURIERS: usize = 120;

/// The steps of an approved order, by path. Most go some way towards delivery; some are revised, some cancelled.
const STAGES: &[&[&str]] = &[
    &[],
    &["orders/cancel"],
    &["orders/revise"],
    &["tickets/accept"],
    &["tickets/accept", "tickets/preparing"],
    &["tickets/accept", "tickets/preparing", "orders/cancel"],
    &[
        "tickets/accept",
        "tickets/preparing",
        "tickets/ready-for-pickup",
        "tickets/picked-up",
        "deliveries/picked-up",
    ],
    &DELIVERED,
    &DELIVERED,
    &DELIVERED,
];

/// All steps up to delivery.
const DELIVERED: [&str; 7] = [
    "tickets/accept",
    "tickets/preparing",
    "tickets/ready-for-pickup",
    "tickets/picked-up",
    "deliveries/picked-up",
    "deliveries/location",
    "deliveries/delivered",
];

/// The final state of one order.
struct Left {
    order: String,
    consumer: String,
    restaurant: String,
    status: String,
    ticket: String,
    delivery: String,
}

/// Sends the traffic and returns the text to print: a summary, and commands to read the data.
pub(crate) async fn run(url: String) -> anyhow::Result<String> {
    let client = Client::new(&url)?;
    let mut chance = Chance::new(SEED);
    let progress = progress((RESTAURANTS.len() + COURIERS + CONSUMERS + ORDERS) as u64);

    progress.set_message("restaurants");
    let restaurants: Vec<String> =
        in_parallel(&progress, RESTAURANTS.iter().map(|it| open(&client, it))).await?;
    progress.set_message("couriers");
    let couriers: Vec<_> = (0..COURIERS).map(|_| full_name(&mut chance)).collect();
    in_parallel(&progress, couriers.into_iter().map(|name| hire(&client, name))).await?;
    progress.set_message("consumers");
    let people: Vec<_> = (0..CONSUMERS)
        .map(|n| (person(&mut chance), n % 5 == 4))
        .collect();
    let consumers: Vec<String> = in_parallel(
        &progress,
        people
            .into_iter()
            .map(|(name, limited)| join(&client, name, limited)),
    )
    .await?;
    progress.set_message("orders");
    let plans: Vec<_> = (0..ORDERS)
        .map(|_| plan(&mut chance, &consumers, &restaurants))
        .collect();
    let orders = in_parallel(&progress, plans.into_iter().map(|plan| take(&client, plan))).await?;
    progress.finish_and_clear();

    Ok(summary(&url, &orders))
}

async fn in_parallel<T>(
    progress: &ProgressBar,
    steps: impl Iterator<Item = impl Future<Output = anyhow::Result<T>>>,
) -> anyhow::Result<Vec<T>> {
    stream::iter(steps)
        .buffered(CLIENTS)
        .inspect_ok(|_| progress.inc(1))
        .try_collect()
        .await
}

fn progress(steps: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:11} {wide_bar} {pos}/{len} {elapsed}");
    let progress = ProgressBar::new(steps);
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    progress
}

fn address(street: &str, zip: &str) -> Value {
    json!({ "street1": street, "city": "Oakland", "state": "CA", "zip": zip })
}

async fn open(client: &Client, restaurant: &catalog::Restaurant) -> anyhow::Result<String> {
    let days = ["TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
    let hours: Vec<_> = days
        .iter()
        .map(|day| json!({ "dayOfWeek": day, "opens": "11:00", "closes": "22:30" }))
        .collect();
    let menu: Vec<_> = restaurant
        .menu
        .iter()
        .map(|(id, name, price)| json!({ "id": id, "name": name, "price": price }))
        .collect();
    let body = json!({
        "name": restaurant.name,
        "address": address(restaurant.street, restaurant.zip),
        "menu": { "menuItems": menu },
        "openingHours": hours,
        "serviceArea": ZIPS,
        "timeZone": "America/Los_Angeles",
    });
    text(&client.post("/restaurants", &body).await?, "restaurantId")
}

fn person(chance: &mut Chance) -> Value {
    json!({ "name": { "firstName": chance.one_of(FIRST_NAMES), "lastName": chance.one_of(LAST_NAMES) } })
}

fn full_name(chance: &mut Chance) -> String {
    format!("{} {}", chance.one_of(FIRST_NAMES), chance.one_of(LAST_NAMES))
}

async fn hire(client: &Client, name: String) -> anyhow::Result<()> {
    let courier = text(
        &client.post("/couriers", &json!({ "name": name })).await?,
        "courierId",
    )?;
    let path = format!("/couriers/{courier}/availability");
    client.post(&path, &json!({ "available": true })).await?;
    Ok(())
}

async fn join(client: &Client, name: Value, limited: bool) -> anyhow::Result<String> {
    let consumer = text(&client.post("/consumers", &name).await?, "consumerId")?;
    if limited {
        client
            .post(
                &format!("/accounts/{consumer}/limit"),
                &json!({ "creditLimit": CREDIT_LIMIT }),
            )
            .await?;
    }
    Ok(consumer)
}

/// An order to place, and its steps.
struct Plan {
    consumer: String,
    restaurant: String,
    body: Value,
    ready_in: Duration,
    stage: usize,
}

fn plan(chance: &mut Chance, consumers: &[String], restaurants: &[String]) -> Plan {
    let consumer = chance.one_of(consumers).clone();
    let which = chance.below(restaurants.len());
    let menu = RESTAURANTS[which].menu;
    let first = chance.below(menu.len());
    let lines: Vec<_> = (0..=chance.below(3))
        .map(|n| json!({ "menuItemId": menu[(first + n) % menu.len()].0, "quantity": 1 + chance.below(3) }))
        .collect();
    let street = format!("{} {}", 1 + chance.below(400), chance.one_of(STREETS));
    let zip = *chance.one_of::<&str>(ZIPS);
    let minutes = 45 + chance.below(90) as u64;
    let body = json!({
        "consumerId": consumer,
        "restaurantId": restaurants[which],
        "deliveryAddress": address(&street, zip),
        "deliveryTime": in_future(Duration::from_secs(60 * minutes)),
        "lineItems": lines,
    });
    let ready_in = Duration::from_secs(60 * (minutes - 30));
    Plan {
        consumer,
        restaurant: restaurants[which].clone(),
        body,
        ready_in,
        stage: chance.below(STAGES.len()),
    }
}

fn in_future(after: Duration) -> String {
    let time = jiff::Timestamp::now() + after;
    time.round(jiff::Unit::Second).unwrap_or(time).to_string()
}

/// Places the order, waits for the decision, and executes the planned steps of an approved one.
async fn take(client: &Client, plan: Plan) -> anyhow::Result<Left> {
    let order = text(&client.post("/orders", &plan.body).await?, "orderId")?;
    let story = format!("/orders/{order}");
    let decided = |story: &Value| story["status"] != "APPROVAL_PENDING" && !story["ticket"].is_null();
    let first = client.read_until(&story, decided).await?;
    let mut tokens: Vec<String> = Vec::new();
    let steps = if first["status"] == "APPROVED" {
        STAGES[plan.stage]
    } else {
        &[]
    };
    for step in steps {
        if *step == "deliveries/picked-up" {
            let has_courier = |delivery: &Value| delivery["status"] != "PENDING";
            client
                .read_until(&format!("/deliveries/{order}"), has_courier)
                .await?;
        }
        let (of, what) = step.split_once('/').unwrap_or((step, ""));
        let body = match what {
            "accept" => json!({ "readyBy": in_future(plan.ready_in) }),
            "revise" => json!({ "revisedOrderLineItems": revised(&plan.body) }),
            "location" => json!({ "latitude": 37.8044, "longitude": -122.2712 }),
            _ => json!({}),
        };
        tokens.push(client.step(&format!("/{of}/{order}/{what}"), &body).await?);
    }
    let delivered = steps.last() == DELIVERED.last();
    let settled = |story: &Value| has_settled(story) && (!delivered || story["status"] == "DELIVERED");
    let last = client.read_after(&story, &tokens, settled).await?;
    let state = |part: &str| last[part]["status"].as_str().unwrap_or("–").to_owned();
    Ok(Left {
        order,
        consumer: plan.consumer,
        restaurant: plan.restaurant,
        status: text(&last, "status")?,
        ticket: state("ticket"),
        delivery: state("delivery"),
    })
}

/// Returns whether no more events follow: every service has reacted, and the view has the events.
fn has_settled(story: &Value) -> bool {
    let (ticket, delivery) = (&story["ticket"]["status"], &story["delivery"]["status"]);
    match story["status"].as_str() {
        // A courier is requested on acceptance, and there are enough couriers.
        Some("APPROVED") => match ticket.as_str() {
            Some("AWAITING_ACCEPTANCE") => delivery == "PENDING",
            Some("CREATE_PENDING") | None => false,
            Some(_) => delivery == "SCHEDULED" || delivery == "PICKED_UP",
        },
        Some("REJECTED") => ticket == "CANCELLED",
        Some("CANCELLED") => ticket == "CANCELLED" && delivery == "CANCELLED",
        Some("DELIVERED") => story["payment"]["status"] == "CAPTURED",
        _ => false,
    }
}

/// Returns the line items with one more of each.
fn revised(order: &Value) -> Value {
    let mut lines = order["lineItems"].clone();
    for line in lines.as_array_mut().into_iter().flatten() {
        let quantity = line["quantity"].as_u64().unwrap_or_default();
        line["quantity"] = json!(quantity + 1);
    }
    lines
}

fn summary(url: &str, orders: &[Left]) -> String {
    let mut states: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    let mut by_consumer: BTreeMap<&str, usize> = BTreeMap::new();
    for left in orders {
        let state = (left.status.as_str(), left.ticket.as_str(), left.delivery.as_str());
        *states.entry(state).or_default() += 1;
        *by_consumer.entry(&left.consumer).or_default() += 1;
    }
    let mut text = format!(
        "{} restaurants, {COURIERS} couriers, {CONSUMERS} consumers, {} orders:\n",
        RESTAURANTS.len(),
        orders.len()
    );
    for ((status, ticket, delivery), count) in states {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "  {count:4}  order {status:9} ticket {ticket:19} delivery {delivery}"
        );
    }
    let _ = writeln!(
        text,
        "To read one consumer's orders and totals, the story of one order, a kitchen's tickets, and rejected orders:"
    );
    if let Some((consumer, _)) = by_consumer.iter().max_by_key(|(_, count)| **count) {
        let _ = writeln!(text, "  curl -s '{url}/orders?consumerId={consumer}&limit=5'");
        let _ = writeln!(text, "  curl -s {url}/consumers/{consumer}/summary");
    }
    let furthest = orders
        .iter()
        .find(|left| left.status == "DELIVERED")
        .or(orders.first());
    if let Some(left) = furthest {
        let _ = writeln!(text, "  curl -s {url}/orders/{}", left.order);
        let _ = writeln!(text, "  curl -s {url}/restaurants/{}/tickets", left.restaurant);
    }
    if let Some(left) = orders.iter().find(|left| left.status == "REJECTED") {
        let _ = writeln!(
            text,
            "  curl -s '{url}/orders?consumerId={}&status=REJECTED'",
            left.consumer
        );
    }
    text.truncate(text.trim_end().len());
    text
}
