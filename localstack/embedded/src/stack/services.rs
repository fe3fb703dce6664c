//! Every service on one DynamoDB client: the same constructors that the Lambda functions call.

use crate::topology::{Subscriber, topology};
use accounting::Accounting;
use aws_sdk_dynamodb::Client;
use consumers::ConsumersService;
use event_store::EventStore;
use kitchen::Kitchen;
use order_history::OrderHistory;
use orders::{OrderEffects, OrderMenus, OrdersReactor, OrdersService};
use projection::{BatchHandler, Options, Projector, ReactorRunner, Sources, View, ViewReader};
use restaurants::RestaurantsService;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use view_function::SourceTables;

/// The services.
pub(crate) struct Services {
    client: Client,
    orders: EventStore<orders::Order>,
    kitchen: Kitchen,
    accounting: Accounting,
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
                },
            ),
            client,
        }
    }

    /// The whole API, with its description.
    pub(crate) fn router(&self) -> OpenApiRouter {
        let consumers = ConsumersService {
            consumers: EventStore::new(self.client.clone(), table("consumer")),
        };
        let restaurants = RestaurantsService {
            restaurants: EventStore::new(self.client.clone(), table("restaurant")),
        };
        let orders = OrdersService {
            orders: self.orders.clone(),
            menus: self.reader::<OrderMenus>(),
        };
        OpenApiRouter::with_openapi(http_api::openapi::common())
            .merge(api_description::router())
            .merge(consumers::router(consumers))
            .merge(restaurants::router(restaurants))
            .merge(orders::router(orders))
            .merge(kitchen::router(self.kitchen.clone()))
            .merge(accounting::router(self.accounting.clone()))
            .merge(order_history::router(
                self.reader(),
                tables(&self.client, OrderHistory::SOURCES),
            ))
    }

    /// The function behind a subscriber's queue; none when the topology names one that nobody has written.
    pub(crate) fn handler(&self, subscriber: &Subscriber) -> Option<Arc<dyn BatchHandler>> {
        let name = subscriber.name;
        Some(match name {
            "order-menus" => self.projector::<OrderMenus>(),
            "order-history" => self.projector::<OrderHistory>(),
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
            "accounting-reactor" => {
                let tables = accounting::ReactorTables {
                    reactions: name.to_owned(),
                    orders: table("order").to_owned(),
                };
                Arc::new(accounting::reactor(self.client.clone(), tables, &self.accounting))
            }
            _ => return None,
        })
    }

    fn projector<V: View>(&self) -> Arc<dyn BatchHandler> {
        Arc::new(Projector::<V>::new(
            self.client.clone(),
            V::NAME,
            sources(&self.client, V::SOURCES),
            Options::default(),
        ))
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
    fn the_topology_names_what_views_and_reactors_listen_to() {
        use projection::Reactor;
        let listens = |name: &str| topology().subscriber(name).unwrap().categories;
        assert_eq!(listens(OrderMenus::NAME), OrderMenus::SOURCES);
        assert_eq!(listens(OrderHistory::NAME), OrderHistory::SOURCES);
        assert_eq!(listens(OrdersReactor::NAME), OrdersReactor::SOURCES);
        assert_eq!(
            listens(kitchen::KitchenReactor::NAME),
            kitchen::KitchenReactor::SOURCES
        );
        assert_eq!(
            listens(accounting::AccountingReactor::NAME),
            accounting::AccountingReactor::SOURCES
        );
    }

    #[test]
    fn the_topology_names_what_the_lists_filter_by() {
        let filters = |name: &str| {
            topology()
                .view_tables
                .iter()
                .find(|table| table.name == name)
                .unwrap()
                .filters
        };
        assert_eq!(filters(OrderMenus::NAME), OrderMenus::FILTERS);
        assert_eq!(filters(OrderHistory::NAME), OrderHistory::FILTERS);
    }
}
