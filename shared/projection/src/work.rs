use crate::batch::Delivery;
use crate::engine::{Engine, lag_ms};
use crate::mutation::{Safeguard, is_removed};
use crate::reactor::{Cause, EffectError};
use crate::report::{BatchReport, Meter};
use crate::source::SourceError;
use crate::state::{State, Step, panic_text};
use crate::subscriber::Subscriber;
use crate::table::back_off;
use commit::{Commit, Parcel, StreamId};
use futures::FutureExt;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;

/// What is to be done with one document.
#[derive(Clone, Copy)]
pub(crate) enum Job<'a> {
    /// These commits were delivered for it.
    Deliver(&'a [Delivery]),
    /// Lift its quarantine and heal every source.
    Recover,
}

/// What was done with one document.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) changed: bool,
    /// The places of the deliveries that must come again.
    pub(crate) failed: Vec<usize>,
    /// Why, of the last one.
    pub(crate) reason: Option<String>,
    pub(crate) applied: u64,
    /// The sources that changed, with the time of the first commit that did it.
    touched: Vec<(String, Timestamp)>,
    pub(crate) condemned: Vec<String>,
    duplicates: u64,
    overlaps: u64,
    healed: u64,
    unknown: u64,
    held: u64,
    effects: u64,
    oldest: Option<Timestamp>,
}

/// From this delivery of a message on, an effect that fails puts the document into quarantine. One less than the queue's
/// `maxReceiveCount` of 5, so that nothing goes to the dead-letter queue for it.
const LAST_TRY: u32 = 4;

enum Taken {
    Done,
    Gap,
}

impl<S: Subscriber> Engine<S> {
    pub(crate) async fn work(&self, state: &mut State<S>, key: &str, job: Job<'_>, meter: &Meter) -> Outcome {
        let mut outcome = Outcome::default();
        match job {
            Job::Deliver(deliveries) => self.deliver(state, deliveries, &mut outcome).await,
            Job::Recover => self.lift(state, key, &mut outcome).await,
        }
        meter.note(|report| report.documents += 1);
        outcome
    }

    async fn deliver(&self, state: &mut State<S>, deliveries: &[Delivery], outcome: &mut Outcome) {
        let mut stopped = BTreeSet::new();
        for (place, delivery) in deliveries.iter().enumerate() {
            let stream = delivery.parcel.stream();
            let source = stream.category();
            if delivery.parcel.last() <= state.version(source) {
                outcome.duplicates += 1;
            } else if stopped.contains(source) {
                outcome.failed.push(place);
            } else if state.hold(source) {
                outcome.held += 1;
                outcome.changed = true;
            } else if let Err(reason) = self.one(state, delivery, outcome).await {
                tracing::warn!(subscriber = S::NAME, %stream, reason, "a commit comes again");
                stopped.insert(source);
                outcome.failed.push(place);
                outcome.reason = Some(reason);
            }
        }
    }

    async fn one(
        &self,
        state: &mut State<S>,
        delivery: &Delivery,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        let stream = delivery.parcel.stream();
        if let Parcel::Whole(commit) = &delivery.parcel
            && commit.count == commit.events.len() as u64
            && let Taken::Done = self.take(state, commit, delivery.receives, outcome).await?
        {
            return Ok(());
        }
        let time = match &delivery.parcel {
            Parcel::Whole(commit) => commit.time,
            Parcel::Key(key) => key.time,
        };
        self.heal(state, stream, Some(time), delivery.receives, outcome)
            .await?;
        let standing_still = state.quarantine.contains_key(stream.category());
        if state.version(stream.category()) < delivery.parcel.last() && !standing_still {
            return Err(format!(
                "version {} was announced, and the event table ends before it",
                delivery.parcel.last()
            ));
        }
        Ok(())
    }

    /// Everything that the event table has after what the document has. One consistent Query per MB.
    async fn heal(
        &self,
        state: &mut State<S>,
        stream: &StreamId,
        announced: Option<Timestamp>,
        receives: u32,
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        if is_removed(Safeguard::Heal) {
            return Ok(());
        }
        let source = stream.category();
        let commits = match self.sources.after(stream, state.version(source)).await {
            Ok(commits) => commits,
            Err(SourceError::Damaged(error)) => {
                let time = announced.or(state.time).unwrap_or_default();
                outcome.condemn(state, stream, time, &error);
                return Ok(());
            }
            Err(error) => return Err(error.to_string()),
        };
        if announced.is_some() {
            outcome.healed += 1;
        }
        for commit in &commits {
            if state.hold(source) {
                outcome.held += 1;
            } else if let Taken::Gap = self.take(state, commit, receives, outcome).await? {
                return Err(format!(
                    "the event table has no version {}",
                    state.version(source) + 1
                ));
            }
        }
        Ok(())
    }

