use crate::filled::say_filled;
use crate::{Subscriber, Wiring};
use axum::middleware::from_fn;
use projection::{Uses, View};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tables::TableDefinition;
use utoipa_axum::router::OpenApiRouter;

/// Builds a function's routes, with their OpenAPI description, from its wiring.
#[derive(Clone)]
pub struct Router(Arc<dyn Fn(&Wiring) -> OpenApiRouter + Send + Sync>);

impl Router {
    /// Builds the routes.
    ///
    /// # Panics
    /// When the function uses a table that its description does not name.
    #[must_use]
    pub fn build(&self, wiring: &Wiring) -> OpenApiRouter {
        (self.0)(wiring)
    }
}

impl<F: Fn(&Wiring) -> OpenApiRouter + Send + Sync + 'static> From<F> for Router {
    fn from(build: F) -> Self {
        Self(Arc::new(build))
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Router")
    }
}

/// A part of the system: one crate under `functions/`, one binary, one or more functions.
///
/// A part is described only here. Tables, queues, roles, routes and the template are derived from it.
#[derive(Debug, Clone)]
pub struct Part {
    /// The name of the crate, of its folder and of its binary.
    pub name: &'static str,
    /// The categories of streams that it owns. A part that owns any has an event table (G12).
    pub owns: &'static [&'static str],
    /// The functions that it deploys.
    pub functions: Vec<Function>,
    /// A remark for readers of the template.
    pub about: &'static str,
}

/// One deployed function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its unique name in the system: `orders`, `orders-reactor`, `order-history-query`.
    pub name: String,
    /// The role of the part's binary, which is the function's `Handler`.
    pub role: &'static str,
    /// What triggers it.
    pub trigger: Trigger,
    /// Whether it appends to its part's event table.
    pub appends: bool,
    /// The categories that it reads without owning them.
    pub reads: Vec<&'static str>,
    /// Why it reads them, if that is not obvious.
    pub why: &'static str,
    /// The view that it reads.
    pub view: Option<ReadView>,
    /// The parts whose HTTP functions it calls.
    pub asks: &'static [&'static str],
    /// Its timeout.
    pub timeout: Duration,
    /// Memory in MB; 1,769 MB come with one CPU.
    pub memory: u32,
}

/// What triggers a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// Requests to these routes.
    Http(Router),
    /// The queue of a subscriber.
    Queue(Subscriber),
    /// The stream of an event table. One such function is deployed for each event table.
    Stream,
    /// The queue of operators' tasks.
    Tasks,
}

/// A view that a function reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadView {
    /// Its name.
    pub name: &'static str,
    /// What is derived from its documents, which determines what can be read.
    pub uses: Uses,
    /// Whether it reads whole lists and pages, or single documents only.
    pub lists: bool,
}

impl Part {
    /// Creates a service that owns the streams of these categories.
    #[must_use]
    pub fn service(name: &'static str, owns: &'static [&'static str]) -> Self {
        Self {
            owns,
            ..Self::function(name)
        }
    }

    /// Creates a view with its projector and its query function. The part has the view's name.
    #[must_use]
    pub fn view<V: View>(query: impl Into<Router>) -> Self {
        let projector = Function::subscriber("projector", Subscriber::view::<V>());
        let query = Function {
            reads: V::SOURCES.to_vec(),
            view: Some(ReadView {
                name: V::NAME,
                uses: V::USES,
                lists: true,
            }),
            ..Function::http(format!("{}-query", V::NAME), "query", query)
        };
        Self::function(V::NAME).with(projector).with(query)
    }

    /// Creates a part that owns no streams.
    #[must_use]
    pub fn function(name: &'static str) -> Self {
        Self {
            name,
            owns: &[],
            functions: Vec::new(),
            about: "",
        }
    }

    /// Adds a remark for readers of the template.
    #[must_use]
    pub fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// Adds a function. Categories that the part owns and that the function appends to are removed from the function's `reads`.
    #[must_use]
    pub fn with(mut self, mut function: Function) -> Self {
        if function.appends {
            function.reads.retain(|category| !self.owns.contains(category));
        }
        self.functions.push(function);
        self
    }

    /// Adds the function that takes the part's commands; it has the part's name.
    #[must_use]
    pub fn commands(self, router: impl Into<Router>) -> Self {
        let name = self.name;
        self.with(Function::commands(name, router))
    }

    /// Adds a view that the part keeps for itself; `role` is the role of its binary as the projector.
    #[must_use]
    pub fn keeps<V: View>(self, role: &'static str) -> Self {
        self.with(Function::subscriber(role, Subscriber::view::<V>()))
    }

    /// Adds a reactor, whose effects are commands to this part.
    #[must_use]
    pub fn reacts(self, reactor: Subscriber) -> Self {
        self.with(Function {
            appends: true,
            ..Function::subscriber("reactor", reactor)
        })
    }

    /// Returns the name of its event table, or `None` if it owns no streams.
    #[must_use]
    pub fn event_table(&self) -> Option<String> {
        (!self.owns.is_empty()).then(|| format!("{}-events", self.name))
    }

    /// Returns the roles of its binary.
    #[must_use]
    pub fn roles(&self) -> Vec<&'static str> {
        let roles: BTreeSet<_> = self.functions.iter().map(|function| function.role).collect();
        roles.into_iter().collect()
    }

    /// Returns the function with this role.
    #[must_use]
    pub fn function_of(&self, role: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.role == role)
    }

    /// Returns the subscribers among its functions.
    pub fn subscribers(&self) -> impl Iterator<Item = &Subscriber> {
        self.functions.iter().filter_map(Function::subscribes)
    }

    /// Returns the tables that it owns: its event table, and the tables of its subscribers' documents.
    pub fn tables(&self) -> impl Iterator<Item = TableDefinition> {
        let events = self.event_table().map(event_store::event_table);
        events
            .into_iter()
            .chain(self.subscribers().map(Subscriber::table))
    }
}

