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

/// Builds the routes of a function, with their description, from its wiring.
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
/// A part says here, and nowhere else, what it is. Tables, queues, roles, routes and the template follow from it.
#[derive(Debug, Clone)]
pub struct Part {
    /// The name of the crate, its folder and its binary.
    pub name: &'static str,
    /// The categories of the streams that it owns; a part that owns some has an event table (G12).
    pub owns: &'static [&'static str],
    /// What it deploys.
    pub functions: Vec<Function>,
    /// What a reader of the template should know about it.
    pub about: &'static str,
}

/// One deployed function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name in the system, unique: `orders`, `orders-reactor`, `order-history-query`.
    pub name: String,
    /// What the part's binary does as this function: its `Handler`.
    pub role: &'static str,
    /// What sets it in motion.
    pub trigger: Trigger,
    /// Whether it appends to its part's event table.
    pub appends: bool,
    /// The categories that it reads without owning them.
    pub reads: Vec<&'static str>,
    /// Why it reads them, where that is not plain.
    pub why: &'static str,
    /// The view that it reads.
    pub view: Option<ReadView>,
    /// The parts whose HTTP functions it asks.
    pub asks: &'static [&'static str],
    /// How long it may take.
    pub timeout: Duration,
    /// Memory in MB; a CPU comes with 1,769 of them.
    pub memory: u32,
}

/// What sets a function in motion.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// Requests to these routes.
    Http(Router),
    /// The queue of a subscriber.
    Queue(Subscriber),
    /// The stream of an event table; there is one such function for each of them.
    Stream,
    /// The queue of what operators ask for.
    Tasks,
}

/// A view that a function reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadView {
    /// Its name.
    pub name: &'static str,
    /// What it derives from its documents, and so what there is to read.
    pub uses: Uses,
    /// Whether it reads whole lists and pages, or single documents only.
    pub lists: bool,
}

impl Part {
    /// A service: it owns the streams of these categories.
    #[must_use]
    pub fn service(name: &'static str, owns: &'static [&'static str]) -> Self {
        Self {
            owns,
            ..Self::function(name)
        }
    }

    /// A view with its projector and its query function. It has the name of the view.
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

    /// A part that owns no streams.
    #[must_use]
    pub fn function(name: &'static str) -> Self {
        Self {
            name,
            owns: &[],
            functions: Vec::new(),
            about: "",
        }
    }

    /// With a remark for readers of the template.
    #[must_use]
    pub fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// With one more function. What it appends to it need not name among what it reads.
    #[must_use]
    pub fn with(mut self, mut function: Function) -> Self {
        if function.appends {
            function.reads.retain(|category| !self.owns.contains(category));
        }
        self.functions.push(function);
        self
    }

    /// With the function that takes the part's commands; it has the name of the part.
    #[must_use]
    pub fn commands(self, router: impl Into<Router>) -> Self {
        let name = self.name;
        self.with(Function::commands(name, router))
    }

    /// With a view that the part keeps for itself; `role` is what its binary does as the projector.
    #[must_use]
    pub fn keeps<V: View>(self, role: &'static str) -> Self {
        self.with(Function::subscriber(role, Subscriber::view::<V>()))
    }

    /// With a reactor, whose effects are commands to this part.
    #[must_use]
    pub fn reacts(self, reactor: Subscriber) -> Self {
        self.with(Function {
            appends: true,
            ..Function::subscriber("reactor", reactor)
        })
    }

    /// The name of its event table; none when it owns no streams.
    #[must_use]
    pub fn event_table(&self) -> Option<String> {
        (!self.owns.is_empty()).then(|| format!("{}-events", self.name))
    }

    /// What its binary can be.
    #[must_use]
    pub fn roles(&self) -> Vec<&'static str> {
        let roles: BTreeSet<_> = self.functions.iter().map(|function| function.role).collect();
        roles.into_iter().collect()
    }

    /// The function of a role.
    #[must_use]
    pub fn function_of(&self, role: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.role == role)
    }

    /// The subscribers among its functions.
    pub fn subscribers(&self) -> impl Iterator<Item = &Subscriber> {
        self.functions.iter().filter_map(Function::subscribes)
    }

    /// The tables that it owns: its events, and the documents of its subscribers.
    pub fn tables(&self) -> impl Iterator<Item = TableDefinition> {
        let events = self.event_table().map(event_store::event_table);
        events
            .into_iter()
            .chain(self.subscribers().map(Subscriber::table))
    }
}

impl Function {
    /// One that answers HTTP and appends to its part's event table.
    #[must_use]
    pub fn commands(name: impl Into<String>, router: impl Into<Router>) -> Self {
        Self {
            appends: true,
            ..Self::http(name, "command", router)
        }
    }

    /// One that answers HTTP.
    #[must_use]
    pub fn http(name: impl Into<String>, role: &'static str, router: impl Into<Router>) -> Self {
        Self::new(name, role, Trigger::Http(router.into()))
    }

    /// The function behind a subscriber's queue. A view's is named after the view, a reactor's has the reactor's name.
    #[must_use]
    pub fn subscriber(role: &'static str, subscriber: Subscriber) -> Self {
        Self {
            reads: subscriber.sources.to_vec(),
            timeout: settings::SUBSCRIBER_TIMEOUT,
            ..Self::new(subscriber.function_name(), role, Trigger::Queue(subscriber))
        }
    }

    /// One of this name, with nothing to read and the usual time and memory.
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

    /// It also reads the events of these categories, and why.
    #[must_use]
    pub fn reads(mut self, categories: &'static [&'static str], why: &'static str) -> Self {
        self.reads.extend(categories);
        self.why = why;
        self
    }

    /// It also reads single documents of a view, caught up from the view's sources.
    #[must_use]
    pub fn reads_view<V: View>(mut self, why: &'static str) -> Self {
        self.view = Some(ReadView {
            name: V::NAME,
            uses: V::USES,
            lists: false,
        });
        self.reads(V::SOURCES, why)
    }

    /// It asks the HTTP functions of these parts.
    #[must_use]
    pub fn asks(self, asks: &'static [&'static str]) -> Self {
        Self { asks, ..self }
    }

    /// It may take this long.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// It has this much memory, in MB.
    #[must_use]
    pub fn memory(self, memory: u32) -> Self {
        Self { memory, ..self }
    }

    /// The subscriber whose queue it takes.
    #[must_use]
    pub fn subscribes(&self) -> Option<&Subscriber> {
        match &self.trigger {
            Trigger::Queue(subscriber) => Some(subscriber),
            Trigger::Http(_) | Trigger::Stream | Trigger::Tasks => None,
        }
    }

    /// Whether it answers HTTP.
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

    /// Whose documents it works with: its subscriber's, or those of the view that it reads.
    #[must_use]
    pub fn documents(&self) -> Option<&'static str> {
        let subscriber = self.subscribes().map(|subscriber| subscriber.name);
        subscriber.or_else(|| self.view.map(|view| view.name))
    }

    /// The categories that it uses as a function of this part: what it reads, and what it appends to.
    pub fn categories<'a>(&'a self, part: &'a Part) -> impl Iterator<Item = &'static str> + 'a {
        let own = part.owns.iter().filter(|_| self.appends);
        own.chain(&self.reads).copied()
    }

    /// The part of a wiring that it may use.
    ///
    /// # Errors
    /// [`UnwiredError`](crate::UnwiredError) when a table that it needs is not named.
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
