//! Every service on one DynamoDB client: the same constructors that the Lambda functions call.

use super::in_process::InProcess;
use crate::topology::{Subscriber, topology};
use account_statement::AccountStatement;
use accounting::Accounting;
use available_restaurants::AvailableRestaurants;
use aws_sdk_dynamodb::Client;
use consumers::ConsumersService;
use couriers::Couriers;
use delivery::DeliveryService;
use event_store::EventStore;
use kitchen::Kitchen;
use kitchen_board::KitchenBoard;
use operations::{Operations, UnwiredError};
use order_composition::Service;
use order_history::OrderHistory;
use order_totals::OrderTotals;
use orders::{OrderEffects, OrderMenus, OrdersReactor, OrdersService};
use projection::operations::{Bell, ControlOptions, Worker, WorkerOptions};
use projection::{BatchHandler, Options, Projector, ReactorRunner, Sources, View, ViewReader};
use restaurants::RestaurantsService;
use std::sync::Arc;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use view_function::SourceTables;

/// A generation waits for this longer than the functions' timeout: a write that a function had sent when it was stopped,
/// and the second for which readers remember which generation serves.
const FENCE_MARGIN: Duration = Duration::from_secs(2);
/// Segments of each table in a rebuild or a sweep. The local engine does one thing at a time anyway, and sorts what is left of the
/// whole table for every page of a parallel Scan.
const SEGMENTS: u32 = 1;
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Longer than a worker's time slice and its longest page.
const STALE: Duration = Duration::from_secs(60);

/// The services.
pub(crate) struct Services {
    client: Client,
    orders: EventStore<orders::Order>,
    kitchen: Kitchen,
    accounting: Accounting,
    delivery: DeliveryService,
}

impl Services {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            orders: EventStore::new(client.clone(), table("order")),
            kitchen: Kitchen::new(
                client.clone(),
                kitchen::Tables {
                    tickets: table("ticket").to_owned(),
                    orders: table("order").to_owned(),
                },
            ),
            accounting: Accounting::new(
                client.clone(),
                accounting::Tables {
                    accounts: table("account").to_owned(),
                    consumers: table("consumer").to_owned(),
                    orders: table("order").to_owned(),
                },
            ),
            delivery: DeliveryService::new(
                client.clone(),
                delivery::Tables {
                    deliveries: table("delivery").to_owned(),
                    orders: table("order").to_owned(),
                },
            ),
            client,
        }
    }

    /// The whole API, with its description.
    pub(crate) fn router(&self, operations: Operations) -> OpenApiRouter {
        let consumers = ConsumersService {
            consumers: EventStore::new(self.client.clone(), table("consumer")),
        };
        let restaurants = RestaurantsService {
            restaurants: EventStore::new(self.client.clone(), table("restaurant")),
        };
        OpenApiRouter::with_openapi(http_api::openapi::common())
            .merge(api_description::router())
            .merge(consumers::router(consumers))
            .merge(restaurants::router(restaurants))
            .merge(orders::router(self.orders()))
            .merge(kitchen::router(self.kitchen.clone()))
            .merge(accounting::router(self.accounting.clone()))
            .merge(delivery::router(self.delivery.clone()))
            .merge(self.query(order_history::router))
            .merge(self.query(available_restaurants::router))
            .merge(self.query(kitchen_board::router))
            .merge(self.query(order_totals::router))
            .merge(self.query(account_statement::router))
            .merge(self.query(couriers::router))
            .merge(order_composition::router(self.composition()))
            .merge(operations::router(operations))
    }

    fn orders(&self) -> OrdersService {
        OrdersService {
            orders: self.orders.clone(),
            menus: self.reader::<OrderMenus>(),
        }
    }

    /// The services as whoever composes an order asks them.
    fn composition(&self) -> order_composition::Services {
        let service = |router| -> Arc<dyn Service> { Arc::new(InProcess::new(router)) };
        order_composition::Services::new(
            service(orders::router(self.orders())),
            service(kitchen::router(self.kitchen.clone())),
            service(accounting::router(self.accounting.clone())),
            service(delivery::router(self.delivery.clone())),
        )
    }

    /// The function behind a subscriber's queue; none when the topology names one that nobody has written.
    pub(crate) fn handler(&self, subscriber: &Subscriber) -> Option<Arc<dyn BatchHandler>> {
        let name = subscriber.name;
        Some(match name {
            "order-menus" => self.projector::<OrderMenus>(),
            "order-history" => self.projector::<OrderHistory>(),
            "available-restaurants" => self.projector::<AvailableRestaurants>(),
            "kitchen-board" => self.projector::<KitchenBoard>(),
            "order-totals" => self.projector::<OrderTotals>(),
            "account-statement" => self.projector::<AccountStatement>(),
            "couriers" => self.projector::<Couriers>(),
            "orders-reactor" => Arc::new(ReactorRunner::<OrdersReactor, _>::new(
                self.client.clone(),
                name,
                sources(&self.client, subscriber.categories),
                OrderEffects {
                    orders: self.orders.clone(),
                },
                Options::default(),
            )),
            "kitchen-reactor" => Arc::new(kitchen::reactor(
                self.client.clone(),
                name.to_owned(),
                &self.kitchen,
            )),
            "accounting-reactor" => Arc::new(accounting::reactor(
                self.client.clone(),
                name.to_owned(),
                &self.accounting,
            )),
            "delivery-reactor" => {
                let tables = delivery::ReactorTables {
                    reactions: name.to_owned(),
                    tickets: table("ticket").to_owned(),
                };
                Arc::new(delivery::reactor(self.client.clone(), tables, &self.delivery))
            }
            _ => return None,
        })
    }

    /// What rebuilds and sweeps.
    pub(crate) fn worker(
        &self,
        bell: Arc<dyn Bell>,
        function_timeout: Duration,
    ) -> Result<Worker, UnwiredError> {
        let options = WorkerOptions {
            control: ControlOptions {
                fence: function_timeout + FENCE_MARGIN,
                segments: SEGMENTS,
                lanes: topology().lanes,
                ..ControlOptions::default()
            },
            page: function_timeout + FENCE_MARGIN / 2,
            heartbeat: HEARTBEAT,
            stale: STALE,
            ..WorkerOptions::default()
        };
        let events = topology().event_tables.iter().flat_map(|table| {
            let categories = table.categories.iter();
            categories.map(|category| ((*category).to_owned(), table.name.to_owned()))
        });
        let documents = topology().view_tables.iter();
        let tables = operations::Tables {
            documents: documents
                .map(|table| (table.name.to_owned(), table.name.to_owned()))
                .collect(),
            events: events.collect(),
        };
        operations::subscribers(Worker::new(bell, options), &self.client, &tables)
    }

    fn projector<V: View>(&self) -> Arc<dyn BatchHandler> {
        Arc::new(Projector::<V>::new(
            self.client.clone(),
            V::NAME,
            sources(&self.client, V::SOURCES),
            Options::default(),
        ))
    }

    /// The query function of a view.
    fn query<V: View>(
        &self,
        router: impl FnOnce(ViewReader<V>, SourceTables) -> OpenApiRouter,
    ) -> OpenApiRouter {
        router(self.reader(), tables(&self.client, V::SOURCES))
    }

    fn reader<V: View>(&self) -> ViewReader<V> {
        ViewReader::new(self.client.clone(), V::NAME, sources(&self.client, V::SOURCES))
    }
}

