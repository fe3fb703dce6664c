use super::compare::ReactorPages;
use super::control::{Control, Subject, SubjectKind};
use super::error::WorkError;
use super::heal;
use super::member::Member;
use super::options::WorkerOptions;
use super::page::Pages;
use super::rounds::EventTable;
use super::task::{Bell, Heal, NotACommit, SweepAfter, Task};
use super::tick::Ticked;
use crate::engine::Engine;
use crate::source::Sources;
use crate::subscriber::ViewOf;
use crate::table::Table;
use crate::view::View;
use aws_sdk_dynamodb::Client;
use commit::{CommitKey, StreamId};
use futures::future::join_all;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use telemetry::Metrics;
use tokio::time::Instant;

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.members.keys()).finish()
    }
}

/// A worker that executes rebuilds and sweeps, page by page. Any number of workers may run at once, and any of them may
/// die.
pub struct Worker {
    pub(super) members: BTreeMap<String, Member>,
    /// The event tables of the subscribers, by name.
    pub(super) tables: BTreeMap<String, EventTable>,
    pub(super) bell: Arc<dyn Bell>,
    pub(super) options: WorkerOptions,
}

impl Worker {
    /// Creates a worker that sends its next tasks to this bell. It has no subscribers yet.
    #[must_use]
    pub fn new(bell: Arc<dyn Bell>, options: WorkerOptions) -> Self {
        Self {
            members: BTreeMap::new(),
            tables: BTreeMap::new(),
            bell,
            options,
        }
    }

    /// Adds this view, with its table and its event tables.
    #[must_use]
    pub fn with_view<V: View>(mut self, client: Client, table: impl Into<String>, sources: Sources) -> Self {
        let subject = Subject {
            name: V::NAME.to_owned(),
            kind: SubjectKind::View,
            table: table.into(),
            sources: V::SOURCES.iter().map(|source| (*source).to_owned()).collect(),
        };
        let table = Table {
            client: client.clone(),
            name: subject.table.clone(),
        };
        self.subscribe(&subject, &sources);
        let options = self.options.projection.clone();
        let engine = Engine::new(ViewOf::<V>(PhantomData), table, sources, options);
        self.insert(client, subject, Box::new(engine));
        self
    }

    /// Adds this reactor. It is swept, and messages are sent for the streams that its documents are behind.
    #[must_use]
    pub fn with_reactor(
        mut self,
        client: Client,
        name: impl Into<String>,
        table: impl Into<String>,
        categories: &[&str],
        sources: Sources,
    ) -> Self {
        let subject = Subject {
            name: name.into(),
            kind: SubjectKind::Reactor,
            table: table.into(),
            sources: categories.iter().map(|source| (*source).to_owned()).collect(),
        };
        self.subscribe(&subject, &sources);
        let pages = ReactorPages {
            name: subject.name.clone(),
            table: Table {
                client: client.clone(),
                name: subject.table.clone(),
            },
            sources,
            categories: subject.sources.clone(),
            bell: Arc::clone(&self.bell),
            lanes: self.options.control.lanes,
        };
        self.insert(client, subject, Box::new(pages));
        self
    }

    /// Adds the subscriber to its event tables.
    fn subscribe(&mut self, subject: &Subject, sources: &Sources) {
        for category in &subject.sources {
            let Some(source) = sources.shared(category) else {
                continue;
            };
            let name = source.table().to_owned();
            let subscribers = BTreeMap::new();
            let table = self
                .tables
                .entry(name)
                .or_insert(EventTable { source, subscribers });
            let names = table.subscribers.entry(category.clone()).or_default();
            names.insert(subject.name.clone());
        }
    }

    fn insert(&mut self, client: Client, subject: Subject, pages: Box<dyn Pages>) {
        let name = subject.name.clone();
        let control = Control::new(
            client,
            subject,
            Arc::clone(&self.bell),
            self.options.control.clone(),
        );
        let member = Member {
            control,
            pages,
            bell: Arc::clone(&self.bell),
            options: self.options.clone(),
        };
        self.members.insert(name, member);
    }

    /// Returns the control of each subscriber of this worker, by name.
    pub fn controls(&self) -> impl Iterator<Item = &Control> {
        self.members.values().map(|member| &member.control)
    }

    /// Executes a task until it is done or the deadline has passed; for the rest a task is sent.
    ///
    /// # Errors
    /// [`WorkError`]: the task has to be delivered again.
    pub async fn handle(&self, task: Task, deadline: Instant) -> Result<(), WorkError> {
        match task {
            Task::SweepAll { deep } => self.sweep_all(deep).await,
            Task::Fill { now } => self.fill(now).await,
            Task::Tick {} => self.tick(deadline).await,
            Task::SweepRounds {} => self.sweep_rounds().await,
            Task::SweepParts { table } => self.sweep_parts(&table, deadline).await,
            Task::Advance(advance) => self.member(&advance.subscriber)?.advance(&advance).await,
            Task::Segment(task) => self.member(&task.subscriber)?.segment(&task, deadline).await,
            Task::Heal(task) => self.member(&task.subscriber)?.heal(task).await,
            Task::SweepAfter(task) => self.member(&task.subscriber)?.sweep_after(task).await,
            Task::NotACommit(item) => self.heal_beside(item).await,
        }
    }

