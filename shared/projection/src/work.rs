use crate::batch::{Delivery, LAST_TRY};
use crate::engine::Engine;
use crate::failure::Failure;
use crate::history;
use crate::job::Job;
use crate::mark::{Mark, MarkKind};
use crate::mutation::{Safeguard, is_removed};
use crate::outcome::{Applied, Outcome};
use crate::reactor::{Cause, EffectError};
use crate::report::Meter;
use crate::skips;
use crate::source::SourceError;
use crate::state::{Deferred, State, Step, panic_text};
use crate::subscriber::Subscriber;
use crate::table::back_off;
use commit::{Commit, Metadata, Parcel, StreamId};
use futures::FutureExt;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use tracing::Instrument;

enum Taken {
    Done,
    Gap,
    /// The commit may belong to another history than the document (G16).
    Doubt,
}

/// The delivery of a message from which on a commit that its event table does not have is dropped. It is looked for twice,
/// because nothing would bring it back.
const GONE: u32 = 2;

/// The result of reading the event table from the document's last commit on.
enum Followed {
    Done,
    /// The event table no longer has the document's last commit (G16).
    Changed,
}

impl<S: Subscriber> Engine<S> {
    pub(crate) async fn work(&self, state: &mut State<S>, key: &str, job: Job<'_>, meter: &Meter) -> Outcome {
        let mut outcome = Outcome::default();
        match job {
            Job::Deliver(deliveries) => self.deliver(state, deliveries, &mut outcome).await,
            Job::Recover => self.lift(state, key, &mut outcome).await,
            Job::Overdue => {
                if let Err(failure) = self.overdue(state, key, &mut outcome).await {
                    outcome.reason = Some(failure.to_string());
                }
            }
            Job::Scanned(commits) => {
                if let Err(failure) = self.scanned(state, commits, &mut outcome).await {
                    outcome.reason = Some(failure.to_string());
                }
            }
            Job::Heal(stream) => {
                let stored = state.marks.clone();
                if let Err(failure) = self.behind(state, stream, &mut outcome).await {
                    outcome.reason = Some(failure.to_string());
                    // The mark of a source that still fails remains as it was.
                    let source = stream.category();
                    match stored.get(source) {
                        Some(mark) => drop(state.marks.insert(source.to_owned(), mark.clone())),
                        None => drop(state.marks.remove(source)),
                    }
                }
            }
        }
        meter.note(|report| report.documents += 1);
        outcome
    }

    async fn deliver(&self, state: &mut State<S>, deliveries: &[Delivery], outcome: &mut Outcome) {
        let mut stopped = BTreeSet::new();
        for (place, delivery) in deliveries.iter().enumerate() {
            let stream = delivery.parcel.stream();
            let source = stream.category();
            let now = (self.options.clock)();
            let due = state.marks.get(source).is_some_and(|mark| mark.is_due(now));
            if !due && delivery.parcel.last() <= state.version(source) && !state.doubts_old(&delivery.parcel)
            {
                outcome.duplicates += 1;
                continue;
            }
            if stopped.contains(source) {
                outcome.failed.push(place);
                continue;
            }
            if !due && state.hold(source) {
                outcome.held += 1;
                continue;
            }
            // Only a mark that is due is left here.
            let before = state.marks.remove(source);
            let failed = if let Some(before) = &before {
                outcome.changed = true;
                self.resume(state, delivery, before, outcome).await
            } else {
                self.one(state, delivery, outcome).await
            };
            let Err(failure) = failed else {
                continue;
            };
            let metadata = delivery.metadata();
            if before.is_none() && delivery.receives < LAST_TRY {
                let reason = failure.to_string();
                tracing::warn!(
                    subscriber = S::NAME,
                    %stream,
                    version = delivery.parcel.last(),
                    correlationId = metadata.and_then(|m| m.correlation_id.as_deref()),
                    traceId = metadata.and_then(Metadata::trace_id),
                    reason,
                    "a commit is delivered again"
                );
                stopped.insert(source);
                outcome.failed.push(place);
                outcome.reason = Some(reason);
                continue;
            }
            match failure {
                Failure::Technical(_) if is_removed(Safeguard::Parked) => {}
                Failure::Technical(error) => {
                    let deferred = Deferred {
                        source,
                        kind: MarkKind::Parked,
                        version: state.version(source) + 1,
                        time: delivery.time(),
                        error: &error,
                        now,
                    };
                    outcome.defer(state, deferred, before.as_ref(), (stream, metadata));
                }
                Failure::Defect(error) => {
                    let version = state.version(source) + 1;
                    outcome.condemn(state, stream, version, delivery.time(), metadata, &error);
                }
            }
        }
    }

