//! The service with a restaurant's events in a second table.

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

    /// Returns the effects that execute the reactor's commands.
    pub(crate) fn effects(&self) -> OrderEffects {
        OrderEffects::new(&self.wiring)
    }

    /// Creates the app with Ajanta, which sells item 1 for 12.34.
    pub(crate) async fn with_ajanta() -> Self {
        let app = Self::start().await;
        let created = fixtures::restaurant_created("Ajanta", menu(&[("1", "12.34")]));
        app.restaurant_event(created).await;
        app
    }

    /// Replaces Ajanta's menu.
    pub(crate) async fn revise_menu(&self, items: &[(&str, &str)]) {
        let menu = menu(items);
        self.restaurant_event(RestaurantEvent::RestaurantMenuRevised { menu })
            .await;
    }

    /// Closes Ajanta for good.
    pub(crate) async fn close_restaurant(&self) {
        self.restaurant_event(RestaurantEvent::RestaurantClosed {}).await;
    }

    async fn restaurant_event(&self, event: RestaurantEvent) {
        let id: RestaurantId = AJANTA.parse().unwrap();
        let context = CommandContext::unrepeatable(Timestamp::now());
        self.restaurants.execute(&id, &event, &context).await.unwrap();
    }

    /// Returns Ajanta's stream.
    fn stream() -> StreamId {
        StreamId::new(restaurant::CATEGORY, AJANTA).unwrap()
    }

    /// Projects all of Ajanta's events into the replica.
    pub(crate) async fn project(&self) {
        let reader = CommitReader::new(self.dynamo.client(), "restaurants-events");
        let commits = reader.after(&Self::stream(), 0).await.unwrap();
        let parcels = commits.into_iter().map(Parcel::Whole).collect();
        let event = batch(vec![message("1", 1, parcels)]);
        let response = self.menus.handle(event).await;
        assert!(response.batch_item_failures.is_empty());
    }

    /// Returns the token of this version of Ajanta.
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

    /// Sends a `POST` request with a body to an order.
    pub(crate) async fn ask(&self, order_id: OrderId, what: &str, body: &Value) -> Answer {
        self.post(&format!("/orders/{order_id}/{what}"), body).await
    }

    /// Sends the same with an additional header.
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

    /// Returns the order as the service stores it.
    pub(crate) async fn current(&self, order_id: OrderId) -> Answer {
        self.get(&format!("/orders/{order_id}/current")).await
    }

    /// Places an order of five vindaloos and approves it.
    pub(crate) async fn approved(&self) -> OrderId {
        let placed = self.place(&five_vindaloos()).await;
        let order_id = placed.body["orderId"].as_str().unwrap().parse().unwrap();
        self.tell(order_id, OrderCommand::Approve).await;
        order_id
    }

    /// Executes a command of the reactor.
    pub(crate) async fn tell(&self, order_id: OrderId, command: OrderCommand) {
        let context = CommandContext::unrepeatable(Timestamp::now());
        self.orders.execute(&order_id, &command, &context).await.unwrap();
    }

    /// Returns the number of commits in the orders' event table.
    pub(crate) async fn stored(&self) -> usize {
        let reader = CommitReader::new(self.dynamo.client(), "orders-events");
        reader.heads(0, 1, None).await.unwrap().keys.len()
    }
}

/// Dereferences to the client, so that requests go to the service.
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
        "deliveryTime": "2026-11-23T18:30:00.000Z",
        "lineItems": [{ "menuItemId": "1", "quantity": 5 }],
    })
}

/// Returns an order of five vindaloos with another value at this place.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut body = five_vindaloos();
    *body.pointer_mut(pointer).unwrap() = value;
    body
}

/// The restaurants service, reduced to its events: it commits every event that it is given.
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
