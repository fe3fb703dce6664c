//! The service with a restaurant next door.

use crate::{Order, OrderCommand, OrderEffects, OrderMenus, router};
use commit::{Parcel, StreamId};
use contracts::order;
use contracts::restaurant::{self, RestaurantEvent};
use contracts::{OrderId, RestaurantId};
use event_store::{CommandContext, CommitReader, Decider, EventStore, event_table};
use fixtures::menu;
use function::Wiring;
use http_api::ConsistencyToken;
use jiff::Timestamp;
use local_dynamodb::LocalDynamo;
use projection::testing::{batch, message};
use projection::{BatchHandler, Projector, View, view_table};
use serde_json::{Value, json};
use std::ops::Deref;
use testkit::{Answer, Client};

pub(crate) const CONSUMER: &str = "con_00000000000000000000000000000001";
pub(crate) const AJANTA: &str = "rst_00000000000000000000000000000002";
pub(crate) const NOWHERE: &str = "rst_00000000000000000000000000000003";

pub(crate) struct App {
    dynamo: LocalDynamo,
    http: Client,
    wiring: Wiring,
    menus: Projector<OrderMenus>,
    pub(crate) orders: EventStore<Order>,
    restaurants: EventStore<Neighbour>,
}

impl App {
    pub(crate) async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        for table in ["orders-events", "restaurants-events"] {
            event_table(table).create(&client).await.unwrap();
        }
        view_table("order-menus", &[], false)
            .create(&client)
            .await
            .unwrap();
        let wiring = Wiring::new(client.clone())
            .events(order::CATEGORY, "orders-events")
            .events(restaurant::CATEGORY, "restaurants-events")
            .documents(OrderMenus::NAME, "order-menus");
        Self {
            http: Client::new(router(&wiring)),
            menus: wiring.projector(),
            orders: wiring.store(),
            wiring,
            restaurants: EventStore::new(client, "restaurants-events"),
            dynamo,
        }
    }

    /// What carries out the reactor's commands.
    pub(crate) fn effects(&self) -> OrderEffects {
        OrderEffects::new(&self.wiring)
    }

    /// With Ajanta, which cooks item 1 for 12.34.
    pub(crate) async fn with_ajanta() -> Self {
        let app = Self::start().await;
        let created = fixtures::restaurant_created("Ajanta", menu(&[("1", "12.34")]));
        app.restaurant_event(created).await;
        app
    }

    /// Ajanta has another menu from now on.
    pub(crate) async fn revise_menu(&self, items: &[(&str, &str)]) {
        let menu = menu(items);
        self.restaurant_event(RestaurantEvent::RestaurantMenuRevised { menu })
            .await;
    }

    /// Ajanta is closed for good from now on.
    pub(crate) async fn close_restaurant(&self) {
        self.restaurant_event(RestaurantEvent::RestaurantClosed {}).await;
    }

    async fn restaurant_event(&self, event: RestaurantEvent) {
        let id: RestaurantId = AJANTA.parse().unwrap();
        let context = CommandContext::unrepeatable(Timestamp::now());
        self.restaurants.execute(&id, &event, &context).await.unwrap();
    }

    /// Ajanta's stream.
    fn stream() -> StreamId {
        StreamId::new(restaurant::CATEGORY, AJANTA).unwrap()
    }

    /// Everything that happened to Ajanta reaches the replica.
    pub(crate) async fn project(&self) {
        let reader = CommitReader::new(self.dynamo.client(), "restaurants-events");
        let commits = reader.after(&Self::stream(), 0).await.unwrap();
        let parcels = commits.into_iter().map(Parcel::Whole).collect();
        let event = batch(vec![message("1", 1, parcels)]);
        let response = self.menus.handle(event).await;
        assert!(response.batch_item_failures.is_empty());
    }

    /// The token that a change of Ajanta answered.
    pub(crate) fn token(version: u64) -> String {
        ConsistencyToken {
            stream: Self::stream(),
            version,
        }
        .to_string()
    }

    pub(crate) async fn place_with_token(&self, token: &str, order: &Value) -> Answer {
        let headers = [("consistency-token", token)];
        self.post_with("/orders", &headers, order).await
    }

    pub(crate) async fn place(&self, order: &Value) -> Answer {
        self.post("/orders", order).await
    }

    pub(crate) async fn place_with_key(&self, key: &str, order: &Value) -> Answer {
        self.post_once("/orders", key, order).await
    }

    /// Asks something of an order that exists: `POST` with a body.
    pub(crate) async fn ask(&self, order_id: OrderId, what: &str, body: &Value) -> Answer {
        self.post(&format!("/orders/{order_id}/{what}"), body).await
    }

    /// The same with a header more.
    pub(crate) async fn ask_with(
        &self,
        order_id: OrderId,
        what: &str,
        body: &Value,
        header: (&str, &str),
    ) -> Answer {
        let path = format!("/orders/{order_id}/{what}");
        self.post_with(&path, &[header], body).await
    }

    /// The order as the service has it.
    pub(crate) async fn current(&self, order_id: OrderId) -> Answer {
        self.get(&format!("/orders/{order_id}/current")).await
    }

    /// An order of five vindaloos whose payment is authorized.
    pub(crate) async fn approved(&self) -> OrderId {
        let placed = self.place(&five_vindaloos()).await;
        let order_id = placed.body["orderId"].as_str().unwrap().parse().unwrap();
        self.tell(order_id, OrderCommand::Approve).await;
        order_id
    }

    /// What the reactor tells an order.
    pub(crate) async fn tell(&self, order_id: OrderId, command: OrderCommand) {
        let context = CommandContext::unrepeatable(Timestamp::now());
        self.orders.execute(&order_id, &command, &context).await.unwrap();
    }

    /// How many commits the orders' event table holds.
    pub(crate) async fn stored(&self) -> usize {
        let reader = CommitReader::new(self.dynamo.client(), "orders-events");
        reader.heads(0, 1, None).await.unwrap().keys.len()
    }
}

/// Requests go to the service.
impl Deref for App {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.http
    }
}

pub(crate) fn five_vindaloos() -> Value {
    json!({
        "consumerId": CONSUMER,
        "restaurantId": AJANTA,
        "deliveryAddress": fixtures::amazing_view_json(),
        "deliveryTime": "2026-11-23T18:30:00Z",
        "lineItems": [{ "menuItemId": "1", "quantity": 5 }],
    })
}

/// Five vindaloos with another value at this place.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut body = five_vindaloos();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

/// The restaurants service, as far as its events go: whatever is asked happens.
struct Neighbour;

impl Decider for Neighbour {
    type Id = RestaurantId;
    type Command = RestaurantEvent;
    type Event = RestaurantEvent;
    type State = ();
    type Error = std::convert::Infallible;

    const CATEGORY: &'static str = restaurant::CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide((): &(), event: &RestaurantEvent) -> Result<Vec<RestaurantEvent>, Self::Error> {
        Ok(vec![event.clone()])
    }

    fn evolve((): (), _: &RestaurantEvent) {}
}