    /// Tries again what is due: applies everything that the event table has.
    async fn resume(
        &self,
        state: &mut State<S>,
        delivery: &Delivery,
        before: &Mark,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let stream = delivery.parcel.stream();
        self.heal(state, stream, Some(delivery), Some(before), outcome)
            .await?;
        outcome.resumed += u64::from(!state.marks.contains_key(stream.category()));
        Ok(())
    }

    async fn one(
        &self,
        state: &mut State<S>,
        delivery: &Delivery,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let stream = delivery.parcel.stream();
        if let Parcel::Whole(commit) = &delivery.parcel
            && commit.count == commit.events.len() as u64
            && let Taken::Done = self.take(state, commit, None, outcome).await?
        {
            return Ok(());
        }
        self.heal(state, stream, Some(delivery), None, outcome).await?;
        let source = stream.category();
        let standing_still = state.marks.contains_key(source);
        if state.version(source) >= delivery.parcel.last() || standing_still {
            return Ok(());
        }
        let version = delivery.parcel.last();
        // The table was read consistently up to its end, from a commit that the document has, or from the beginning.
        let read = state.head(source).is_some() || state.version(source) == 0;
        if !read || delivery.receives < GONE || is_removed(Safeguard::Heal) {
            return Err(Failure::Technical(format!(
                "version {version} is in a message, but the event table ends before it"
            )));
        }
        tracing::warn!(
            subscriber = S::NAME,
            %stream,
            version,
            "a commit in a message is no longer in its event table and is dropped"
        );
        outcome.gone += 1;
        Ok(())
    }

    /// Applies all commits in the event table after the document's version. One consistent Query per MB.
    ///
    /// If the table no longer has the document's last commit, the whole document is made anew from the tables (G16). A
    /// reactor's effects run again, under the same command ids, by which those that were done before are recognized (G4).
    pub(crate) async fn heal(
        &self,
        state: &mut State<S>,
        stream: &StreamId,
        announced: Option<&Delivery>,
        before: Option<&Mark>,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        if is_removed(Safeguard::Heal) {
            return Ok(());
        }
        match self.follow(state, stream, announced, before, outcome).await? {
            Followed::Done => Ok(()),
            Followed::Changed => self.make_anew(state, stream, outcome).await,
        }
    }

    /// Folds a document from the beginning of all its sources. Every source costs 1 Query per MB.
    async fn make_anew(
        &self,
        state: &mut State<S>,
        stream: &StreamId,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        tracing::warn!(
            subscriber = S::NAME,
            %stream,
            version = state.version(stream.category()),
            "the history of a stream changed; the document is made anew"
        );
        let empty = S::derive(&S::Document::default()).map_err(|error| Failure::Defect(error.to_string()))?;
        let new = State {
            derived: Some(empty),
            ..State::default()
        };
        let before = std::mem::replace(state, new);
        let noted = outcome.noted();
        for source in S::SOURCES {
            let followed = match StreamId::new(source, stream.id()) {
                Ok(stream) => self.follow(state, &stream, None, None, outcome).await,
                Err(error) => Err(Failure::Defect(error.to_string())),
            };
            if let Err(failure) = followed {
                // A document without one of its sources must not be written.
                *state = before;
                outcome.forget_after(noted);
                return Err(failure);
            }
        }
        outcome.remade += 1;
        outcome.changed = true;
        Ok(())
    }

