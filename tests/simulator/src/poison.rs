use projection::{ApplyError, Index, Published, Reactor, Row, Tally, View};
use std::marker::PhantomData;

/// The same view or reactor before a bug was fixed: it cannot apply every fifth event or so.
pub(crate) struct Poisoned<T>(PhantomData<fn() -> T>);

/// By the event's place, so that a seed that runs again meets it again.
fn check(event: &Published<'_>) -> Result<(), ApplyError> {
    let place = crate::dynamo::hash(&format!("{}#{}", event.commit.stream, event.version));
    if place.is_multiple_of(5) {
        return Err(ApplyError::rejected("not before the bug is fixed"));
    }
    Ok(())
}

impl<V: View> View for Poisoned<V> {
    type Document = V::Document;
    const NAME: &'static str = V::NAME;
    const SOURCES: &'static [&'static str] = V::SOURCES;
    const FILTERS: &'static [&'static str] = V::FILTERS;

    fn apply(document: &mut V::Document, event: &Published<'_>) -> Result<(), ApplyError> {
        V::apply(document, event)?;
        check(event)
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

impl<R: Reactor> Reactor for Poisoned<R> {
    type Document = R::Document;
    type Command = R::Command;
    const NAME: &'static str = R::NAME;
    const SOURCES: &'static [&'static str] = R::SOURCES;

    fn react(document: &mut R::Document, event: &Published<'_>) -> Result<Vec<R::Command>, ApplyError> {
        let commands = R::react(document, event)?;
        check(event)?;
        Ok(commands)
    }
}
