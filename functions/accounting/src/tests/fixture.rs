use crate::{AccountingReactor, AskEffects};
use commit::{Commit, Event, Parcel, StreamId};
use contracts::consumer::PersonName;
use contracts::{AccountEvent, ConsumerEvent, ConsumerId, OrderEvent, OrderId, PaymentEvent, RestaurantId};
use event_store::{CommandContext, CommitReader, Decider, EventStore, event_table};
use fixtures::{order_created, vindaloos};
use function::Wiring;
use jiff::Timestamp;
use local_dynamodb::LocalDynamo;
use projection::testing::{batch, message};
use projection::{BatchHandler, Reactor, ReactorRunner, view_table};
use serde_json::json;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::ops::Deref;
use testkit::{Answer, Client};
use uuid::Uuid;

/// A neighbouring service, reduced to its events: it commits every event that it is given.
struct Neighbour<E>(PhantomData<E>);

macro_rules! neighbour {
    ($event:ty, $id:ty, $category:expr) => {
        impl Decider for Neighbour<$event> {
            type Id = $id;
            type Command = $event;
            type Event = $event;
            type State = ();
            type Error = Infallible;
            const CATEGORY: &'static str = $category;
            const STATE_SCHEMA: u32 = 1;

            fn decide((): &(), event: &$event) -> Result<Vec<$event>, Infallible> {
                Ok(vec![event.clone()])
            }

            fn evolve((): (), _: &$event) {}
        }
    };
}

neighbour!(ConsumerEvent, ConsumerId, contracts::consumer::CATEGORY);
neighbour!(OrderEvent, OrderId, contracts::order::CATEGORY);

/// The accounting service with an engine of its own.
pub(crate) struct TestAccounting {
    _dynamo: LocalDynamo,
    http: Client,
    consumers: EventStore<Neighbour<ConsumerEvent>>,
    orders: EventStore<Neighbour<OrderEvent>>,
    consumer_commits: CommitReader,
    order_commits: CommitReader,
    own_commits: CommitReader,
    reactor: ReactorRunner<AccountingReactor, AskEffects>,
    pub(crate) effects: AskEffects,
}

