//! The whole marketplace: every service and reactor, some of the views, a few orders.

use super::answer::taken;
use super::{Play, read_on};
use crate::promises::Promises;
use crate::subject::Owners;
use crate::system::System;
use crate::world::{EPOCH, World};
use anyhow::{Context, ensure};
use commit::{CommandId, Commit, Event, Fingerprint, Metadata};
use consumers::{Consumer, ConsumerCommand};
use contracts::order::{DeliveryChange, OrderEvent, OrderStatus};
use contracts::{ConsumerId, CourierId, LineItem, LineItems, OrderId, Quantity, RestaurantId};
use delivery::courier::{Courier, CourierCommand};
use delivery::delivery::{Delivery, DeliveryCommand};
use event_store::{CommandContext, Decider, EventStore};
use jiff::Timestamp;
use kitchen::ticket::{Ticket, TicketCommand};
use orders::{Draft, MenuAnswer, Order, OrderCommand, Revision};
use restaurants::{Restaurant, RestaurantCommand, RestaurantDetails};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;

/// When every restaurant promises its food, and every order is wanted.
const LATER: &str = "2040-01-01T18:30:00Z";

pub(super) fn play(world: &Arc<World>) -> Play {
    let marketplace = system::belvedere();
    let owners: Owners = marketplace
        .event_tables()
        .flat_map(|table| {
            table
                .categories
                .iter()
                .map(move |category| (*category, table.name.clone()))
        })
        .collect();
    // Every reactor, and three views at a time.
    let first = usize::from(world.draw(|random| random.u8(..)));
    let views = marketplace.views().enumerate();
    let views = views.filter(|(place, _)| (first + place).is_multiple_of(3));
    let subscribers = marketplace.reactors().chain(views.map(|(_, view)| view));
    let system = System::start(Arc::clone(world), owners, subscribers.cloned());
    let promises = Arc::new(Promises::default());
    let mut clients = JoinSet::new();
    let town = Arc::new(Town::draw(world));
    for number in 0..world.draw(|random| random.usize(1..=3)) {
        let client = Client {
            world: Arc::clone(world),
            promises: Arc::clone(&promises),
            services: Services::new(&system),
            town: Arc::clone(&town),
            number,
        };
        clients.spawn(client.run());
    }
    for subject in &system.subjects {
        let times = world.draw(|random| random.u32(..3));
        clients.spawn(read_on(
            Arc::clone(world),
            Arc::clone(subject),
            Arc::clone(&promises),
            times,
        ));
    }
    Play {
        system,
        promises,
        clients,
        agree: |history| nothing_is_stuck(history),
    }
}

/// The services' streams, as one instance of their functions has them.
struct Services {
    consumers: EventStore<Consumer>,
    restaurants: EventStore<Restaurant>,
    orders: EventStore<Order>,
    tickets: EventStore<Ticket>,
    deliveries: EventStore<Delivery>,
    couriers: EventStore<Courier>,
}

impl Services {
    fn new(system: &System) -> Self {
        let (client, owners) = (&system.client, &system.owners);
        Self {
            consumers: EventStore::new(client.clone(), &owners["consumer"]),
            restaurants: EventStore::new(client.clone(), &owners["restaurant"]),
            orders: EventStore::new(client.clone(), &owners["order"]),
            tickets: EventStore::new(client.clone(), &owners["ticket"]),
            deliveries: EventStore::new(client.clone(), &owners["delivery"]),
            couriers: EventStore::new(client.clone(), &owners["courier"]),
        }
    }
}

/// Who and what there is.
struct Town {
    consumer: ConsumerId,
    restaurant: RestaurantId,
    courier: CourierId,
    orders: Vec<OrderId>,
}

impl Town {
    fn draw(world: &World) -> Self {
        world.draw(|random| {
            let mut id = || Uuid::from_u128(random.u128(..));
            Self {
                consumer: ConsumerId::from_uuid(id()),
                restaurant: RestaurantId::from_uuid(id()),
                courier: CourierId::from_uuid(id()),
                orders: vec![OrderId::from_uuid(id()), OrderId::from_uuid(id())],
            }
        })
    }
}

struct Client {
    world: Arc<World>,
    promises: Arc<Promises>,
    services: Services,
    town: Arc<Town>,
    number: usize,
}

impl Client {
    async fn run(self) -> anyhow::Result<()> {
        let (services, town) = (&self.services, &self.town);
        let names = json!({ "firstName": "Anya", "lastName": "Lee" });
        let name = serde_json::from_value(names).context("a consumer's name")?;
        self.insist(
            "consumer",
            &services.consumers,
            &town.consumer,
            &ConsumerCommand::Create { name },
        )
        .await?;
        let create = RestaurantCommand::Create(Box::new(ajanta()?));
        self.insist("restaurant", &services.restaurants, &town.restaurant, &create)
            .await?;
        let name = "Mia Wong".parse()?;
        self.insist(
            "courier",
            &services.couriers,
            &town.courier,
            &CourierCommand::Create { name },
        )
        .await?;
        let available = CourierCommand::SetAvailability { available: true };
        self.insist("available", &services.couriers, &town.courier, &available)
            .await?;
        let orders = self.world.draw(|random| random.usize(1..=town.orders.len()));
        for order in &town.orders[..orders] {
            let create = OrderCommand::Create(Box::new(self.draft()?));
            self.insist(&format!("place {order}"), &services.orders, order, &create)
                .await?;
        }
        for step in 0..self.world.draw(|random| random.u32(2..12)) {
            self.world.rest().await;
            let order = &town.orders[self.world.draw(|random| random.usize(..orders))];
            self.step(&format!("{} {step}", self.number), order).await?;
        }
        Ok(())
    }

