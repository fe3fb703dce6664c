use crate::deadline::Deadline;
use crate::derived::{Index, Row, Tally};
use crate::reactor::Reactor;
use crate::uses::Uses;
use crate::view::{ApplyError, Published, View};
use commit::CodecError;
use std::marker::PhantomData;

/// A bug: the events that the code cannot apply before it is fixed.
pub trait Bug: Send + Sync + 'static {
    /// Returns whether the event is affected; always the same result for the same event.
    fn is_met(event: &Published<'_>) -> bool;

    /// Returns the error for such an event.
    fn error(event: &Published<'_>) -> ApplyError {
        let _ = event;
        ApplyError::rejected("the bug is not fixed yet")
    }
}

/// A view or reactor before a bug was fixed.
pub struct Poisoned<T, B>(PhantomData<fn() -> (T, B)>);

/// A bug that affects about every fifth event, by its place, so that a repeated history is affected in the same way.
pub struct EveryFifth;

impl Bug for EveryFifth {
    fn is_met(event: &Published<'_>) -> bool {
        let place = format!("{}#{}", event.commit.stream, event.version);
        commit::lane(&place, 5) == 0
    }
}

/// A bug that affects about every fourth commit, by its id.
pub struct EveryFourth;

impl Bug for EveryFourth {
    fn is_met(event: &Published<'_>) -> bool {
        let sum: u32 = event.commit.id.bytes().iter().map(|b| u32::from(*b)).sum();
        sum.is_multiple_of(4)
    }
}

/// No bug, but an earlier version of the code: it does not know about every fifth event type of a stream.
pub struct Earlier;

impl Bug for Earlier {
    fn is_met(event: &Published<'_>) -> bool {
        let place = format!("{}#{}", event.event.kind, event.commit.stream);
        commit::lane(&place, 5) == 0
    }

    fn error(event: &Published<'_>) -> ApplyError {
        ApplyError::Newer(CodecError::UnknownType {
            kind: event.event.kind.clone(),
        })
    }
}

fn check<B: Bug>(event: &Published<'_>) -> Result<(), ApplyError> {
    if B::is_met(event) {
        return Err(B::error(event));
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

    fn tally_shards(tally: &str) -> u32 {
        V::tally_shards(tally)
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

    fn due(document: &R::Document) -> Vec<Deadline> {
        R::due(document)
    }

    fn overdue(
        document: &R::Document,
        key: &str,
        deadline: &Deadline,
    ) -> Result<Vec<R::Command>, ApplyError> {
        R::overdue(document, key, deadline)
    }
}