    /// Applies all commits in the event table after the document's version, if the table still has the document's last
    /// commit. One consistent Query per MB.
    async fn follow(
        &self,
        state: &mut State<S>,
        stream: &StreamId,
        announced: Option<&Delivery>,
        before: Option<&Mark>,
        outcome: &mut Outcome,
    ) -> Result<Followed, Failure> {
        let source = stream.category();
        let head = state.head(source).copied();
        let after = history::read_after(state.version(source), head.as_ref());
        let commits = match self.sources.after(stream, after).await {
            Ok(commits) => commits,
            Err(SourceError::Damaged(error)) => {
                let time = announced.map(Delivery::time).or(state.time);
                let metadata = announced.and_then(Delivery::metadata);
                let version = state.version(source) + 1;
                outcome.condemn(state, stream, version, time.unwrap_or_default(), metadata, &error);
                return Ok(Followed::Done);
            }
            Err(error) => return Err(Failure::Technical(error.to_string())),
        };
        if announced.is_some() {
            outcome.healed += 1;
        }
        if !history::continues(head.as_ref(), &commits) {
            return Ok(Followed::Changed);
        }
        for commit in &commits {
            if commit.last() <= state.version(source) {
                continue;
            }
            if state.hold(source) {
                outcome.held += 1;
                continue;
            }
            match self.take(state, commit, before, outcome).await? {
                Taken::Done => {}
                Taken::Gap => {
                    return Err(Failure::Technical(format!(
                        "the event table has no version {}",
                        state.version(source) + 1
                    )));
                }
                Taken::Doubt if self.left_out(state, stream, commit.first).await? => {
                    self.take(state, commit, before, outcome).await?;
                }
                Taken::Doubt => {
                    outcome.condemn_at(state, commit, commit.first, history::BROKEN);
                }
            }
        }
        Ok(Followed::Done)
    }

    /// Takes one commit through the gate, runs its effects, and then applies it to the state. `before` is the mark that
    /// the source had before this try.
    async fn take(
        &self,
        state: &mut State<S>,
        commit: &Commit,
        before: Option<&Mark>,
        outcome: &mut Outcome,
    ) -> Result<Taken, Failure> {
        let mut advance = loop {
            match state.step(commit) {
                Step::Duplicate => {
                    outcome.duplicates += 1;
                    return Ok(Taken::Done);
                }
                Step::Gap => return Ok(Taken::Gap),
                Step::Doubt => return Ok(Taken::Doubt),
                Step::Poison(poison) => {
                    if self.left_out(state, &commit.stream, poison.version).await? {
                        continue;
                    }
                    if poison.newer {
                        let deferred = Deferred {
                            source: commit.stream.category(),
                            kind: MarkKind::Newer,
                            version: poison.version,
                            time: commit.time,
                            error: &poison.error,
                            now: (self.options.clock)(),
                        };
                        let place = (&commit.stream, Some(&commit.metadata));
                        outcome.defer(state, deferred, before, place);
                    } else {
                        outcome.condemn_at(state, commit, poison.version, &poison.error);
                    }
                    return Ok(Taken::Done);
                }
                Step::Ready(advance) => break advance,
            }
        };
        for (cause, command) in std::mem::take(&mut advance.commands) {
            // The span surrounds every line that the service logs during the command.
            let span = tracing::info_span!(
                "effect",
                subscriber = S::NAME,
                stream = %commit.stream,
                version = commit.last(),
                correlationId = commit.metadata.correlation_id,
                traceId = commit.metadata.trace_id(),
            );
            self.effect(command, cause).instrument(span).await?;
            outcome.effects += 1;
        }
        outcome.applied.push(Applied {
            stream: commit.stream.clone(),
            last: commit.last(),
            time: commit.time,
            metadata: commit.metadata.clone(),
        });
        outcome.overlaps += u64::from(advance.overlap);
        outcome.changed = true;
        state.accept(commit, *advance);
        Ok(Taken::Done)
    }