    /// One commit: through the gate, effects first, then into the state.
    async fn take(
        &self,
        state: &mut State<S>,
        commit: &Commit,
        receives: u32,
        outcome: &mut Outcome,
    ) -> Result<Taken, String> {
        let mut advance = match state.step(commit) {
            Step::Duplicate => {
                outcome.duplicates += 1;
                return Ok(Taken::Done);
            }
            Step::Gap => return Ok(Taken::Gap),
            Step::Poison(error) => {
                outcome.condemn(state, &commit.stream, commit.time, &error);
                return Ok(Taken::Done);
            }
            Step::Ready(advance) => advance,
        };
        for (cause, command) in std::mem::take(&mut advance.commands) {
            let Err(error) = self.effect(command, &cause).await else {
                outcome.effects += 1;
                continue;
            };
            if receives < LAST_TRY {
                return Err(error);
            }
            outcome.condemn(state, &commit.stream, commit.time, &error);
            return Ok(Taken::Done);
        }
        outcome.applied += 1;
        outcome.overlaps += u64::from(advance.overlap);
        outcome.unknown += advance.unknown;
        outcome.changed = true;
        outcome.oldest = outcome
            .oldest
            .map_or(Some(commit.time), |t| Some(t.min(commit.time)));
        outcome.touch(commit.stream.category(), commit.time);
        state.accept(commit, *advance);
        Ok(Taken::Done)
    }

    /// Runs one effect, again after a moment when it failed ([`Options::effect_tries`](crate::Options::effect_tries)).
    async fn effect(&self, command: S::Command, cause: &Cause) -> Result<(), String> {
        let mut attempt = 1;
        loop {
            let command = command.clone();
            let run = AssertUnwindSafe(async { self.subscriber.run(command, cause).await });
            match run.catch_unwind().await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(EffectError::Retry(_))) if attempt < self.options.effect_tries => {
                    back_off(attempt + 2).await;
                    attempt += 1;
                }
                Ok(Err(EffectError::Retry(reason))) => return Err(reason),
                Err(panic) => return Err(format!("the effect panicked: {}", panic_text(&*panic))),
            }
        }
    }

    async fn lift(&self, state: &mut State<S>, key: &str, outcome: &mut Outcome) {
        outcome.changed = !state.quarantine.is_empty();
        state.quarantine.clear();
        if state.document.is_err() {
            // Nothing to go on from: the whole document comes from the event tables again.
            *state = State {
                derived: Some(S::derive(&S::Document::default())),
                ..State::default()
            };
            outcome.changed = true;
        }
        for source in S::SOURCES {
            let healed = match StreamId::new(source, key) {
                Ok(stream) => self.heal(state, &stream, None, 1, outcome).await,
                Err(error) => Err(error.to_string()),
            };
            if let Err(reason) = healed {
                outcome.reason = Some(reason);
            }
        }
    }
}

impl Outcome {
    fn touch(&mut self, source: &str, time: Timestamp) {
        if !self.touched.iter().any(|(known, _)| known == source) {
            self.touched.push((source.to_owned(), time));
        }
    }

    fn condemn<S: Subscriber>(
        &mut self,
        state: &mut State<S>,
        stream: &StreamId,
        time: Timestamp,
        error: &str,
    ) {
        let source = stream.category();
        tracing::error!(
            subscriber = S::NAME,
            %stream,
            version = state.version(source) + 1,
            error,
            "quarantined"
        );
        state.condemn(source, time, error);
        self.condemned.push(source.to_owned());
        self.changed = true;
    }

    /// The outcome when what was folded cannot be stored: the sources that it came from stand still.
    pub(crate) fn condemned<S: Subscriber>(&self, state: &mut State<S>, error: &str) -> Self {
        let mut outcome = Self {
            failed: self.failed.clone(),
            ..Self::default()
        };
        for (source, time) in &self.touched {
            if state.hold(source) {
                // Another writer was here in the meantime, and came to the same end.
                outcome.changed = true;
                continue;
            }
            tracing::error!(
                subscriber = S::NAME,
                source,
                error,
                "quarantined: the document cannot be written"
            );
            state.condemn(source, *time, error);
            outcome.condemned.push(source.clone());
            outcome.changed = true;
        }
        outcome
    }

    pub(crate) fn count(&self, report: &mut BatchReport, written: bool) {
        report.written += u64::from(written);
        report.applied += self.applied;
        report.duplicates += self.duplicates;
        report.overlaps += self.overlaps;
        report.healed += self.healed;
        report.unknown += self.unknown;
        report.held += self.held;
        report.effects += self.effects;
        report.quarantined += self.condemned.len() as u64;
        let lag = self.oldest.map(lag_ms);
        report.lag_ms = report.lag_ms.max(lag);
    }
}
