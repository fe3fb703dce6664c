use crate::derived::{Index, Row, Tally};
use crate::reactor::{Cause, EffectError, Effects, Reactor};
use crate::view::{ApplyError, Published, View};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;

/// What views and reactors have in common: the engine knows only this.
pub(crate) trait Subscriber: Send + Sync + 'static {
    type Document: Default + Clone + Serialize + DeserializeOwned + PartialEq + Send + Sync + 'static;
    type Command: Clone + Send + Sync;
    const NAME: &'static str;
    const SOURCES: &'static [&'static str];
    const FILTERS: &'static [&'static str];
    /// Whether the table's registry is asked for generations. A reactor has one for ever.
    const REBUILT: bool;

    fn apply(document: &mut Self::Document, event: &Published<'_>) -> Result<Vec<Self::Command>, ApplyError>;

    fn derive(document: &Self::Document) -> Derived;

    fn journal(document: &Self::Document, event: &Published<'_>) -> Vec<Row>;

    fn run(
        &self,
        command: Self::Command,
        cause: &Cause,
    ) -> impl Future<Output = Result<(), EffectError>> + Send;
}

/// What follows from a document besides itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Derived {
    pub(crate) index: Option<Index>,
    pub(crate) rows: Vec<Row>,
    pub(crate) tallies: Vec<Tally>,
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

    fn derive(document: &V::Document) -> Derived {
        Derived {
            index: V::index(document),
            rows: V::rows(document),
            tallies: V::tallies(document),
        }
    }

    fn journal(document: &V::Document, event: &Published<'_>) -> Vec<Row> {
        V::journal(document, event)
    }

    async fn run(&self, command: Infallible, _: &Cause) -> Result<(), EffectError> {
        match command {}
    }
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

    fn derive(_: &R::Document) -> Derived {
        Derived::default()
    }

    fn journal(_: &R::Document, _: &Published<'_>) -> Vec<Row> {
        Vec::new()
    }

    fn run(
        &self,
        command: R::Command,
        cause: &Cause,
    ) -> impl Future<Output = Result<(), EffectError>> + Send {
        self.effects.run(command, cause)
    }
}