    /// Runs one effect, and retries it after a pause when it fails
    /// ([`Options::effect_tries`](crate::Options::effect_tries)).
    pub(crate) async fn effect(&self, command: S::Command, mut cause: Cause) -> Result<(), Failure> {
        let mut attempt = 1;
        loop {
            let command = command.clone();
            cause.now = (self.options.clock)();
            // On the heap, because a command of a service is large, and every future around it would have room for it.
            let run = Box::pin(async { self.subscriber.run(command, &cause).await });
            let run = AssertUnwindSafe(run);
            match run.catch_unwind().await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(EffectError::Retry(_))) if attempt < self.options.effect_tries => {
                    back_off(attempt + 2).await;
                    attempt += 1;
                }
                Ok(Err(EffectError::Retry(reason))) => return Err(Failure::Technical(reason)),
                Err(panic) => {
                    let panic = panic_text(&*panic);
                    return Err(Failure::Defect(format!("the effect panicked: {panic}")));
                }
            }
        }
    }

    /// Returns whether an operator decided to leave this event out. It is read once per document and source, and only
    /// when an event cannot be applied: 1 RU.
    async fn left_out(&self, state: &mut State<S>, stream: &StreamId, version: u64) -> Result<bool, Failure> {
        if state.skips.contains_key(stream.category()) {
            return Ok(false);
        }
        let skips = skips::of(&self.table, stream, &self.meter()).await;
        let skips = skips.map_err(Failure::Technical)?;
        let left_out = skips.contains(&version);
        state.skips.insert(stream.category().to_owned(), skips);
        Ok(left_out)
    }

    async fn scanned(
        &self,
        state: &mut State<S>,
        commits: &[Commit],
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let new = state.versions.is_empty();
        let Some(stream) = commits.first().map(|commit| &commit.stream) else {
            return Ok(());
        };
        for commit in commits {
            if state.hold(stream.category()) {
                outcome.held += 1;
            } else if let Taken::Gap | Taken::Doubt = self.take(state, commit, None, outcome).await? {
                self.heal(state, stream, None, None, outcome).await?;
            }
        }
        if new {
            self.others(state, stream, outcome).await?;
        }
        Ok(())
    }

    async fn behind(
        &self,
        state: &mut State<S>,
        stream: &StreamId,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let new = state.versions.is_empty();
        // This is a try of its own, so it does not wait for the next one that is due.
        let source = stream.category();
        let deferred = state.marks.remove(source);
        let deferred = match deferred {
            Some(mark) if mark.next.is_none() => {
                state.marks.insert(source.to_owned(), mark);
                None
            }
            deferred => deferred,
        };
        outcome.changed |= deferred.is_some();
        self.heal(state, stream, None, deferred.as_ref(), outcome).await?;
        outcome.resumed += u64::from(deferred.is_some() && !state.marks.contains_key(source));
        if new {
            self.others(state, stream, outcome).await?;
        }
        Ok(())
    }

    /// Applies the other sources of a document that one stream has just created. 1 Query each.
    async fn others(
        &self,
        state: &mut State<S>,
        stream: &StreamId,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        for source in S::SOURCES.iter().filter(|source| **source != stream.category()) {
            let other = StreamId::new(source, stream.id());
            let other = other.map_err(|error| Failure::Defect(error.to_string()))?;
            self.heal(state, &other, None, None, outcome).await?;
        }
        Ok(())
    }

    async fn lift(&self, state: &mut State<S>, key: &str, outcome: &mut Outcome) {
        let unreadable = state.document.is_err();
        let empty = match unreadable.then(|| S::derive(&S::Document::default())).transpose() {
            Ok(empty) => empty,
            Err(error) => {
                outcome.reason = Some(error.to_string());
                return;
            }
        };
        let marks = std::mem::take(&mut state.marks);
        outcome.changed = unreadable || !marks.is_empty();
        if unreadable {
            // The stored document cannot be used: the whole document is read from the event tables again.
            *state = State {
                derived: empty,
                ..State::default()
            };
        }
        for source in S::SOURCES {
            let before = marks.get(*source);
            let healed = match StreamId::new(source, key) {
                Ok(stream) => self.heal(state, &stream, None, before, outcome).await,
                Err(error) => Err(Failure::Defect(error.to_string())),
            };
            let Err(failure) = healed else { continue };
            let reason = failure.to_string();
            // The source still stands still: without its mark nobody would know what is missing (G11).
            match before {
                Some(mark) if state.version(source) < mark.version => {
                    state.marks.insert((*source).to_owned(), mark.clone());
                }
                mark if mark.is_some() || unreadable => {
                    let deferred = Deferred {
                        source,
                        kind: MarkKind::Parked,
                        version: state.version(source) + 1,
                        time: mark.map(|mark| mark.time).or(state.time).unwrap_or_default(),
                        error: &reason,
                        now: (self.options.clock)(),
                    };
                    state.defer(deferred, None);
                }
                _ => {}
            }
            outcome.reason = Some(reason);
        }
    }
}