impl TestAccounting {
    pub(crate) async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let client = dynamo.client();
        for table in ["accounts", "consumers", "orders"] {
            event_table(table).without_stream().create(&client).await.unwrap();
        }
        view_table("reactions", &[], false).create(&client).await.unwrap();
        let wiring = Wiring::new(client)
            .events(contracts::account::CATEGORY, "accounts")
            .events(contracts::payment::CATEGORY, "accounts")
            .events(contracts::consumer::CATEGORY, "consumers")
            .events(contracts::order::CATEGORY, "orders")
            .documents(AccountingReactor::NAME, "reactions");
        Self {
            http: Client::new(crate::router(&wiring)),
            consumers: wiring.store(),
            orders: wiring.store(),
            consumer_commits: wiring.commits(contracts::consumer::CATEGORY),
            order_commits: wiring.commits(contracts::order::CATEGORY),
            own_commits: wiring.commits(contracts::account::CATEGORY),
            reactor: wiring.reactor(AskEffects::new(&wiring)),
            effects: AskEffects::new(&wiring),
            _dynamo: dynamo,
        }
    }

    /// Creates a consumer whose events accounting has not consumed yet.
    pub(crate) async fn consumer(&self) -> ConsumerId {
        let id = ConsumerId::from_uuid(Uuid::now_v7());
        let created = ConsumerEvent::ConsumerCreated {
            name: PersonName {
                first_name: "Ada".parse().unwrap(),
                last_name: "Lovelace".parse().unwrap(),
            },
        };
        let context = CommandContext::unrepeatable(Timestamp::now());
        self.consumers.execute(&id, &created, &context).await.unwrap();
        id
    }

    /// Creates an order of this many vindaloos at 12.34, which accounting has not consumed yet.
    pub(crate) async fn order(&self, consumer_id: ConsumerId, quantity: u32) -> OrderId {
        let id = OrderId::from_uuid(Uuid::now_v7());
        let restaurant_id = RestaurantId::from_uuid(Uuid::from_u128(7));
        self.commit(id, order_created(consumer_id, restaurant_id, vindaloos(quantity)))
            .await;
        id
    }

    /// Commits one event of this order.
    pub(crate) async fn commit(&self, id: OrderId, event: OrderEvent) {
        let context = CommandContext::unrepeatable(Timestamp::now());
        self.orders.execute(&id, &event, &context).await.unwrap();
    }

    /// Commits one event of this order, delivers it, and delivers the account's decision.
    pub(crate) async fn tell(&self, consumer: ConsumerId, id: OrderId, event: OrderEvent) {
        self.commit(id, event).await;
        self.deliver(&[format!("order#{id}"), format!("account#{consumer}")])
            .await;
    }

    /// Creates an order of one vindaloo whose payment is authorized.
    pub(crate) async fn authorized_order(&self, consumer: ConsumerId) -> OrderId {
        let id = self.order(consumer, 1).await;
        self.tell(consumer, id, OrderEvent::OrderApproved {}).await;
        id
    }

    pub(crate) async fn commits_of(&self, stream: &str) -> Vec<Commit> {
        let stream: StreamId = stream.parse().unwrap();
        let reader = match stream.category() {
            "consumer" => &self.consumer_commits,
            "order" => &self.order_commits,
            _ => &self.own_commits,
        };
        reader.after(&stream, 0).await.unwrap()
    }

    /// Delivers all commits of these streams, one message each.
    pub(crate) async fn deliver(&self, streams: &[String]) {
        for stream in streams {
            let commits = self.commits_of(stream).await;
            assert_eq!(self.deliver_commits(&commits).await, Vec::<String>::new());
        }
    }

    /// Delivers these commits as one message and returns the messages that failed.
    pub(crate) async fn deliver_commits(&self, commits: &[Commit]) -> Vec<String> {
        let event = batch(vec![message(
            "1",
            1,
            commits.iter().cloned().map(Parcel::Whole).collect(),
        )]);
        let failures = self.reactor.handle(event).await.batch_item_failures;
        failures
            .into_iter()
            .map(|failure| failure.item_identifier)
            .collect()
    }

    pub(crate) async fn account_events(&self, id: ConsumerId) -> Vec<AccountEvent> {
        self.events(&format!("account#{id}")).await
    }

    pub(crate) async fn payment_events(&self, id: OrderId) -> Vec<PaymentEvent> {
        self.events(&format!("payment#{id}")).await
    }

    async fn events<E: Event>(&self, stream: &str) -> Vec<E> {
        let commits = self.commits_of(stream).await;
        let events = commits.iter().flat_map(|commit| &commit.events);
        events.map(|event| E::decode(event).unwrap()).collect()
    }

    pub(crate) async fn set_limit(&self, id: ConsumerId, limit: &str) -> Answer {
        self.post(&format!("/accounts/{id}/limit"), json!({ "creditLimit": limit }))
            .await
    }

    pub(crate) async fn account(&self, id: ConsumerId) -> Answer {
        self.get(&format!("/accounts/{id}")).await
    }

    pub(crate) async fn payment(&self, id: OrderId) -> Answer {
        self.get(&format!("/payments/{id}")).await
    }
}

/// Dereferences to the client, so that requests go to the service.
impl Deref for TestAccounting {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.http
    }
}

/// Returns the proposal to change one vindaloo to this quantity.
pub(crate) fn proposed(revision: u32, quantity: u32) -> OrderEvent {
    OrderEvent::OrderRevisionProposed {
        revision,
        line_items: vindaloos(quantity),
        current_order_total: vindaloos(1).total(),
        new_order_total: vindaloos(quantity).total(),
        delivery: None,
    }
}

/// Returns the rejection of a revision; the order keeps one vindaloo.
pub(crate) fn revision_rejected(revision: u32) -> OrderEvent {
    OrderEvent::OrderRevisionRejected {
        revision,
        reason: "TICKET_PREPARING".parse().unwrap(),
        line_items: vindaloos(1),
        order_total: vindaloos(1).total(),
    }
}
