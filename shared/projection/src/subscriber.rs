use crate::deadline::Deadline;
use crate::derived::{Index, Row, Tally};
use crate::reactor::{Cause, EffectError, Effects, Reactor};
use crate::view::{ApplyError, Published, View};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;

/// The common interface of views and reactors, the only one that the engine uses.
pub(crate) trait Subscriber: Send + Sync + 'static {
    type Document: Default + Clone + Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static;
    type Command: Clone + Send + Sync;
    const NAME: &'static str;
    const SOURCES: &'static [&'static str];
    const FILTERS: &'static [&'static str];
    /// Whether the table's registry contains generations. A reactor always has one generation.
    const REBUILT: bool;

    fn apply(document: &mut Self::Document, event: &Published<'_>) -> Result<Vec<Self::Command>, ApplyError>;

    /// Derives the items of a document. An error is a defect of the view's code, as in [`Self::journal`]: the view
    /// derives what it does not declare.
    fn derive(document: &Self::Document) -> Result<Derived, ApplyError>;

    fn journal(document: &Self::Document, event: &Published<'_>) -> Result<Vec<Row>, ApplyError>;

    /// Returns the commands that answer a deadline of the document with this key.
    fn overdue(
        document: &Self::Document,
        key: &str,
        deadline: &Deadline,
    ) -> Result<Vec<Self::Command>, ApplyError>;

    /// Returns the number of items over which a counter is spread, at least 1.
    fn tally_shards(tally: &str) -> u32;

    fn run(
        &self,
        command: Self::Command,
        cause: &Cause,
    ) -> impl Future<Output = Result<(), EffectError>> + Send;
}

/// The items derived from a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Derived {
    pub(crate) index: Option<Index>,
    pub(crate) rows: Vec<Row>,
    pub(crate) tallies: Vec<Tally>,
    pub(crate) deadlines: Vec<Deadline>,
}

pub(crate) struct ViewOf<V>(pub(crate) PhantomData<fn() -> V>);

impl<V: View> Subscriber for ViewOf<V> {
    type Document = V::Document;
    type Command = Infallible;
    const NAME: &'static str = V::NAME;
    const SOURCES: &'static [&'static str] = V::SOURCES;
    const FILTERS: &'static [&'static str] = V::FILTERS;
    const REBUILT: bool = true;

    fn apply(document: &mut V::Document, event: &Published<'_>) -> Result<Vec<Infallible>, ApplyError> {
        V::apply(document, event).map(|()| Vec::new())
    }

    fn derive(document: &V::Document) -> Result<Derived, ApplyError> {
        let derived = Derived {
            index: V::index(document),
            rows: V::rows(document),
            tallies: V::tallies(document),
            deadlines: Vec::new(),
        };
        declared::<V>("index", V::USES.index || derived.index.is_none())?;
        declared::<V>("rows", V::USES.rows || derived.rows.is_empty())?;
        declared::<V>("tallies", V::USES.tallies || derived.tallies.is_empty())?;
        Ok(derived)
    }

    fn journal(document: &V::Document, event: &Published<'_>) -> Result<Vec<Row>, ApplyError> {
        let rows = V::journal(document, event);
        declared::<V>("journal", V::USES.journal || rows.is_empty())?;
        Ok(rows)
    }

    fn overdue(_: &V::Document, _: &str, _: &Deadline) -> Result<Vec<Infallible>, ApplyError> {
        Ok(Vec::new())
    }

    fn tally_shards(tally: &str) -> u32 {
        V::tally_shards(tally).max(1)
    }

    async fn run(&self, command: Infallible, _: &Cause) -> Result<(), EffectError> {
        match command {}
    }
}

/// Refuses items that a view derives without declaring them: its table or the roles of its functions lack what they
/// need.
fn declared<V: View>(what: &str, is_declared: bool) -> Result<(), ApplyError> {
    if is_declared {
        return Ok(());
    }
    Err(ApplyError::rejected(format!(
        "the view {} derives its {what} and does not declare it: add `.{what}()` to `View::USES`",
        V::NAME
    )))
}

pub(crate) struct ReactorOf<R, E> {
    pub(crate) effects: E,
    pub(crate) reactor: PhantomData<fn() -> R>,
}

impl<R: Reactor, E: Effects<R::Command>> Subscriber for ReactorOf<R, E> {
    type Document = R::Document;
    type Command = R::Command;
    const NAME: &'static str = R::NAME;
    const SOURCES: &'static [&'static str] = R::SOURCES;
    const FILTERS: &'static [&'static str] = &[];
    const REBUILT: bool = false;

    fn apply(document: &mut R::Document, event: &Published<'_>) -> Result<Vec<R::Command>, ApplyError> {
        R::react(document, event)
    }

    fn derive(document: &R::Document) -> Result<Derived, ApplyError> {
        Ok(Derived {
            deadlines: R::due(document),
            ..Derived::default()
        })
    }

    fn journal(_: &R::Document, _: &Published<'_>) -> Result<Vec<Row>, ApplyError> {
        Ok(Vec::new())
    }

    fn overdue(
        document: &R::Document,
        key: &str,
        deadline: &Deadline,
    ) -> Result<Vec<R::Command>, ApplyError> {
        R::overdue(document, key, deadline)
    }

    fn tally_shards(_: &str) -> u32 {
        1
    }

    fn run(
        &self,
        command: R::Command,
        cause: &Cause,
    ) -> impl Future<Output = Result<(), EffectError>> + Send {
        self.effects.run(command, cause)
    }
}