    /// What anybody may do to an order, whether it fits or not.
    async fn step(&self, command: &str, order: &OrderId) -> anyhow::Result<()> {
        let services = &self.services;
        let ready_by = LATER.parse()?;
        let now = self.now()?;
        match self.world.draw(|random| random.u8(..10)) {
            0 => {
                self.insist(command, &services.orders, order, &OrderCommand::Cancel)
                    .await
            }
            1 => {
                let quantity = self.world.draw(|random| random.u32(1..8));
                let revise = OrderCommand::Revise(Box::new(Revision {
                    lines: vec![("1".parse()?, Quantity::new(quantity)?)],
                    menu: MenuAnswer::NotAsked,
                    delivery: DeliveryChange::default(),
                }));
                self.insist(command, &services.orders, order, &revise).await
            }
            2..=4 => {
                let accept = TicketCommand::Accept { ready_by, now };
                self.insist(command, &services.tickets, order, &accept).await
            }
            5 => {
                self.insist(
                    command,
                    &services.tickets,
                    order,
                    &TicketCommand::StartPreparation,
                )
                .await
            }
            6 => {
                self.insist(
                    command,
                    &services.tickets,
                    order,
                    &TicketCommand::CompletePreparation,
                )
                .await
            }
            7 | 8 => {
                self.insist(command, &services.deliveries, order, &DeliveryCommand::PickUp)
                    .await
            }
            _ => {
                self.insist(command, &services.deliveries, order, &DeliveryCommand::Deliver)
                    .await
            }
        }
    }

    fn draft(&self) -> anyhow::Result<Draft> {
        let quantity = self.world.draw(|random| random.u32(1..8));
        let line = LineItem {
            menu_item_id: "1".parse()?,
            name: "Chicken Vindaloo".parse()?,
            price: "12.34".parse()?,
            quantity: Quantity::new(quantity)?,
        };
        Ok(Draft {
            consumer_id: self.town.consumer,
            restaurant_id: self.town.restaurant,
            restaurant_name: "Ajanta".parse()?,
            line_items: LineItems::new(vec![line])?,
            delivery_address: serde_json::from_value(address())?,
            delivery_time: LATER.parse()?,
        })
    }

    fn now(&self) -> anyhow::Result<Timestamp> {
        Ok(Timestamp::from_millisecond(
            EPOCH + i64::try_from(self.world.now())?,
        )?)
    }

    /// Sends a command until it is answered, or gives up without ever knowing.
    async fn insist<D: Decider>(
        &self,
        name: &str,
        store: &EventStore<D>,
        id: &D::Id,
        command: &D::Command,
    ) -> anyhow::Result<()> {
        let world = &self.world;
        let context = CommandContext {
            command_id: CommandId::derive(&[&self.number.to_string(), name]),
            fingerprint: Fingerprint::of(&[name.as_bytes()]),
            now: self.now()?,
            metadata: Metadata::default(),
        };
        for _ in 0..8 {
            let answer = store.execute(id, command, &context).await;
            let client = format!("client {}: {name}", self.number);
            if taken::<D>(world, &self.promises, &client, context.command_id, answer).await? {
                break;
            }
        }
        Ok(())
    }
}

fn address() -> serde_json::Value {
    json!({ "street1": "9 Amazing View", "city": "Oakland", "state": "CA", "zip": "94612" })
}

fn ajanta() -> anyhow::Result<RestaurantDetails> {
    let details = json!({
        "name": "Ajanta",
        "address": address(),
        "menu": { "menuItems": [{ "id": "1", "name": "Chicken Vindaloo", "price": "12.34" }] },
        "openingHours": [{ "dayOfWeek": "MONDAY", "opens": "08:00", "closes": "22:00" }],
        "serviceArea": ["94612"],
        "timeZone": "America/Los_Angeles",
        "closed": false,
    });
    serde_json::from_value(details).context("a restaurant")
}

/// At rest every order has come to one of its ends, or is approved: no answer of another service is missing.
fn nothing_is_stuck(history: &[Commit]) -> anyhow::Result<()> {
    let mut orders: BTreeMap<&str, orders::OrderState> = BTreeMap::new();
    for commit in history
        .iter()
        .filter(|commit| commit.stream.category() == "order")
    {
        let state = orders.entry(commit.stream.id()).or_default();
        for event in &commit.events {
            *state = Order::evolve(std::mem::take(state), &OrderEvent::decode(event)?);
        }
    }
    for (id, state) in orders {
        let status = state.status();
        ensure!(
            !matches!(
                status,
                Some(
                    OrderStatus::ApprovalPending | OrderStatus::CancelPending | OrderStatus::RevisionPending
                )
            ),
            "order {id} is stuck in {status:?}"
        );
    }
    Ok(())
}
