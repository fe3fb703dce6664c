//! Which tables, subscriptions and functions the system consists of, as plain data.
//!
//! This is the one definition. The embedded stack creates its tables and wires its queues from it, and `template.yaml` is
//! tested against it, so what runs on one machine and what is deployed cannot drift apart.
//!
//! ```
//! let topology = belvedere_embedded::topology::topology();
//! let history = topology.subscriber("order-history").expect("the order history is a subscriber");
//! assert!(history.categories.contains(&"order"));
//! assert_eq!(topology.owner("payment").map(|table| table.name), Some("accounting-events"));
//! ```

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// The event tables, one per service.
    pub event_tables: &'static [EventTable],
    /// The tables of the views and of the reactors' documents.
    pub view_tables: &'static [ViewTable],
    /// Who listens to what; each has one FIFO queue and one dead-letter queue of its own.
    pub subscribers: &'static [Subscriber],
    /// The functions that answer HTTP.
    pub http_functions: &'static [HttpFunction],
    /// Who rebuilds and sweeps.
    pub worker: Worker,
    /// Message groups per queue: how many documents' commits can be in work at a time, and no more than that in order.
    pub lanes: u32,
}

/// The commit log of one service. Only that service writes it (G12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTable {
    /// The logical name.
    pub name: &'static str,
    /// The crate of the service that owns it.
    pub service: &'static str,
    /// The categories of the streams in it.
    pub categories: &'static [&'static str],
}

/// The documents of one view or reactor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewTable {
    /// The logical name; its subscriber has the same.
    pub name: &'static str,
    /// Attributes that the index carries for filters.
    pub filters: &'static [&'static str],
    /// Whether it has the index `lists`, that is, whether anything is listed from it.
    pub indexed: bool,
}

/// What a subscriber does with a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriberKind {
    /// It folds commits into documents.
    View,
    /// It answers commits with commands to its own service.
    Reactor,
}

/// One queue and the function behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscriber {
    /// The logical name, of the queue and of the view table.
    pub name: &'static str,
    /// View or reactor.
    pub kind: SubscriberKind,
    /// The categories that it wants; the relay sends it no others.
    pub categories: &'static [&'static str],
    /// The crate of the function.
    pub function: &'static str,
    /// The role of that crate's binary: its `Handler`.
    pub role: &'static str,
}

/// A function behind the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpFunction {
    /// The crate of the function.
    pub function: &'static str,
    /// The role of that crate's binary: its `Handler`.
    pub role: &'static str,
    /// The event table that it writes.
    pub event_table: Option<&'static str>,
    /// The view table that it reads.
    pub view_table: Option<&'static str>,
    /// The categories whose event tables it may read: to catch a view up, or before it says that something is unknown.
    pub catches_up_from: &'static [&'static str],
}

/// The function that does what operators ask for, part by part, and the queue of its parts. It knows all subscribers and all
/// event tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worker {
    /// The logical name of its queue, which is no FIFO queue: the parts are independent.
    pub queue: &'static str,
    /// The crate of the function.
    pub function: &'static str,
    /// The role of that crate's binary: its `Handler`.
    pub role: &'static str,
}

const EVENT_TABLES: &[EventTable] = &[
    EventTable {
        name: "consumers-events",
        service: "consumers",
        categories: &["consumer"],
    },
    EventTable {
        name: "restaurants-events",
        service: "restaurants",
        categories: &["restaurant"],
    },
    EventTable {
        name: "orders-events",
        service: "orders",
        categories: &["order"],
    },
    EventTable {
        name: "kitchen-events",
        service: "kitchen",
        categories: &["ticket"],
    },
    EventTable {
        name: "accounting-events",
        service: "accounting",
        categories: &["account", "payment"],
    },
    EventTable {
        name: "delivery-events",
        service: "delivery",
        categories: &["delivery", "courier"],
    },
];

