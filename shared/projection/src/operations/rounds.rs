//! The work on rounds: page by page, with the position saved after each.

use super::error::WorkError;
use super::member::Member;
use super::page::{Page, PageError};
use super::record::Phase;
use super::round::Round;
use super::task::Task;
use super::worker::Worker;
use crate::mutation::{Safeguard, is_removed};
use crate::pause::grown;
use crate::source::CommitSource;
use crate::sweep::Heads;
use event_store::{KeyPage, ScanPosition};
use futures::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use telemetry::Metrics;
use tokio::time::{Instant, timeout};

/// An event table with its subscribers.
pub(super) struct EventTable {
    pub(super) source: Arc<dyn CommitSource>,
    /// The names of the subscribers of each category.
    pub(super) subscribers: BTreeMap<String, BTreeSet<String>>,
}

/// The number of failures without any progress after which a subscriber is left out until the end of the part, or the task
/// is given up until the schedule sends the next one.
const MOST_FAILURES: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The result of a page for one category of a subscriber.
struct Compared<'a> {
    member: &'a Member,
    category: &'a str,
    page: Result<Page, PageError>,
}

impl Worker {
    /// Begins the rounds that are due, and sends a task for each event table whose round is not complete, and for runs that have
    /// stopped. Emits the number of overdue rounds. A table that does not respond does not hold back the others.
    pub(super) async fn sweep_rounds(&self) -> Result<(), WorkError> {
        let (mut overdue, mut failed) = (0, None);
        for (name, table) in &self.tables {
            match self.continue_round(name, table).await {
                Ok(is_overdue) => overdue += u64::from(is_overdue),
                Err(error) => {
                    tracing::warn!(table = name, %error, "the round of an event table could not be continued");
                    failed = Some(error);
                }
            }
        }
        for member in self.members.values() {
            if let Err(error) = member.resume_stopped().await {
                tracing::warn!(subscriber = member.name(), %error, "the runs that have stopped could not be continued");
            }
        }
        // Zero is emitted as well: an alarm that has never had a value looks the same as an alarm on a metric that does not
        // exist.
        Metrics::event("SweepRounds")
            .count("RoundsOverdue", overdue)
            .emit();
        failed.map_or(Ok(()), Err)
    }

    /// Returns whether the round is overdue. 1 RU, and 1 WU when a round begins.
    async fn continue_round(&self, name: &str, table: &EventTable) -> Result<bool, WorkError> {
        let host = self.host(table)?;
        let now = host.control.now();
        let options = &self.options.round;
        let known = host.store().round(name).await?;
        let round = match known {
            Some(round) if !round.is_over(options, now) => round,
            previous => {
                let mut next = Round::after(previous.as_ref(), options, now);
                host.store().save_round(name, &mut next).await?;
                next
            }
        };
        if round.ended.is_none() {
            let table = name.to_owned();
            let task = Task::SweepParts { table };
            self.bell.ring(task, Duration::ZERO).await?;
        }
        Ok(round.is_overdue(options, now))
    }

    /// Returns the subscriber whose table has the progress: the first of the event table's subscribers.
    fn host(&self, table: &EventTable) -> Result<&Member, WorkError> {
        let first = table.subscribers.values().flatten().min();
        self.member(first.map_or("", String::as_str))
    }

    /// Compares the parts of an event table's round that are due, until the deadline; for the rest a task is sent. Two workers
    /// may work on the same part: the position that they save is accepted once.
    pub(super) async fn sweep_parts(&self, name: &str, deadline: Instant) -> Result<(), WorkError> {
        let table = self.tables.get(name);
        let table = table.ok_or_else(|| WorkError::Unknown(name.to_owned()))?;
        let host = self.host(table)?;
        let Some(mut round) = host.store().round(name).await? else {
            return Ok(());
        };
        let due = round.due(&self.options.round, host.control.now());
        while round.ended.is_none() && round.done < due {
            if let Err(reason) = self.page_of(table, &mut round).await {
                tracing::warn!(table = name, reason, "a page of a round is retried");
                round.failures += 1;
                if !host.store().save_round(name, &mut round).await? {
                    return Ok(());
                }
                if round.failures < MOST_FAILURES {
                    let pause = grown(FIRST_PAUSE, 2, round.failures - 1, LONGEST_PAUSE);
                    return Ok(self.bell.ring(parts_of(name), pause).await?);
                }
                tracing::error!(
                    table = name,
                    reason,
                    "a round does not progress; the schedule continues it"
                );
                return Ok(());
            }
            if !host.store().save_round(name, &mut round).await? {
                return Ok(());
            }
            if Instant::now() >= deadline && round.ended.is_none() && round.done < due {
                return Ok(self.bell.ring(parts_of(name), Duration::ZERO).await?);
            }
        }
        if round.ended.is_some() {
            self.record(name, &round).await;
        }
        Ok(())
    }

