use crate::courier::{Courier, CourierCommand, CourierDetails};
use crate::delivery::{Delivery, DeliveryCommand, DeliveryDetails};
use crate::tests::events::{order_created, ticket_accepted};
use crate::tests::neighbours::Neighbour;
use crate::{DeliveryEffects, DeliveryReactor};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use commit::{CommandId, CommitKey, Metadata, Parcel, StreamId};
use contracts::{CourierId, OrderEvent, OrderId, TicketEvent};
use event_store::{CommandContext, CommitReader, EventStore, event_table};
use function::Wiring;
use jiff::Timestamp;
use local_dynamodb::{Faults, LocalDynamo};
use projection::testing::{batch, message};
use projection::{BatchHandler, Cause, Reactor, ReactorRunner, view_table};
use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Mutex;
use uuid::Uuid;

/// The delivery service with an engine of its own, and two reactor processes.
pub(crate) struct TestDelivery {
    dynamo: LocalDynamo,
    pub(crate) client: Client,
    http: testkit::Client,
    orders: EventStore<Neighbour<OrderEvent>>,
    tickets: EventStore<Neighbour<TicketEvent>>,
    pub(crate) deliveries: EventStore<Delivery>,
    pub(crate) couriers: EventStore<Courier>,
    reactors: [ReactorRunner<DeliveryReactor, DeliveryEffects>; 2],
    pub(crate) effects: DeliveryEffects,
    delivered: Mutex<BTreeSet<(StreamId, u64)>>,
}

/// The table of the reactor, with the dispatch rows.
pub(crate) const REACTIONS: &str = "reactions";

/// Returns the wiring of a process with its own stream cache.
fn wiring(client: &Client) -> Wiring {
    Wiring::new(client.clone())
        .events(contracts::delivery::CATEGORY, "deliveries")
        .events(contracts::courier::CATEGORY, "deliveries")
        .events(contracts::order::CATEGORY, "orders")
        .events(contracts::ticket::CATEGORY, "tickets")
        .documents(DeliveryReactor::NAME, REACTIONS)
}

fn effects(client: &Client) -> DeliveryEffects {
    DeliveryEffects::new(&wiring(client))
}