const VIEW_TABLES: &[ViewTable] = &[
    ViewTable {
        name: "order-menus",
        filters: &[],
        indexed: false,
    },
    ViewTable {
        name: "orders-reactor",
        filters: &[],
        indexed: false,
    },
    ViewTable {
        name: "kitchen-reactor",
        filters: &[],
        indexed: false,
    },
    ViewTable {
        name: "accounting-reactor",
        filters: &[],
        indexed: false,
    },
    ViewTable {
        name: "delivery-reactor",
        filters: &[],
        indexed: false,
    },
    ViewTable {
        name: "order-history",
        filters: &["status", "keywords"],
        indexed: true,
    },
    ViewTable {
        name: "available-restaurants",
        filters: &[],
        indexed: false,
    },
    ViewTable {
        name: "kitchen-board",
        filters: &["status"],
        indexed: true,
    },
    ViewTable {
        name: "order-totals",
        filters: &[],
        indexed: false,
    },
    ViewTable {
        name: "account-statement",
        filters: &[],
        indexed: false,
    },
    ViewTable {
        name: "couriers",
        filters: &["available"],
        indexed: true,
    },
];

const SUBSCRIBERS: &[Subscriber] = &[
    Subscriber {
        name: "order-menus",
        kind: SubscriberKind::View,
        categories: &["restaurant"],
        function: "orders",
        role: "menus",
    },
    Subscriber {
        name: "orders-reactor",
        kind: SubscriberKind::Reactor,
        categories: &["payment", "ticket", "delivery"],
        function: "orders",
        role: "reactor",
    },
    Subscriber {
        name: "kitchen-reactor",
        kind: SubscriberKind::Reactor,
        categories: &["order"],
        function: "kitchen",
        role: "reactor",
    },
    Subscriber {
        name: "accounting-reactor",
        kind: SubscriberKind::Reactor,
        categories: &["consumer", "order", "account"],
        function: "accounting",
        role: "reactor",
    },
    Subscriber {
        name: "delivery-reactor",
        kind: SubscriberKind::Reactor,
        categories: &["order", "ticket", "delivery", "courier"],
        function: "delivery",
        role: "reactor",
    },
    Subscriber {
        name: "order-history",
        kind: SubscriberKind::View,
        categories: &["order", "ticket", "payment", "delivery"],
        function: "order-history",
        role: "projector",
    },
    Subscriber {
        name: "available-restaurants",
        kind: SubscriberKind::View,
        categories: &["restaurant"],
        function: "available-restaurants",
        role: "projector",
    },
    Subscriber {
        name: "kitchen-board",
        kind: SubscriberKind::View,
        categories: &["ticket"],
        function: "kitchen-board",
        role: "projector",
    },
    Subscriber {
        name: "order-totals",
        kind: SubscriberKind::View,
        categories: &["order"],
        function: "order-totals",
        role: "projector",
    },
    Subscriber {
        name: "account-statement",
        kind: SubscriberKind::View,
        categories: &["account"],
        function: "account-statement",
        role: "projector",
    },
    Subscriber {
        name: "couriers",
        kind: SubscriberKind::View,
        categories: &["courier"],
        function: "couriers",
        role: "projector",
    },
];

