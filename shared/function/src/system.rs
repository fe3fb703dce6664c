use crate::{Function, Kind, Part, Subscriber, Trigger, UnwiredError, Wiring};
use projection::operations::Worker;
use std::collections::BTreeSet;
use tables::TableDefinition;

/// A whole system: its parts, in display order.
#[derive(Debug, Clone)]
pub struct System {
    /// A short title: the template's description and the title of its API.
    pub title: &'static str,
    /// What its API is for, in one sentence.
    pub about: &'static str,
    /// Its version, for the descriptions of the API and of the events.
    pub version: &'static str,
    parts: Vec<Part>,
}

/// The event table of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTable {
    /// Its logical name.
    pub name: String,
    /// The part that owns it.
    pub service: &'static str,
    /// The categories of the streams in it.
    pub categories: &'static [&'static str],
}

impl System {
    /// Creates a system without parts.
    #[must_use]
    pub fn new(title: &'static str, about: &'static str) -> Self {
        Self {
            title,
            about,
            version: "0.1.0",
            parts: Vec::new(),
        }
    }

    /// Sets its version, which is 0.1.0 by default.
    #[must_use]
    pub fn version(self, version: &'static str) -> Self {
        Self { version, ..self }
    }

    /// Adds a part.
    ///
    /// # Panics
    /// When the system already has a part or function of the same name, or an owner of the same category: two parts of one name
    /// would share tables and queues.
    #[must_use]
    pub fn with(mut self, part: Part) -> Self {
        let names = |part: &Part| -> BTreeSet<String> {
            let functions = part.functions.iter().map(|function| function.name.clone());
            functions.chain([part.name.to_owned()]).collect()
        };
        for other in &self.parts {
            if let Some(name) = names(other).intersection(&names(&part)).next() {
                panic!("two parts of the system are named {name:?}");
            }
            if let Some(category) = part.owns.iter().find(|category| other.owns.contains(category)) {
                panic!(
                    "{} and {} both own the category {category:?}",
                    other.name, part.name
                );
            }
        }
        self.parts.push(part);
        self
    }

    /// Returns its parts.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns all functions, each with its part. The relay is listed once, although each event table has one.
    pub fn functions(&self) -> impl Iterator<Item = (&Part, &Function)> {
        self.parts
            .iter()
            .flat_map(|part| part.functions.iter().map(move |function| (part, function)))
    }

    /// Returns all subscribers: those of services first, in the order of the parts.
    pub fn subscribers(&self) -> impl Iterator<Item = &Subscriber> {
        self.parts.iter().flat_map(Part::subscribers)
    }

    /// Returns the views among the subscribers.
    pub fn views(&self) -> impl Iterator<Item = &Subscriber> {
        self.subscribers()
            .filter(|subscriber| subscriber.kind == Kind::View)
    }

    /// Returns the reactors among the subscribers.
    pub fn reactors(&self) -> impl Iterator<Item = &Subscriber> {
        self.subscribers()
            .filter(|subscriber| subscriber.kind == Kind::Reactor)
    }

    /// Returns the subscriber of that name.
    #[must_use]
    pub fn subscriber(&self, name: &str) -> Option<&Subscriber> {
        self.subscribers().find(|subscriber| subscriber.name == name)
    }

    /// Returns the event tables, one for each service.
    pub fn event_tables(&self) -> impl Iterator<Item = EventTable> {
        self.parts.iter().filter_map(|part| {
            Some(EventTable {
                name: part.event_table()?,
                service: part.name,
                categories: part.owns,
            })
        })
    }

    /// Returns the event table that holds the streams of a category.
    #[must_use]
    pub fn owner(&self, category: &str) -> Option<EventTable> {
        self.event_tables()
            .find(|table| table.categories.contains(&category))
    }

    /// Returns the destinations of an event table's relay: every subscriber to any of its categories, with those categories.
    pub fn destinations(&self, table: &EventTable) -> impl Iterator<Item = (&Subscriber, Vec<&'static str>)> {
        let published = table.categories;
        self.subscribers().filter_map(move |subscriber| {
            let wanted = subscriber.sources.iter().copied();
            let wanted: Vec<_> = wanted.filter(|wanted| published.contains(wanted)).collect();
            (!wanted.is_empty()).then_some((subscriber, wanted))
        })
    }

    /// Returns all tables, by their logical names.
    pub fn tables(&self) -> impl Iterator<Item = TableDefinition> {
        self.parts.iter().flat_map(Part::tables)
    }

    /// Returns whether one of its functions relays streams or works on operators' tasks.
    #[must_use]
    pub fn function_of(&self, wanted: fn(&Trigger) -> bool) -> Option<(&Part, &Function)> {
        self.functions().find(|(_, function)| wanted(&function.trigger))
    }

    /// Adds every subscriber to those that a worker can rebuild and sweep.
    ///
    /// # Errors
    /// [`UnwiredError`] when the wiring does not name one of their tables.
    pub fn operated(&self, worker: Worker, wiring: &Wiring) -> Result<Worker, UnwiredError> {
        self.subscribers()
            .try_fold(worker, |worker, subscriber| subscriber.operated(worker, wiring))
    }

    /// Lists the mistakes in its description: categories without an owner, reserved categories, unknown parts, operations
    /// without an access rule.
    #[must_use]
    pub fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        let owners = self
            .parts
            .iter()
            .filter(|part| part.owns.contains(&commit::MARKS));
        mistakes
            .extend(owners.map(|part| format!("{} owns {:?}, which is reserved", part.name, commit::MARKS)));
        for (_, function) in self.functions() {
            for category in &function.reads {
                if self.owner(category).is_none() {
                    mistakes.push(format!(
                        "{} reads {category:?}, which no part owns",
                        function.name
                    ));
                }
            }
            for asked in function.asks {
                let is_there = |(part, function): (&Part, &Function)| {
                    part.name == *asked && function.name == *asked && function.answers_http()
                };
                if !self.functions().any(is_there) {
                    mistakes.push(format!(
                        "{} asks {asked:?}, which answers no requests",
                        function.name
                    ));
                }
            }
            if let Some(documents) = function.documents()
                && self.subscriber(documents).is_none()
            {
                mistakes.push(format!(
                    "{} reads the view {documents:?}, which no part keeps",
                    function.name
                ));
            }
        }
        for (function, mut document) in self.described_routes().unwrap_or_default() {
            for operation in http_api::openapi::without_access(&mut document) {
                mistakes.push(format!(
                    "{} answers {operation}, which has no access rule",
                    function.name
                ));
            }
        }
        mistakes
    }
}
