use crate::{KitchenReactor, TicketEffects};
use commit::{Commit, Parcel, StreamId};
use contracts::{ConsumerId, OrderEvent, OrderId, RestaurantId, TicketEvent};
use event_store::{CommandContext, CommitReader, Decider, EventStore, event_table};
use function::Wiring;
use jiff::{SignedDuration, Timestamp};
use local_dynamodb::LocalDynamo;
use projection::testing::{batch, message};
use projection::{BatchHandler, Reactor, ReactorRunner, view_table};
use serde_json::json;
use std::ops::Deref;
use testkit::Client;
use uuid::Uuid;

/// The orders service, reduced to its events: it commits every event that it is given.
struct Orders;

impl Decider for Orders {
    type Id = OrderId;
    type Command = OrderEvent;
    type Event = OrderEvent;
    type State = ();
    type Error = std::convert::Infallible;
    const CATEGORY: &'static str = contracts::order::CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide((): &(), event: &OrderEvent) -> Result<Vec<OrderEvent>, Self::Error> {
        Ok(vec![event.clone()])
    }

    fn evolve((): (), _: &OrderEvent) {}
}

/// The kitchen service with an engine of its own.
pub(crate) struct TestKitchen {
    _dynamo: LocalDynamo,
    http: Client,
    orders: EventStore<Orders>,
    order_commits: CommitReader,
    ticket_commits: CommitReader,
    reactor: ReactorRunner<KitchenReactor, TicketEffects>,
    pub(crate) effects: TicketEffects,
}

impl TestKitchen {
    pub(crate) async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        for table in [event_table("tickets"), event_table("orders")] {
            table.without_stream().create(&client).await.unwrap();
        }
        view_table("reactions", &[], false).create(&client).await.unwrap();
        let wiring = Wiring::new(client)
            .events(contracts::ticket::CATEGORY, "tickets")
            .events(contracts::order::CATEGORY, "orders")
            .documents(KitchenReactor::NAME, "reactions");
        Self {
            http: Client::new(crate::router(&wiring)),
            orders: wiring.store(),
            order_commits: wiring.commits(contracts::order::CATEGORY),
            ticket_commits: wiring.commits(contracts::ticket::CATEGORY),
            reactor: wiring.reactor(TicketEffects::new(&wiring)),
            effects: TicketEffects::new(&wiring),
            _dynamo: dynamo,
        }
    }

    /// Commits one event of this order.
    pub(crate) async fn commit(&self, id: OrderId, event: OrderEvent) {
        let context = CommandContext::unrepeatable(Timestamp::now());
        self.orders.execute(&id, &event, &context).await.unwrap();
    }

    /// Creates an order whose events the kitchen has not consumed yet.
    pub(crate) async fn order(&self) -> OrderId {
        let id = OrderId::from_uuid(Uuid::now_v7());
        self.commit(id, order_created()).await;
        id
    }

    /// Creates an approved order whose ticket waits for acceptance.
    pub(crate) async fn approved_order(&self) -> OrderId {
        let id = self.order().await;
        self.commit(id, OrderEvent::OrderApproved {}).await;
        let commits = self.commits_of(id).await;
        assert!(self.deliver(&commits).await.is_empty());
        id
    }

    /// Creates an approved order whose food is being cooked.
    pub(crate) async fn order_in_preparation(&self) -> OrderId {
        let id = self.approved_order().await;
        self.prepare(id).await;
        id
    }

    /// Accepts the ticket and starts its preparation.
    pub(crate) async fn prepare(&self, id: OrderId) {
        let accept = json!({ "readyBy": in_seconds(3_600) });
        for (step, body) in [("accept", accept), ("preparing", json!({}))] {
            let answer = self.post(&format!("/tickets/{id}/{step}"), body).await;
            assert_eq!(answer.status, 200);
        }
    }

    /// Commits one event of this order and delivers the commit.
    pub(crate) async fn tell(&self, id: OrderId, event: OrderEvent) {
        self.commit(id, event).await;
        assert!(self.deliver(&self.commits_of(id).await).await.is_empty());
    }

    pub(crate) async fn commits_of(&self, id: OrderId) -> Vec<Commit> {
        let stream = StreamId::new(contracts::order::CATEGORY, &id.to_string()).unwrap();
        self.order_commits.after(&stream, 0).await.unwrap()
    }

    /// Delivers these commits as one message and returns the messages that failed.
    pub(crate) async fn deliver(&self, commits: &[Commit]) -> Vec<String> {
        let event = batch(vec![message(
            "1",
            1,
            commits.iter().cloned().map(Parcel::Whole).collect(),
        )]);
        let response = self.reactor.handle(event).await;
        let failures = response.batch_item_failures;
        failures
            .into_iter()
            .map(|failure| failure.item_identifier)
            .collect()
    }

    /// Returns the names of the events of this order's ticket.
    pub(crate) async fn ticket_events(&self, id: OrderId) -> Vec<String> {
        let stream = StreamId::new(contracts::ticket::CATEGORY, &id.to_string()).unwrap();
        let commits = self.ticket_commits.after(&stream, 0).await.unwrap();
        commits
            .into_iter()
            .flat_map(|commit| commit.events)
            .inspect(|event| {
                <TicketEvent as commit::Event>::decode(event).unwrap();
            })
            .map(|event| event.kind)
            .collect()
    }
}

/// Dereferences to the client, so that requests go to the service.
impl Deref for TestKitchen {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.http
    }
}

/// Returns the moment this many seconds from now, as a client sends it.
pub(crate) fn in_seconds(seconds: i64) -> String {
    (Timestamp::now() + SignedDuration::from_secs(seconds)).to_string()
}

pub(crate) fn restaurant() -> RestaurantId {
    RestaurantId::from_uuid(Uuid::from_u128(7))
}

pub(crate) fn order_created() -> OrderEvent {
    let consumer = ConsumerId::from_uuid(Uuid::from_u128(8));
    fixtures::order_created(consumer, restaurant(), fixtures::vindaloos(5))
}
