use crate::batch::{Batch, Delivery, LAST_TRY};
use crate::combine::Combined;
use crate::item::{Item, SELF, key, partition};
use crate::job::Job;
use crate::mark::Mark;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::registry::{REGISTRY, Registry};
use crate::report::{BatchReport, Meter};
use crate::source::Sources;
use crate::state::panic_text;
use crate::stored::Stored;
use crate::subscriber::Subscriber;
use crate::table::{Look, Table, Written, back_off};
use crate::write::{How, write};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use commit::Metadata;
use futures::{FutureExt, StreamExt, stream};
use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// The common implementation of projectors and reactor runners.
pub(crate) struct Engine<S: Subscriber> {
    pub(crate) subscriber: S,
    pub(crate) table: Table,
    pub(crate) sources: Sources,
    pub(crate) options: Options,
    /// The generations fed in the last batch: a guess that saves a round trip, checked against the registry in every
    /// batch.
    guess: Mutex<BTreeSet<u64>>,
}

/// The reason why a document could not be updated or written.
pub(crate) struct Unfinished(pub(crate) String);

/// The documents of a batch as they are stored.
struct Loaded {
    serving: u64,
    feeding: BTreeSet<u64>,
    found: HashMap<String, Item>,
    unread: HashMap<String, String>,
}

impl<S: Subscriber> Engine<S> {
    pub(crate) fn new(subscriber: S, table: Table, sources: Sources, options: Options) -> Self {
        Self {
            subscriber,
            table,
            sources,
            options,
            guess: Mutex::new(Registry::default().feeding),
        }
    }

    pub(crate) fn meter(&self) -> Meter {
        Meter::new(BatchReport {
            subscriber: S::NAME,
            ..BatchReport::default()
        })
    }

    pub(crate) async fn handle(&self, event: SqsEvent) -> (SqsBatchResponse, BatchReport) {
        let mut report = BatchReport {
            subscriber: S::NAME,
            ..BatchReport::default()
        };
        let batch = Batch::read(event, S::SOURCES, &mut report);
        let meter = Meter::new(report);
        let failed = self.documents(&batch, &meter).await;
        let mut report = meter.finish();
        let response = batch.response(failed, &mut report);
        report.emit();
        (response, report)
    }

    /// Handles every document of a batch; returns the indexes of the messages that failed.
    async fn documents(&self, batch: &Batch, meter: &Meter) -> BTreeSet<usize> {
        let (documents, redrives, overdue) = (&batch.documents, &batch.redrives, &batch.overdue);
        if documents.is_empty() && redrives.is_empty() && overdue.is_empty() {
            return BTreeSet::new();
        }
        let mut loaded = match self.load(documents.keys(), meter).await {
            Ok(loaded) => loaded,
            Err(Unfinished(error)) => {
                tracing::error!(subscriber = S::NAME, error, "the registry cannot be read");
                let delivered = documents.values().flatten().map(|d| d.message);
                return delivered.chain(redrives.values().flatten().copied()).collect();
            }
        };
        // The serving generation comes last, so that after a flip no reader finds an older document in the new
        // generation than in the one before.
        let serving = loaded.serving;
        meter.note(|report| report.serving = serving);
        let mut generations: Vec<u64> = loaded.feeding.iter().copied().collect();
        generations.sort_by_key(|generation| *generation == serving);
        let keys: BTreeSet<&String> = documents.keys().chain(redrives.keys()).chain(overdue).collect();
        let combined = Combined::default();
        let mut jobs = Vec::new();
        for key in keys {
            let mut stored = Vec::new();
            for generation in &generations {
                let pk = partition(*generation, key);
                stored.push(match loaded.unread.remove(&pk) {
                    Some(reason) => Err(reason),
                    None => Ok(loaded.found.remove(&pk)),
                });
            }
            let deliveries = documents.get(key).map_or(&[][..], Vec::as_slice);
            let redrives = redrives.get(key).map_or(&[][..], Vec::as_slice);
            let (generations, combined) = (&generations, &combined);
            jobs.push(async move {
                let mut failed = Vec::new();
                for (generation, stored) in generations.iter().zip(stored) {
                    let mut here = self.redriven(*generation, key, redrives, combined, meter).await;
                    let stored = if redrives.is_empty() {
                        stored
                    } else {
                        self.fetch(*generation, key, meter)
                            .await
                            .map_err(|Unfinished(error)| error)
                    };
                    here.extend(
                        self.delivered(*generation, key, deliveries, stored, combined, meter)
                            .await,
                    );
                    if *generation != serving {
                        here.retain(|message| !given_up(deliveries, *message));
                    }
                    if overdue.contains(key) {
                        self.overdue_document(*generation, key, combined, meter).await;
                    }
                    failed.extend(here);
                }
                failed
            });
        }
        stream::iter(jobs)
            .buffer_unordered(self.options.concurrency.max(1))
            .concat()
            .await
            .into_iter()
            .collect()
    }