impl Function {
    /// Creates a function that serves HTTP and appends to its part's event table.
    #[must_use]
    pub fn commands(name: impl Into<String>, router: impl Into<Router>) -> Self {
        Self {
            appends: true,
            ..Self::http(name, "command", router)
        }
    }

    /// Creates a function that serves HTTP.
    #[must_use]
    pub fn http(name: impl Into<String>, role: &'static str, router: impl Into<Router>) -> Self {
        Self::new(name, role, Trigger::Http(router.into()))
    }

    /// Creates the function behind a subscriber's queue. A view's function is named after the view, a reactor's after the
    /// reactor.
    #[must_use]
    pub fn subscriber(role: &'static str, subscriber: Subscriber) -> Self {
        Self {
            reads: subscriber.sources.to_vec(),
            timeout: settings::SUBSCRIBER_TIMEOUT,
            ..Self::new(subscriber.function_name(), role, Trigger::Queue(subscriber))
        }
    }

    /// Creates a function of this name that reads nothing, with default timeout and memory.
    #[must_use]
    pub fn new(name: impl Into<String>, role: &'static str, trigger: Trigger) -> Self {
        Self {
            name: name.into(),
            role,
            trigger,
            appends: false,
            reads: Vec::new(),
            why: "",
            view: None,
            asks: &[],
            timeout: settings::HTTP_TIMEOUT,
            memory: settings::MEMORY,
        }
    }

    /// Adds categories whose events it reads, and the reason.
    #[must_use]
    pub fn reads(mut self, categories: &'static [&'static str], why: &'static str) -> Self {
        self.reads.extend(categories);
        self.why = why;
        self
    }

    /// Adds single documents of a view, caught up from the view's sources, to what it reads.
    #[must_use]
    pub fn reads_view<V: View>(mut self, why: &'static str) -> Self {
        self.view = Some(ReadView {
            name: V::NAME,
            uses: V::USES,
            lists: false,
        });
        self.reads(V::SOURCES, why)
    }

    /// Adds parts whose HTTP functions it calls.
    #[must_use]
    pub fn asks(self, asks: &'static [&'static str]) -> Self {
        Self { asks, ..self }
    }

    /// Sets its timeout.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sets its memory, in MB.
    #[must_use]
    pub fn memory(self, memory: u32) -> Self {
        Self { memory, ..self }
    }

    /// Returns the subscriber whose queue triggers it.
    #[must_use]
    pub fn subscribes(&self) -> Option<&Subscriber> {
        match &self.trigger {
            Trigger::Queue(subscriber) => Some(subscriber),
            Trigger::Http(_) | Trigger::Stream | Trigger::Tasks => None,
        }
    }

    /// Returns whether the function answers HTTP.
    #[must_use]
    pub fn answers_http(&self) -> bool {
        matches!(self.trigger, Trigger::Http(_))
    }

    /// Returns the routes that the function answers, built from its part of a wiring, or `None` when it does not answer HTTP.
    /// Responses made of many documents of a view say whether the view is filled.
    #[must_use]
    pub fn routes(&self, wiring: &Wiring) -> Option<OpenApiRouter> {
        match &self.trigger {
            Trigger::Http(router) => Some(router.build(wiring).layer(from_fn(say_filled))),
            Trigger::Queue(_) | Trigger::Stream | Trigger::Tasks => None,
        }
    }

    /// Returns whose documents it uses: its subscriber's, or those of the view that it reads.
    #[must_use]
    pub fn documents(&self) -> Option<&'static str> {
        let subscriber = self.subscribes().map(|subscriber| subscriber.name);
        subscriber.or_else(|| self.view.map(|view| view.name))
    }

    /// Returns the categories that it uses as a function of this part: those that it reads, and those to which it appends.
    pub fn categories<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = &'static str> + 'a {
        let own = part.owns.iter().filter(|_| self.appends);
        own.chain(&self.reads).copied()
    }

    /// Restricts a wiring to what this function may use.
    ///
    /// # Errors
    /// [`UnwiredError`](crate::UnwiredError) when the wiring does not name a table that it needs.
    pub fn narrow(&self, part: &Part, wiring: &Wiring) -> Result<Wiring, crate::UnwiredError> {
        let categories: Vec<_> = self.categories(part).collect();
        wiring.narrowed(&categories, self.documents(), self.asks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use projection::{ApplyError, Published};

    struct Balances;

    impl View for Balances {
        type Document = u64;
        const NAME: &'static str = "balances";
        const SOURCES: &'static [&'static str] = &["account"];
        const USES: Uses = Uses::NOTHING;

        fn apply(_: &mut u64, _: &Published<'_>) -> Result<(), ApplyError> {
            Ok(())
        }
    }

    fn categories(part: &Part, role: &str) -> Vec<&'static str> {
        part.function_of(role).unwrap().categories(part).collect()
    }

    #[test]
    fn a_kept_view_of_the_parts_own_streams_may_read_them() {
        let part = Part::service("accounts", &["account"]).keeps::<Balances>("projector");
        assert_eq!(categories(&part, "projector"), ["account"]);
    }

    #[test]
    fn a_category_that_a_function_appends_to_and_reads_is_named_once() {
        let reactor = Function {
            appends: true,
            ..Function::new("reactor", "reactor", Trigger::Tasks)
        };
        let part = Part::service("accounts", &["account"]).with(reactor.reads(&["account", "card"], ""));
        assert_eq!(categories(&part, "reactor"), ["account", "card"]);
    }
}
