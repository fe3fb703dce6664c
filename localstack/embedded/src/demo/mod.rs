//! Realistic traffic over the real API: what `--demo` does.
//!
//! Every choice comes from one seed, so two runs do the same; only ids and times differ.

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
/// Clients at a time: enough to see the pipeline work, not so many that reading along is hopeless.
const CLIENTS: usize = 8;
/// Every fifth consumer has this limit; that is one or two orders.
const CREDIT_LIMIT: &str = "60.00";

/// How far an approved order is taken.
const STAGES: &[&[&str]] = &[
    &[],
    &["accept"],
    &["accept", "preparing"],
    &["accept", "preparing", "ready-for-pickup"],
    &["accept", "preparing", "ready-for-pickup", "picked-up"],
];

/// One order as it was left.
struct Left {
    order: String,
    consumer: String,
    status: String,
    ticket: String,
}

/// Drives the traffic and returns what to print: a summary, and commands to look at it.
pub(crate) async fn run(url: &str) -> anyhow::Result<String> {
    let client = Client::new(url)?;
    let mut chance = Chance::new(SEED);
    let progress = progress((RESTAURANTS.len() + CONSUMERS + ORDERS) as u64);

    progress.set_message("restaurants");
    let restaurants: Vec<String> =
        in_parallel(&progress, RESTAURANTS.iter().map(|it| open(&client, it))).await?;
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

    Ok(summary(url, &orders))
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

/// An order to place, and how far to take it.
struct Plan {
    consumer: String,
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
        body,
        ready_in,
        stage: chance.below(STAGES.len()),
    }
}

fn in_future(after: Duration) -> String {
    let time = jiff::Timestamp::now() + after;
    time.round(jiff::Unit::Second).unwrap_or(time).to_string()
}

/// Places the order, waits for the decision, and takes an approved one through the kitchen.
async fn take(client: &Client, plan: Plan) -> anyhow::Result<Left> {
    let order = text(&client.post("/orders", &plan.body).await?, "orderId")?;
    let decided = |order: &Value| order["status"] != "APPROVAL_PENDING";
    let status = text(
        &client.read_until(&format!("/orders/{order}"), decided).await?,
        "status",
    )?;
    let mut ticket = "–".to_owned();
    if status == "APPROVED" {
        let waiting = |ticket: &Value| ticket["status"] != "CREATE_PENDING";
        ticket = text(
            &client.read_until(&format!("/tickets/{order}"), waiting).await?,
            "status",
        )?;
        for step in STAGES[plan.stage] {
            let body = match *step {
                "accept" => json!({ "readyBy": in_future(plan.ready_in) }),
                _ => json!({}),
            };
            ticket = text(
                &client.post(&format!("/tickets/{order}/{step}"), &body).await?,
                "status",
            )?;
        }
    }
    Ok(Left {
        order,
        consumer: plan.consumer,
        status,
        ticket,
    })
}

fn summary(url: &str, orders: &[Left]) -> String {
    let mut states: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut by_consumer: BTreeMap<&str, usize> = BTreeMap::new();
    for left in orders {
        *states.entry((&left.status, &left.ticket)).or_default() += 1;
        *by_consumer.entry(&left.consumer).or_default() += 1;
    }
    let mut text = format!(
        "{} restaurants, {CONSUMERS} consumers, {} orders:\n",
        RESTAURANTS.len(),
        orders.len()
    );
    for ((status, ticket), count) in states {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {count:4}  order {status:9} ticket {ticket}");
    }
    let _ = writeln!(
        text,
        "Look at one consumer's orders, at the story of one order, at what was rejected:"
    );
    if let Some((consumer, _)) = by_consumer.iter().max_by_key(|(_, count)| **count) {
        let _ = writeln!(text, "  curl -s '{url}/orders?consumerId={consumer}&limit=5'");
    }
    let furthest = orders
        .iter()
        .find(|left| left.ticket == "PICKED_UP")
        .or(orders.first());
    if let Some(left) = furthest {
        let _ = writeln!(text, "  curl -s {url}/orders/{}", left.order);
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