    /// Lifts the quarantine of a document and heals it, when a message requests it; returns the indexes of the messages
    /// that failed.
    async fn redriven(
        &self,
        generation: u64,
        key: &str,
        messages: &[usize],
        combined: &Combined,
        meter: &Meter,
    ) -> Vec<usize> {
        if messages.is_empty() {
            return Vec::new();
        }
        let lifted = match self.fetch(generation, key, meter).await {
            Ok(item) => {
                self.document(generation, key, Job::Recover, item, combined, meter)
                    .await
            }
            Err(error) => Err(error),
        };
        let error = match lifted {
            Ok(Outcome { reason: None, .. }) => return Vec::new(),
            Ok(Outcome {
                reason: Some(reason), ..
            }) => reason,
            Err(Unfinished(error)) => error,
        };
        tracing::warn!(
            subscriber = S::NAME,
            generation,
            key,
            error,
            "a document was not redriven; the message is delivered again"
        );
        messages.to_vec()
    }

    /// Answers the deadlines of a document that have passed. What fails stays due, and the worker sends a message for it
    /// again in a minute: its lane does not wait for it.
    async fn overdue_document(&self, generation: u64, key: &str, combined: &Combined, meter: &Meter) {
        let answer = async {
            let item = self.fetch(generation, key, meter).await?;
            self.document(generation, key, Job::Overdue, item, combined, meter)
                .await
        };
        let error = match AssertUnwindSafe(answer).catch_unwind().await {
            Ok(Ok(Outcome { reason: None, .. })) => return,
            Ok(Ok(Outcome {
                reason: Some(reason), ..
            })) => reason,
            Ok(Err(Unfinished(error))) => error,
            Err(panic) => format!("panicked: {}", panic_text(&*panic)),
        };
        tracing::warn!(
            subscriber = S::NAME,
            generation,
            key,
            error,
            "a deadline has passed and was not answered; it stays due"
        );
    }

    /// Handles one document and its deliveries; returns the indexes of the messages that failed.
    async fn delivered(
        &self,
        generation: u64,
        key: &str,
        deliveries: &[Delivery],
        stored: Result<Option<Item>, String>,
        combined: &Combined,
        meter: &Meter,
    ) -> Vec<usize> {
        if deliveries.is_empty() {
            return Vec::new();
        }
        let all = || deliveries.iter().map(|d| d.message).collect();
        let error = match stored {
            Ok(item) => {
                let job = Job::Deliver(deliveries);
                let document = self.document(generation, key, job, item, combined, meter);
                // A panic in one document does not stop the others of its batch (G7).
                match AssertUnwindSafe(document).catch_unwind().await {
                    Ok(Ok(outcome)) => {
                        return outcome
                            .failed
                            .into_iter()
                            .map(|place| deliveries[place].message)
                            .collect();
                    }
                    Ok(Err(Unfinished(error))) => error,
                    Err(panic) => format!("panicked: {}", panic_text(&*panic)),
                }
            }
            Err(error) => error,
        };
        for delivery in deliveries {
            let metadata = delivery.metadata();
            tracing::warn!(
                subscriber = S::NAME,
                generation,
                stream = %delivery.parcel.stream(),
                version = delivery.parcel.last(),
                correlationId = metadata.and_then(|m| m.correlation_id.as_deref()),
                traceId = metadata.and_then(Metadata::trace_id),
                error,
                "a document was not updated; its messages are delivered again"
            );
        }
        all()
    }

    /// Reads, folds and writes a document, and repeats this when another writer was faster. It is written together with the
    /// documents of `combined` that add to the same counters.
    pub(crate) async fn document(
        &self,
        generation: u64,
        key: &str,
        job: Job<'_>,
        item: Option<Item>,
        combined: &Combined,
        meter: &Meter,
    ) -> Result<Outcome, Unfinished> {
        let how = How {
            table: &self.table,
            combined,
            deadline: Instant::now() + self.options.conflicts,
            meter,
        };
        let mut stored = self.read(generation, key, item, meter).await?;
        let mut unwritable: Option<(Outcome, String)> = None;
        let mut reason = String::new();
        for attempt in 0..self.options.attempts.max(1) {
            let mut state = stored.state.clone();
            let outcome = match &unwritable {
                None => self.work(&mut state, key, job, meter).await,
                // The folded document cannot be stored. Its sources are quarantined instead, on the document as it was.
                Some((folded, error)) => folded.condemned(&mut state, error).after(folded, job, error),
            };
            if !outcome.changed && outcome.held == 0 {
                outcome.done(meter, S::NAME, generation, false);
                return Ok(outcome);
            }
            let changed = outcome.changed;
            match write(how, generation, key, &stored, &state, changed).await {
                Written::Done => {
                    outcome.done(meter, S::NAME, generation, true);
                    return Ok(outcome);
                }
                Written::Lost(now) => {
                    meter.note(|report| report.conflicts += 1);
                    "other writers wrote the document in every attempt".clone_into(&mut reason);
                    // After the first attempt the refusal contains the winner's item: no pause, no read.
                    if attempt > 0 {
                        back_off(attempt).await;
                    }
                    let now = match now {
                        Some(item) => Some(item),
                        None => self.fetch(generation, key, meter).await?,
                    };
                    stored = self.read(generation, key, now, meter).await?;
                }
                Written::Outdated(error) => {
                    meter.note(|report| report.conflicts += 1);
                    reason = error;
                    back_off(attempt + 1).await;
                    let now = self.fetch(generation, key, meter).await?;
                    stored = self.read(generation, key, now, meter).await?;
                }
                Written::Invalid(error) if unwritable.is_none() => {
                    unwritable = Some((outcome, error));
                    // A part of the change may be written.
                    let now = self.fetch(generation, key, meter).await?;
                    stored = self.read(generation, key, now, meter).await?;
                }
                Written::Busy(error) | Written::Invalid(error) | Written::Failed(error) => {
                    return Err(Unfinished(error));
                }
            }
        }
        Err(Unfinished(reason))
    }