/// The event tables of these categories.
pub(crate) fn sources(client: &Client, categories: &[&str]) -> Sources {
    tables(client, categories).sources()
}

fn tables(client: &Client, categories: &[&str]) -> SourceTables {
    SourceTables::new(
        client,
        categories.iter().map(|category| (*category, table(category))),
    )
}

/// The event table of a category.
fn table(category: &str) -> &'static str {
    topology()
        .owner(category)
        .expect("every category that a service names is in the topology")
        .name
}

#[cfg(test)]
mod tests {
    use super::*;
    use commit::Message;
    use futures::future::BoxFuture;
    use projection::operations::{BellError, Task};
    use std::collections::BTreeSet;

    fn services() -> Services {
        Services::new(Client::from_conf(
            local_dynamodb::config_for("http://127.0.0.1:1").build(),
        ))
    }

    #[test]
    fn every_subscriber_of_the_topology_has_a_function() {
        for subscriber in topology().subscribers {
            assert!(services().handler(subscriber).is_some(), "{}", subscriber.name);
        }
    }

    #[test]
    fn every_subscriber_of_the_topology_has_its_operator() {
        struct Deaf;
        impl Bell for Deaf {
            fn ring(&self, _: Task, _: Duration) -> BoxFuture<'_, Result<(), BellError>> {
                Box::pin(async { Ok(()) })
            }
            fn send(&self, _: &str, _: &str, _: Message) -> BoxFuture<'_, Result<(), BellError>> {
                Box::pin(async { Ok(()) })
            }
        }
        let worker = services().worker(Arc::new(Deaf), Duration::ZERO).unwrap();
        let operated: BTreeSet<_> = worker
            .controls()
            .map(|control| control.subject().name.clone())
            .collect();
        let subscribed = topology()
            .subscribers
            .iter()
            .map(|subscriber| subscriber.name.to_owned());
        assert_eq!(operated, subscribed.collect());
    }

    #[test]
    fn the_topology_names_what_reactors_listen_to() {
        use projection::Reactor;
        fn same<R: Reactor>() {
            assert_eq!(topology().subscriber(R::NAME).unwrap().categories, R::SOURCES);
        }
        same::<OrdersReactor>();
        same::<kitchen::KitchenReactor>();
        same::<accounting::AccountingReactor>();
        same::<delivery::DeliveryReactor>();
    }

    #[test]
    fn the_topology_names_what_views_listen_to_and_what_their_lists_filter_by() {
        fn same<V: View>() {
            assert_eq!(topology().subscriber(V::NAME).unwrap().categories, V::SOURCES);
            let tables = topology().view_tables;
            let table = tables.iter().find(|table| table.name == V::NAME).unwrap();
            assert_eq!(table.filters, V::FILTERS);
        }
        same::<OrderMenus>();
        same::<OrderHistory>();
        same::<AvailableRestaurants>();
        same::<KitchenBoard>();
        same::<OrderTotals>();
        same::<AccountStatement>();
        same::<Couriers>();
    }
}