    /// Compares one page with the documents of every subscriber. Half an RU per 4 KB of commits, and half an RU per document
    /// and subscriber.
    async fn page_of(&self, table: &EventTable, round: &mut Round) -> Result<(), String> {
        let host = self.host(table).map_err(|error| error.to_string())?;
        let now = host.control.now();
        let start: Option<ScanPosition> = round
            .start
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map_err(|error| format!("the saved position cannot be read: {error}"))?;
        let read = table
            .source
            .settled_heads(round.part(), round.parts, start.as_ref());
        let KeyPage { keys, next } = read.await.map_err(|error| error.to_string())?;
        let next = next.as_ref().map(serde_json::to_string).transpose();
        let next = next.map_err(|error| error.to_string())?;
        let options = &self.options.round;
        let chosen: Vec<_> = keys
            .iter()
            .filter(|_| !is_removed(Safeguard::Rounds))
            .filter_map(|key| Some((key.clone(), round.compares(key, options, now)?)))
            .collect();
        let heads: BTreeMap<&str, Heads> = table
            .subscribers
            .keys()
            .map(|category| {
                (
                    category.as_str(),
                    Heads::counted(chosen.iter().cloned(), category),
                )
            })
            .collect();
        let mut comparisons = Vec::new();
        for (category, names) in &table.subscribers {
            for name in names.iter().filter(|name| !round.left_out.contains(*name)) {
                let member = self.member(name).map_err(|error| error.to_string())?;
                comparisons.push(self.compared(member, category, &heads[category.as_str()]));
            }
        }
        let compared = join_all(comparisons).await;
        let again = round.failures + 1 < MOST_FAILURES;
        for one in &compared {
            if let Err(PageError::Again(reason)) = &one.page
                && again
            {
                return Err(format!("{}: {reason}", one.member.name()));
            }
        }
        for Compared {
            member,
            category,
            page,
        } in compared
        {
            match page {
                Ok(page) => {
                    member.emit(&run_of(round), Phase::Compare, &page);
                    let documents = round.documents.entry(member.name().to_owned()).or_default();
                    *documents.entry(category.to_owned()).or_default() += page.counts.documents;
                }
                // It must not hold back the other subscribers (G7).
                Err(PageError::Again(reason) | PageError::Never(reason)) => {
                    tracing::error!(
                        subscriber = member.name(),
                        reason,
                        "a subscriber is left out of a part of a round"
                    );
                    member.emit_end(&run_of(round), true);
                    round.leave_out(member.name());
                }
            }
        }
        round.read += keys.len() as u64;
        round.advance(next, now);
        Ok(())
    }

    async fn compared<'a>(&self, member: &'a Member, category: &'a str, heads: &Heads) -> Compared<'a> {
        let limit = self.options.page;
        let page = timeout(limit, member.pages.compare(heads)).await;
        let late = || Err(PageError::Again(format!("a page took longer than {limit:?}")));
        Compared {
            member,
            category,
            page: page.unwrap_or_else(|_| late()),
        }
    }

    /// Records the number of documents that a complete round has found, with each subscriber. If a table does not answer, or
    /// was left out of a part, its number remains that of an earlier round.
    async fn record(&self, name: &str, round: &Round) {
        let Some(ended) = round.ended else {
            return;
        };
        let complete = round.documents.iter();
        let complete = complete.filter(|(subscriber, _)| !round.incomplete.contains(*subscriber));
        for (subscriber, categories) in complete {
            // One that is gone since then has nothing to record.
            let Ok(member) = self.member(subscriber) else {
                continue;
            };
            for (category, documents) in categories {
                let saved = member.store().save_swept(category, *documents, ended).await;
                if let Err(error) = saved {
                    tracing::warn!(subscriber, %error, "the number of documents could not be recorded");
                }
            }
        }
        let seconds = ended.duration_since(round.started).as_secs();
        Metrics::event("RoundEnded")
            .property("table", name)
            .property("round", round.number)
            .property("passes", round.passes)
            .property("CommitsRead", round.read)
            .property("LeftOut", round.incomplete.len())
            .property("seconds", seconds)
            .emit();
    }
}

fn parts_of(table: &str) -> Task {
    let table = table.to_owned();
    Task::SweepParts { table }
}

fn run_of(round: &Round) -> String {
    format!("round#{:010}", round.number)
}