    /// Returns the document with its marks: 1 RU each, and nothing for a document without marks.
    async fn read(
        &self,
        generation: u64,
        document: &str,
        mut item: Option<Item>,
        meter: &Meter,
    ) -> Result<Stored<S>, Unfinished> {
        loop {
            let mut stored = Stored::<S>::read(item);
            let mut missing = false;
            for (source, mark) in &mut stored.state.marks {
                let place = mark.place(generation, source, document);
                let item = self.table.get(place, true, meter).await.map_err(Unfinished)?;
                match item.and_then(|item| Mark::read(&item, mark.next)) {
                    Some(read) => *mark = read,
                    None => missing = true,
                }
            }
            if !missing {
                return Ok(stored);
            }
            // A mark and its flag change together: the document has changed since it was read. Otherwise somebody has
            // deleted the mark, and its source stands still until it is tried again or redriven.
            let now = self.fetch(generation, document, meter).await?;
            if Stored::<S>::read(now.clone()).revision == stored.revision {
                return Ok(stored);
            }
            item = now;
        }
    }

    /// Reads a document consistently: 1 RU per 4 KB.
    pub(crate) async fn fetch(
        &self,
        generation: u64,
        document: &str,
        meter: &Meter,
    ) -> Result<Option<Item>, Unfinished> {
        let key = key(partition(generation, document), SELF);
        self.table.get(key, true, meter).await.map_err(Unfinished)
    }

    /// Reads the registry and the documents in one call per 100, all consistent. A second round reads further documents
    /// only when the registry names a generation that was not fed in the last batch.
    async fn load(
        &self,
        keys: impl Iterator<Item = &String> + Clone,
        meter: &Meter,
    ) -> Result<Loaded, Unfinished> {
        let of = |generations: &BTreeSet<u64>| -> Vec<String> {
            generations
                .iter()
                .flat_map(|generation| keys.clone().map(|key| partition(*generation, key)))
                .collect()
        };
        let guess = self.guess.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut wanted = of(&guess);
        if S::REBUILT {
            wanted.insert(0, REGISTRY.to_owned());
        }
        let attempts = self.options.attempts;
        let mut many = self
            .table
            .get_many(&wanted, Look::DOCUMENTS, attempts, meter)
            .await;
        let Registry {
            mut serving,
            mut feeding,
            ..
        } = Registry::default();
        if S::REBUILT {
            if let Some(error) = many.unread.remove(REGISTRY) {
                return Err(Unfinished(error));
            }
            Registry { serving, feeding, .. } = Registry::read(many.found.get(REGISTRY));
            let new: BTreeSet<u64> = feeding.difference(&guess).copied().collect();
            if !new.is_empty() {
                let more = self
                    .table
                    .get_many(&of(&new), Look::DOCUMENTS, attempts, meter)
                    .await;
                many.found.extend(more.found);
                many.unread.extend(more.unread);
            }
            if feeding != guess {
                *self.guess.lock().unwrap_or_else(PoisonError::into_inner) = feeding.clone();
            }
        }
        Ok(Loaded {
            serving,
            feeding,
            found: many.found,
            unread: many.unread,
        })
    }

    /// Reads the registry alone, consistently. 1 RU.
    pub(crate) async fn registry(&self, meter: &Meter) -> Result<Registry, Unfinished> {
        if !S::REBUILT {
            return Ok(Registry::default());
        }
        let item = self.table.get(key(REGISTRY, SELF), true, meter).await;
        Ok(Registry::read(item.map_err(Unfinished)?.as_ref()))
    }
}

/// Returns whether a failure in a generation that nobody reads is left to the verification of its rebuild, or to the
/// sweep. From delivery [`LAST_TRY`] of the message on it must not hold back the generation that serves (G7, G9).
fn given_up(deliveries: &[Delivery], message: usize) -> bool {
    let mut deliveries = deliveries.iter().filter(|delivery| delivery.message == message);
    deliveries.any(|delivery| delivery.receives >= LAST_TRY)
}
