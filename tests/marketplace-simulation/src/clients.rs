//! The clients, who create the participants, place orders, and send commands to them.

use crate::town::{LATER, Town, ajanta};
use anyhow::Context;
use consumers::{Consumer, ConsumerCommand};
use contracts::order::DeliveryChange;
use contracts::{OrderId, Quantity};
use delivery::courier::{Courier, CourierCommand};
use delivery::delivery::{Delivery, DeliveryCommand};
use kitchen::ticket::{Ticket, TicketCommand};
use orders::{MenuAnswer, Order, OrderCommand, Revision};
use restaurants::{Restaurant, RestaurantCommand};
use serde_json::json;
use simulator::{Client, Clients, Fault};
use std::sync::Arc;

pub(crate) fn add(clients: &mut Clients) {
    let town = Arc::new(clients.draw(Town::draw));
    for _ in 0..clients.draw(|random| random.usize(1..=3)) {
        clients.add(|client| live(client, Arc::clone(&town)));
    }
}

async fn live(client: Client, town: Arc<Town>) -> anyhow::Result<()> {
    open(&client, &town).await?;
    let orders = client.draw(|random| random.usize(1..=town.orders.len()));
    let mut silent = Vec::new();
    for order in &town.orders[..orders] {
        if client.happens(Fault::NoAnswer) {
            silent.push(*order);
        }
        let draft = town.draft(client.draw(|random| random.u32(1..8)))?;
        change(&client, order, OrderCommand::Create(Box::new(draft))).await?;
    }
    for _ in 0..client.draw(|random| random.u32(2..12)) {
        client.rest().await;
        let order = client.draw(|random| random.usize(..orders));
        let order = &town.orders[order];
        step(&client, order, silent.contains(order)).await?;
    }
    Ok(())
}

/// Every client needs the consumer, the restaurant and the courier; the first one creates them.
async fn open(client: &Client, town: &Town) -> anyhow::Result<()> {
    let names = json!({ "firstName": "Anya", "lastName": "Lee" });
    let name = serde_json::from_value(names).context("a consumer's name")?;
    let create = ConsumerCommand::Create { name };
    client.insist::<Consumer>(&town.consumer, &create).await?;
    let create = RestaurantCommand::Create(Box::new(ajanta()?));
    client.insist::<Restaurant>(&town.restaurant, &create).await?;
    let create = CourierCommand::Create {
        name: "Mia Wong".parse()?,
    };
    client.insist::<Courier>(&town.courier, &create).await?;
    let available = CourierCommand::SetAvailability { available: true };
    client.insist::<Courier>(&town.courier, &available).await?;
    Ok(())
}

/// Sends a command to an order, whether or not its state allows it. A silent kitchen does nothing.
async fn step(client: &Client, order: &OrderId, silent: bool) -> anyhow::Result<()> {
    match client.draw(|random| random.u8(..10)) {
        0 => change(client, order, OrderCommand::Cancel).await,
        1 => change(client, order, revise(client)?).await,
        2..=6 if silent => Ok(()),
        2..=4 => {
            let ready_by = LATER.parse()?;
            let now = client.now();
            cook(client, order, TicketCommand::Accept { ready_by, now }).await
        }
        5 => cook(client, order, TicketCommand::StartPreparation).await,
        6 => cook(client, order, TicketCommand::CompletePreparation).await,
        7 | 8 => carry(client, order, DeliveryCommand::PickUp).await,
        _ => carry(client, order, DeliveryCommand::Deliver).await,
    }
}

async fn change(client: &Client, order: &OrderId, command: OrderCommand) -> anyhow::Result<()> {
    client.insist::<Order>(order, &command).await.map(drop)
}

async fn cook(client: &Client, order: &OrderId, command: TicketCommand) -> anyhow::Result<()> {
    client.insist::<Ticket>(order, &command).await.map(drop)
}

async fn carry(client: &Client, order: &OrderId, command: DeliveryCommand) -> anyhow::Result<()> {
    client.insist::<Delivery>(order, &command).await.map(drop)
}

fn revise(client: &Client) -> anyhow::Result<OrderCommand> {
    let quantity = Quantity::new(client.draw(|random| random.u32(1..8)))?;
    Ok(OrderCommand::Revise(Box::new(Revision {
        lines: vec![("1".parse()?, quantity)],
        menu: MenuAnswer::NotAsked,
        delivery: DeliveryChange::default(),
    })))
}