const HTTP_FUNCTIONS: &[HttpFunction] = &[
    HttpFunction {
        function: "consumers",
        role: "command",
        event_table: Some("consumers-events"),
        view_table: None,
        catches_up_from: &[],
    },
    HttpFunction {
        function: "restaurants",
        role: "command",
        event_table: Some("restaurants-events"),
        view_table: None,
        catches_up_from: &[],
    },
    // Prices come from the order service's own replica of the menus.
    HttpFunction {
        function: "orders",
        role: "command",
        event_table: Some("orders-events"),
        view_table: Some("order-menus"),
        catches_up_from: &["restaurant"],
    },
    HttpFunction {
        function: "kitchen",
        role: "command",
        event_table: Some("kitchen-events"),
        view_table: None,
        catches_up_from: &["order"],
    },
    HttpFunction {
        function: "accounting",
        role: "command",
        event_table: Some("accounting-events"),
        view_table: None,
        catches_up_from: &["consumer", "order"],
    },
    HttpFunction {
        function: "delivery",
        role: "command",
        event_table: Some("delivery-events"),
        view_table: None,
        catches_up_from: &["order"],
    },
    HttpFunction {
        function: "order-history",
        role: "query",
        event_table: None,
        view_table: Some("order-history"),
        catches_up_from: &["order", "ticket", "payment", "delivery"],
    },
    HttpFunction {
        function: "available-restaurants",
        role: "query",
        event_table: None,
        view_table: Some("available-restaurants"),
        catches_up_from: &["restaurant"],
    },
    HttpFunction {
        function: "kitchen-board",
        role: "query",
        event_table: None,
        view_table: Some("kitchen-board"),
        catches_up_from: &["ticket"],
    },
    HttpFunction {
        function: "order-totals",
        role: "query",
        event_table: None,
        view_table: Some("order-totals"),
        catches_up_from: &["order"],
    },
    HttpFunction {
        function: "account-statement",
        role: "query",
        event_table: None,
        view_table: Some("account-statement"),
        catches_up_from: &["account"],
    },
    HttpFunction {
        function: "couriers",
        role: "query",
        event_table: None,
        view_table: Some("couriers"),
        catches_up_from: &["courier"],
    },
    // It asks the services themselves.
    HttpFunction {
        function: "order-composition",
        role: "query",
        event_table: None,
        view_table: None,
        catches_up_from: &[],
    },
    // It looks after all views, and has none.
    HttpFunction {
        function: "operations",
        role: "api",
        event_table: None,
        view_table: None,
        catches_up_from: &[],
    },
];

const WORKER: Worker = Worker {
    queue: "operations-tasks",
    function: "operations",
    role: "worker",
};

/// The definition.
#[must_use]
pub const fn topology() -> Topology {
    Topology {
        event_tables: EVENT_TABLES,
        view_tables: VIEW_TABLES,
        subscribers: SUBSCRIBERS,
        http_functions: HTTP_FUNCTIONS,
        worker: WORKER,
        lanes: 64,
    }
}

impl Topology {
    /// The subscriber of that name.
    #[must_use]
    pub fn subscriber(&self, name: &str) -> Option<&'static Subscriber> {
        self.subscribers.iter().find(|subscriber| subscriber.name == name)
    }

    /// The event table that holds the streams of a category.
    #[must_use]
    pub fn owner(&self, category: &str) -> Option<&'static EventTable> {
        self.event_tables
            .iter()
            .find(|table| table.categories.contains(&category))
    }

    /// Where the relay of one event table sends to: every subscriber that wants any of its categories, with those.
    pub fn destinations(
        &self,
        table: &EventTable,
    ) -> impl Iterator<Item = (&'static Subscriber, Vec<&'static str>)> {
        let published = table.categories;
        self.subscribers.iter().filter_map(move |subscriber| {
            let wanted: Vec<_> = subscriber
                .categories
                .iter()
                .copied()
                .filter(|wanted| published.contains(wanted))
                .collect();
            (!wanted.is_empty()).then_some((subscriber, wanted))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_category_has_exactly_one_owner() {
        let all: Vec<_> = topology()
            .event_tables
            .iter()
            .flat_map(|table| table.categories)
            .collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn every_subscribed_category_is_published() {
        for subscriber in topology().subscribers {
            for category in subscriber.categories {
                assert!(
                    topology().owner(category).is_some(),
                    "{} wants {category}",
                    subscriber.name
                );
            }
        }
    }

    #[test]
    fn every_subscriber_has_its_own_table() {
        let tables: BTreeSet<_> = topology().view_tables.iter().map(|table| table.name).collect();
        let subscribers: BTreeSet<_> = topology()
            .subscribers
            .iter()
            .map(|subscriber| subscriber.name)
            .collect();
        assert_eq!(tables, subscribers);
    }

    #[test]
    fn the_relay_of_accounting_serves_those_who_listen_to_accounts_or_payments() {
        let topology = topology();
        let table = topology.owner("account").unwrap();
        let destinations: Vec<_> = topology
            .destinations(table)
            .map(|(to, wanted)| (to.name, wanted))
            .collect();
        assert_eq!(
            destinations,
            [
                ("orders-reactor", vec!["payment"]),
                ("accounting-reactor", vec!["account"]),
                ("order-history", vec!["payment"]),
                ("account-statement", vec!["account"])
            ]
        );
    }
}
