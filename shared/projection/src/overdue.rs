use crate::engine::Engine;
use crate::failure::{Failure, attempt};
use crate::outcome::Outcome;
use crate::reactor::Cause;
use crate::state::State;
use crate::subscriber::Subscriber;
use commit::StreamId;
use tracing::Instrument;

impl<S: Subscriber> Engine<S> {
    /// Answers the deadlines of a document that have passed. 1 Query per source, and only for a document with such a deadline.
    ///
    /// What would have met a deadline may be on its way, for minutes if a relay or a queue stands still. So every source is
    /// read to its end before. While a source stands still nothing is answered: the deadline stays due.
    pub(crate) async fn overdue(
        &self,
        state: &mut State<S>,
        key: &str,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let now = (self.options.clock)();
        if !state.deadlines.passed(now) {
            return Ok(());
        }
        for source in S::SOURCES {
            still(state)?;
            let stream = StreamId::new(source, key).map_err(|error| Failure::Defect(error.to_string()))?;
            self.heal(state, &stream, None, None, outcome).await?;
        }
        still(state)?;
        let document = state.document.clone().map_err(Failure::Defect)?;
        let stated = attempt(|| S::derive(&document))?.deadlines;
        // Code that was deployed since then may state other deadlines.
        let restated = state.deadlines.stated(&stated);
        outcome.changed |= restated != state.deadlines;
        state.deadlines = restated;
        for deadline in state.deadlines.to_be_answered(stated, now) {
            let commands = attempt(|| S::overdue(&document, key, &deadline))?;
            tracing::info!(
                subscriber = S::NAME,
                key,
                deadline = deadline.name,
                time = %deadline.time,
                commands = commands.len(),
                "a deadline has passed"
            );
            for (index, command) in commands.into_iter().enumerate() {
                let span = tracing::info_span!("effect", subscriber = S::NAME, key, deadline = deadline.name);
                let cause = Cause::of_deadline(S::NAME, key, &deadline, index);
                self.effect(command, cause).instrument(span).await?;
                outcome.effects += 1;
            }
            state.deadlines.answer(deadline.name);
            outcome.answered += 1;
            outcome.changed = true;
        }
        Ok(())
    }
}

/// Refuses to go on while a source of a document stands still.
fn still<S: Subscriber>(state: &State<S>) -> Result<(), Failure> {
    match state.marks.keys().next() {
        Some(source) => Err(Failure::Technical(format!("its source {source} stands still"))),
        None => Ok(()),
    }
}