    /// Sends tasks for everything that was in progress when the last process ended. Returns the number of runs.
    ///
    /// # Errors
    /// [`WorkError`].
    pub async fn resume(&self) -> Result<u64, WorkError> {
        let mut resumed = 0;
        for member in self.members.values() {
            resumed += member.resume(true).await?;
        }
        Ok(resumed)
    }

    async fn sweep_all(&self, deep: bool) -> Result<(), WorkError> {
        for member in self.members.values() {
            member.resume(false).await?;
            let is_view = member.control.subject().kind == SubjectKind::View;
            member.sweep(deep && is_view).await?;
        }
        Ok(())
    }

    /// Fills all views. A table that does not respond does not prevent the other views from being filled.
    async fn fill(&self, now: bool) -> Result<(), WorkError> {
        let mut failed = None;
        for member in self.members.values() {
            if let Err(error) = member.fill(now).await {
                tracing::warn!(subscriber = member.name(), %error, "the state of a view could not be read");
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Rings for what is due. A table that does not respond does not hold back the other subscribers, and is read again
    /// at the next tick.
    async fn tick(&self, deadline: Instant) -> Result<(), WorkError> {
        let mut total = Ticked::default();
        let ticks = self
            .members
            .values()
            .map(async |member| (member.name(), member.tick(deadline).await));
        for (subscriber, ticked) in join_all(ticks).await {
            match ticked {
                Ok(ticked) => total += ticked,
                Err(error) => tracing::warn!(subscriber, %error, "what is due could not be rung"),
            }
        }
        // Zero is emitted as well: an alarm that has never had a value looks the same as an alarm on a metric that does
        // not exist.
        heal::given_up(0, "");
        #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
        Metrics::event("Tick")
            .property("DueParked", total.parked)
            .property("DueDeadlines", total.deadlines)
            .count("DueNewer", total.newer)
            .count("Overdue", total.overdue)
            .milliseconds("OldestParked", total.oldest.as_millis() as f64)
            .emit();
        Ok(())
    }

    /// Brings documents up to date with a dead letter of this subscriber's queue. A dead letter of an unknown queue is one
    /// of every subscriber: what they have already, they drop.
    ///
    /// # Errors
    /// [`WorkError`]: the dead letter has to be delivered again.
    pub async fn dead_letter(&self, subscriber: Option<&str>, body: &str) -> Result<(), WorkError> {
        let members = match subscriber {
            Some(name) => vec![self.member(name)?],
            None => self.members.values().collect(),
        };
        for member in members {
            member.dead_letter(body).await?;
        }
        Ok(())
    }

    /// Sweeps every subscriber of these categories, because a relay's stream lost records of them. The records are not read
    /// again: those that are given up are about to leave the stream.
    ///
    /// # Errors
    /// [`WorkError`]: the report has to be delivered again.
    pub async fn lost_records(&self, categories: &[&str]) -> Result<(), WorkError> {
        for member in self
            .members
            .values()
            .filter(|member| member.listens_to(categories))
        {
            let after = Some(member.control.now());
            let task = SweepAfter {
                subscriber: member.name().to_owned(),
                after,
                postponed: 0,
            };
            tracing::error!(
                subscriber = member.name(),
                "a stream lost records; the subscriber is swept"
            );
            member.sweep_after(task).await?;
        }
        Ok(())
    }

    /// Sends the key of an item that is not a commit to the subscribers of its stream: they apply the commits before it, and
    /// quarantine their document at the item.
    async fn heal_beside(&self, item: NotACommit) -> Result<(), WorkError> {
        let stream = item
            .stream
            .as_deref()
            .and_then(|stream| stream.parse::<StreamId>().ok());
        let version = item.version.as_deref().and_then(|version| version.parse().ok());
        let (Some(stream), Some(first @ 1..)) = (stream, version) else {
            heal::given_up(1, "");
            return Err(WorkError::NotACommit {
                table: item.table,
                stream: item.stream,
                version: item.version,
            });
        };
        let category = [stream.category()];
        for member in self
            .members
            .values()
            .filter(|member| member.listens_to(&category))
        {
            let key = CommitKey {
                stream: stream.clone(),
                first,
                count: 1,
                time: member.control.now(),
                id: None,
            };
            let task = Heal {
                subscriber: member.name().to_owned(),
                commits: vec![key],
                ..Heal::default()
            };
            member.heal(task).await?;
        }
        Ok(())
    }

    pub(super) fn member(&self, name: &str) -> Result<&Member, WorkError> {
        self.members
            .get(name)
            .ok_or_else(|| WorkError::Unknown(name.to_owned()))
    }
}