impl TestDelivery {
    pub(crate) async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        for table in ["deliveries", "orders", "tickets"] {
            event_table(table).without_stream().create(&client).await.unwrap();
        }
        view_table(REACTIONS, &[], false).create(&client).await.unwrap();
        let reactor = || {
            let wiring = wiring(&client);
            wiring.reactor(DeliveryEffects::new(&wiring))
        };
        Self {
            http: testkit::Client::new(crate::router(&wiring(&client))),
            orders: EventStore::new(client.clone(), "orders"),
            tickets: EventStore::new(client.clone(), "tickets"),
            deliveries: EventStore::new(client.clone(), "deliveries"),
            couriers: EventStore::new(client.clone(), "deliveries"),
            reactors: [reactor(), reactor()],
            effects: effects(&client),
            delivered: Mutex::default(),
            client,
            dynamo,
        }
    }

    /// Returns effects whose requests fail as planned.
    pub(crate) fn effects_with(&self, faults: &Faults) -> DeliveryEffects {
        let client = Client::from_conf(self.dynamo.config().http_client(faults.transport()).build());
        effects(&client)
    }

    /// Commits one event of this order.
    pub(crate) async fn commit(&self, id: OrderId, event: OrderEvent) {
        let done = self.orders.execute(&id, &event, &context()).await;
        done.unwrap();
    }

    /// Commits one event of this order's ticket.
    pub(crate) async fn commit_ticket(&self, id: OrderId, event: TicketEvent) {
        let done = self.tickets.execute(&id, &event, &context()).await;
        done.unwrap();
    }

    /// Creates an order whose events were not delivered yet.
    pub(crate) async fn order(&self) -> OrderId {
        let id = OrderId::from_uuid(Uuid::now_v7());
        self.commit(id, order_created()).await;
        id
    }

    /// Creates an approved and accepted order whose events were not delivered yet.
    pub(crate) async fn accepted_order(&self, ready_by: &str) -> OrderId {
        let id = self.order().await;
        self.commit(id, OrderEvent::OrderApproved {}).await;
        self.commit_ticket(id, ticket_accepted(ready_by)).await;
        id
    }

    /// Creates a delivery that waits for a courier and whose events were not delivered yet.
    pub(crate) async fn waiting(&self, ready_by: &str) -> OrderId {
        let id = OrderId::from_uuid(Uuid::now_v7());
        let OrderEvent::OrderCreated {
            restaurant_id,
            delivery_address,
            delivery_time,
            ..
        } = order_created()
        else {
            panic!("expected the creation of an order")
        };
        let create = DeliveryCommand::Create {
            restaurant_id,
            delivery_address,
            delivery_time,
        };
        self.tell_delivery(id, create).await;
        let ready_by = ready_by.parse().unwrap();
        self.tell_delivery(id, DeliveryCommand::RequestCourier { ready_by })
            .await;
        id
    }

    /// Creates an available courier whose events were not delivered yet.
    pub(crate) async fn available_courier(&self) -> CourierId {
        let id = CourierId::from_uuid(Uuid::now_v7());
        let name = "Ada Lovelace".parse().unwrap();
        self.tell_courier(id, CourierCommand::Create { name }).await;
        self.tell_courier(id, CourierCommand::SetAvailability { available: true })
            .await;
        id
    }

    pub(crate) async fn tell_delivery(&self, id: OrderId, command: DeliveryCommand) {
        let done = self.deliveries.execute(&id, &command, &context()).await;
        done.unwrap();
    }

    pub(crate) async fn tell_courier(&self, id: CourierId, command: CourierCommand) {
        let done = self.couriers.execute(&id, &command, &context()).await;
        done.unwrap();
    }

    pub(crate) async fn delivery(&self, id: OrderId) -> DeliveryDetails {
        let loaded = self.deliveries.load(&id).await.unwrap();
        loaded.state.0.unwrap()
    }

    pub(crate) async fn courier(&self, id: CourierId) -> CourierDetails {
        let loaded = self.couriers.load(&id).await.unwrap();
        loaded.state.0.unwrap()
    }

    /// Returns the courier of a delivery.
    pub(crate) async fn courier_of(&self, id: OrderId) -> Option<CourierId> {
        self.delivery(id)
            .await
            .schedule
            .map(|schedule| schedule.courier_id)
    }

    /// Returns the order that a courier has.
    pub(crate) async fn order_of(&self, id: CourierId) -> Option<OrderId> {
        self.courier(id).await.plan.map(|plan| plan.order_id)
    }

    /// Returns the names of the events of a stream.
    pub(crate) async fn events_of(&self, stream: &str) -> Vec<String> {
        let reader = CommitReader::new(self.client.clone(), "deliveries");
        let commits = reader.after(&stream.parse().unwrap(), 0).await.unwrap();
        let events = commits.into_iter().flat_map(|commit| commit.events);
        events.map(|event| event.kind).collect()
    }

    /// Returns the last commit of every stream with undelivered commits.
    async fn undelivered(&self) -> Vec<CommitKey> {
        let mut keys = Vec::new();
        for table in ["orders", "tickets", "deliveries"] {
            let page = CommitReader::new(self.client.clone(), table)
                .heads(0, 1, None)
                .await
                .unwrap();
            assert_eq!(page.next, None, "a test has few commits");
            keys.extend(page.keys);
        }
        let mut delivered = self.delivered.lock().unwrap();
        keys.retain(|key| delivered.insert((key.stream.clone(), key.first)));
        keys
    }

    /// Delivers everything undelivered to the two processes, concurrently and in any order, and then the commits that
    /// follow from it, until none remain.
    pub(crate) async fn settle(&self) {
        loop {
            let keys = self.undelivered().await;
            if keys.is_empty() {
                return;
            }
            // Most messages go to one process only: a duplicate repeats the search, which could hide a mistake.
            let (mut to_first, mut to_second) = (Vec::new(), Vec::new());
            for key in keys {
                let process = fastrand::u8(..5);
                if process < 3 {
                    to_first.push(key.clone());
                }
                if process > 1 {
                    to_second.push(key);
                }
            }
            let [first, second] = &self.reactors;
            futures::join!(deliver(first, to_first), deliver(second, to_second));
        }
    }

    /// Returns the rows of the dispatch: sort key and version.
    pub(crate) async fn rows(&self, set: &str) -> Vec<(String, u64)> {
        let output = self
            .client
            .query()
            .table_name(REACTIONS)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(format!("dispatch#{set}")))
            .consistent_read(true)
            .send()
            .await
            .unwrap();
        let rows = output.items().iter();
        rows.map(|item| {
            let version = item["version"].as_n().unwrap().parse().unwrap();
            (item["sk"].as_s().unwrap().clone(), version)
        })
        .collect()
    }

    pub(crate) async fn put_row(&self, set: &str, sort: &str, version: u64) {
        self.client
            .put_item()
            .table_name(REACTIONS)
            .item("pk", AttributeValue::S(format!("dispatch#{set}")))
            .item("sk", AttributeValue::S(sort.to_owned()))
            .item("version", AttributeValue::N(version.to_string()))
            .send()
            .await
            .unwrap();
    }
}

/// Dereferences to the client, so that requests go to the service.
impl Deref for TestDelivery {
    type Target = testkit::Client;

    fn deref(&self) -> &testkit::Client {
        &self.http
    }
}

/// Delivers these commits, one message each, until none fails.
async fn deliver(reactor: &ReactorRunner<DeliveryReactor, DeliveryEffects>, mut keys: Vec<CommitKey>) {
    if keys.is_empty() {
        return;
    }
    fastrand::shuffle(&mut keys);
    let messages = (0..).zip(keys).map(|(number, key): (u32, _)| {
        let parcels = vec![Parcel::Key(key)];
        message(number.to_string(), 1, parcels)
    });
    let mut messages: Vec<_> = messages.collect();
    for _ in 0..20 {
        let response = reactor.handle(batch(messages.clone())).await;
        let failed: BTreeSet<String> = response
            .batch_item_failures
            .into_iter()
            .map(|failure| failure.item_identifier)
            .collect();
        messages.retain(|message| failed.contains(message.message_id.as_ref().unwrap()));
        if messages.is_empty() {
            return;
        }
    }
    panic!("messages keep failing");
}

fn context() -> CommandContext {
    CommandContext::unrepeatable(Timestamp::now())
}

/// Returns the cause that the engine passes with an effect; the same for the same source commit.
pub(crate) fn cause(source_commit: &str) -> Cause {
    Cause {
        command_id: CommandId::derive(&["delivery-reactor", source_commit, "1.0"]),
        time: Timestamp::now(),
        now: Timestamp::now(),
        metadata: Metadata::default(),
    }
}
