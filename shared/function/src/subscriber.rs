use crate::{UnwiredError, Wiring};
use projection::operations::Worker;
use projection::testing::{Earlier, EveryFifth, Examined, Poisoned, StoredForm};
use projection::{BatchHandler, Effects, Reactor, Uses, View, view_table};
use std::fmt;
use std::sync::Arc;
use tables::TableDefinition;

/// A subscriber: a queue, the function behind it, and the table of its documents. All have its name.
#[derive(Clone)]
pub struct Subscriber {
    /// Its name.
    pub name: &'static str,
    /// View or reactor.
    pub kind: Kind,
    /// The categories to which it subscribes; relays send it no others.
    pub sources: &'static [&'static str],
    /// The attributes that its lists filter by.
    pub filters: &'static [&'static str],
    /// What it derives from its documents.
    pub uses: Uses,
    /// Why its function scans its table, if it keeps rows of its own there beside the documents.
    pub own_rows: Option<&'static str>,
    handler: Handler,
    buggy: Handler,
    earlier: Handler,
    operate: fn(Worker, &Wiring) -> Worker,
    examine: Option<Examine>,
    stored_form: StoredForm,
}

/// Builds a function from its wiring.
type Handler = Arc<dyn Fn(&Wiring) -> Arc<dyn BatchHandler> + Send + Sync>;
/// Builds a type-erased reader of a view.
type Examine = fn(&Wiring) -> Arc<dyn Examined>;

/// What a subscriber does with commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Folds commits into documents.
    View,
    /// Reacts to commits with commands to its own service.
    Reactor,
}

impl Subscriber {
    /// Creates the projector of a view.
    #[must_use]
    pub fn view<V: View>() -> Self {
        Self {
            name: V::NAME,
            kind: Kind::View,
            sources: V::SOURCES,
            filters: V::FILTERS,
            uses: V::USES,
            own_rows: None,
            handler: Arc::new(|wiring| Arc::new(wiring.projector::<V>())),
            buggy: Arc::new(|wiring| Arc::new(wiring.projector::<Poisoned<V, EveryFifth>>())),
            earlier: Arc::new(|wiring| Arc::new(wiring.projector::<Poisoned<V, Earlier>>())),
            examine: Some(|wiring| Arc::new(wiring.reader::<V>())),
            stored_form: StoredForm::view::<V>(),
            operate: |worker, wiring| {
                let sources = wiring.sources(V::SOURCES);
                worker.with_view::<V>(wiring.client().clone(), wiring.documents_of(V::NAME), sources)
            },
        }
    }

    /// Creates a reactor; `effects` builds what executes its commands.
    #[must_use]
    pub fn reactor<R: Reactor, E: Effects<R::Command>>(effects: fn(&Wiring) -> E) -> Self {
        Self {
            name: R::NAME,
            kind: Kind::Reactor,
            sources: R::SOURCES,
            filters: &[],
            uses: Uses::NOTHING,
            own_rows: None,
            handler: Arc::new(move |wiring| Arc::new(wiring.reactor::<R, E>(effects(wiring)))),
            buggy: Arc::new(move |wiring| {
                Arc::new(wiring.reactor::<Poisoned<R, EveryFifth>, E>(effects(wiring)))
            }),
            earlier: Arc::new(move |wiring| {
                Arc::new(wiring.reactor::<Poisoned<R, Earlier>, E>(effects(wiring)))
            }),
            examine: None,
            stored_form: StoredForm::reactor::<R>(),
            // The worker only needs its name and sources: a reactor's own function runs its effects.
            operate: |worker, wiring| {
                let sources = wiring.sources(R::SOURCES);
                let (client, table) = (wiring.client().clone(), wiring.documents_of(R::NAME));
                worker.with_reactor(client, R::NAME, table, R::SOURCES, sources)
            },
        }
    }

    /// Adds rows of its own in its table; `why` says what they are for.
    #[must_use]
    pub fn with_own_rows(self, why: &'static str) -> Self {
        Self {
            own_rows: Some(why),
            ..self
        }
    }

    /// Builds the handler of its queue's batches.
    #[must_use]
    pub fn handler(&self, wiring: &Wiring) -> Arc<dyn BatchHandler> {
        (self.handler)(wiring)
    }

    /// Builds the same handler with a bug, for simulations: about every fifth event cannot be applied ([`EveryFifth`]).
    #[must_use]
    pub fn buggy_handler(&self, wiring: &Wiring) -> Arc<dyn BatchHandler> {
        (self.buggy)(wiring)
    }

    /// Builds the same handler of an earlier version, for simulations: it does not know about every fifth event type of a
    /// stream ([`Earlier`]).
    #[must_use]
    pub fn earlier_handler(&self, wiring: &Wiring) -> Arc<dyn BatchHandler> {
        (self.earlier)(wiring)
    }

    /// Builds a type-erased reader and fold of the view, for simulations. Returns `None` for a reactor, whose documents are
    /// never read.
    #[must_use]
    pub fn examined(&self, wiring: &Wiring) -> Option<Arc<dyn Examined>> {
        self.examine.map(|examine| examine(wiring))
    }

    /// Returns how its documents are stored, for the comparison with golden documents.
    #[must_use]
    pub fn stored_form(&self) -> StoredForm {
        self.stored_form
    }

    /// Adds this subscriber to those that a worker can rebuild and sweep.
    ///
    /// # Errors
    /// [`UnwiredError`] when the wiring does not name its table or one of its sources.
    pub fn operated(&self, worker: Worker, wiring: &Wiring) -> Result<Worker, UnwiredError> {
        wiring.check(self)?;
        Ok((self.operate)(worker, wiring))
    }

    /// Returns the table of its documents, under its own name.
    #[must_use]
    pub fn table(&self) -> TableDefinition {
        view_table(self.name, self.filters, self.uses.index)
    }

    /// Returns the name of its function. A reactor's function has the reactor's own name.
    #[must_use]
    pub fn function_name(&self) -> String {
        match self.kind {
            Kind::View => format!("{}-projector", self.name),
            Kind::Reactor => self.name.to_owned(),
        }
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("sources", &self.sources)
            .finish_non_exhaustive()
    }
}
