use crate::derived::{Index, Row, Tally};
use crate::reactor::Reactor;
use crate::uses::Uses;
use crate::view::{ApplyError, Published, View};
use std::marker::PhantomData;

/// Which events code cannot apply before its bug is fixed.
pub trait Bug: Send + Sync + 'static {
    /// Whether this is one of them: the same answer each time.
    fn is_met(event: &Published<'_>) -> bool;
}

/// The same view or reactor before a bug was fixed.
pub struct Poisoned<T, B>(PhantomData<fn() -> (T, B)>);

/// Every fifth event or so, by its place: a history that comes again meets it again.
pub struct EveryFifth;

impl Bug for EveryFifth {
    fn is_met(event: &Published<'_>) -> bool {
        let place = format!("{}#{}", event.commit.stream, event.version);
        commit::lane(&place, 5) == 0
    }
}

/// Every fourth commit or so, by its id.
pub struct EveryFourth;

impl Bug for EveryFourth {
    fn is_met(event: &Published<'_>) -> bool {
        let sum: u32 = event.commit.id.bytes().iter().map(|b| u32::from(*b)).sum();
        sum.is_multiple_of(4)
    }
}

fn check<B: Bug>(event: &Published<'_>) -> Result<(), ApplyError> {
    if B::is_met(event) {
        return Err(ApplyError::rejected("not before the bug is fixed"));
    }
    Ok(())
}

impl<V: View, B: Bug> View for Poisoned<V, B> {
    type Document = V::Document;
    const NAME: &'static str = V::NAME;
    const SOURCES: &'static [&'static str] = V::SOURCES;
    const USES: Uses = V::USES;
    const FILTERS: &'static [&'static str] = V::FILTERS;

    fn apply(document: &mut V::Document, event: &Published<'_>) -> Result<(), ApplyError> {
        V::apply(document, event)?;
        check::<B>(event)
    }

    fn index(document: &V::Document) -> Option<Index> {
        V::index(document)
    }

    fn rows(document: &V::Document) -> Vec<Row> {
        V::rows(document)
    }

    fn journal(document: &V::Document, event: &Published<'_>) -> Vec<Row> {
        V::journal(document, event)
    }

    fn tallies(document: &V::Document) -> Vec<Tally> {
        V::tallies(document)
    }
}

impl<R: Reactor, B: Bug> Reactor for Poisoned<R, B> {
    type Document = R::Document;
    type Command = R::Command;
    const NAME: &'static str = R::NAME;
    const SOURCES: &'static [&'static str] = R::SOURCES;

    fn react(document: &mut R::Document, event: &Published<'_>) -> Result<Vec<R::Command>, ApplyError> {
        let commands = R::react(document, event)?;
        check::<B>(event)?;
        Ok(commands)
    }
}
