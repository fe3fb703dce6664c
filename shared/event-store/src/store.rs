use crate::append::Appended;
use crate::cache::Cache;
use crate::draft::{Draft, draft};
use crate::known::{Known, decode};
use crate::load::{At, Table, history_changed};
use crate::mark::Mark;
use crate::report::{Work, report};
use crate::stored::Stored;
use crate::turns::Turns;
use crate::{CommandContext, Consumed, Decider, ExecuteError, Executed, Loaded, Options, StoreError};
use aws_sdk_dynamodb::Client;
use commit::StreamId;
use std::sync::Arc;
use std::time::Duration;

/// The streams of one kind of aggregate in one event table. Clones share their cache.
pub struct EventStore<D: Decider> {
    inner: Arc<Inner<D>>,
}

struct Inner<D: Decider> {
    table: Table,
    options: Options,
    cache: Cache<D>,
    turns: Turns,
}

impl<D: Decider> Clone for EventStore<D> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

/// A condition of a command, beyond what its decider decides: for example that the caller owns the aggregate. Its error is a
/// refusal like the decider's own.
pub type Condition<'a, D> =
    dyn Fn(&<D as Decider>::State) -> Result<(), <D as Decider>::Error> + Send + Sync + 'a;

/// The state on which an execution decides.
struct Basis<D: Decider> {
    known: Known<D>,
    /// Whether the state was the latest when it was read. Only then is a refusal final.
    fresh: bool,
}

/// One execution of one command.
struct Execution<'a, D: Decider> {
    stream: &'a StreamId,
    command: &'a D::Command,
    context: &'a CommandContext,
    /// What must hold of the state on which the command is decided.
    condition: Option<&'a Condition<'a, D>>,
    /// Whether it is known that the command left no mark.
    unmarked: bool,
    work: Work,
}

impl<D: Decider> EventStore<D> {
    /// Creates a store with the default [`Options`].
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self::with_options(client, table, Options::default())
    }

    /// Creates a store with these options.
    #[must_use]
    pub fn with_options(client: Client, table: impl Into<String>, options: Options) -> Self {
        let cache = Cache::new(options.cached_streams, options.cache_age);
        let table = Table {
            client,
            name: table.into(),
        };
        Self {
            inner: Arc::new(Inner {
                table,
                options,
                cache,
                turns: Turns::new(),
            }),
        }
    }

    /// Executes the first command of a stream: 1 PutItem, without a read before.
    ///
    /// If the stream exists, the command is recognized when it created the stream, however long ago (G4); otherwise it
    /// is decided on the stream's state.
    ///
    /// # Errors
    /// See [`ExecuteError`].
    pub async fn create(
        &self,
        id: &D::Id,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        let stream = stream::<D>(id)?;
        let _turn = self.inner.turns.take(&stream).await;
        let mut execution = Execution::new(&stream, command, context);
        // A creation is recognized by the stream that it created.
        execution.unmarked = true;
        let outcome = self.create_on_nothing(&mut execution).await;
        report(&self.inner.table.name, &stream, context, execution.work, &outcome);
        outcome
    }

    async fn create_on_nothing(
        &self,
        execution: &mut Execution<'_, D>,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        let nothing = Known::default();
        let decided = execution.decide(&nothing.state);
        let mut basis = Basis {
            known: nothing,
            fresh: false,
        };
        if !matches!(decided, Ok(events) if !events.is_empty()) {
            // First check whether the command was executed before, when it was not refused. 1 Query.
            let begun = self.at(execution, 1).await?;
            if let Some(done) = execution.recognize(begun)? {
                return Ok(done);
            }
            execution.unmarked = false;
            basis = self.latest(execution).await?;
        }
        self.execute_on(basis, execution).await
    }

    /// Executes a command: 1 Query and 1 PutItem, or 1 PutItem when this process used the stream recently (G5).
    ///
    /// A repeated command is recognized as long as at most 16 commits followed it, and many more where they fit into the
    /// kilobyte that a commit pays for; without events, if it is [keyed](CommandContext::keyed), for a day (G4).
    ///
    /// # Errors
    /// See [`ExecuteError`].
    pub async fn execute(
        &self,
        id: &D::Id,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        self.execute_on_known(id, None, command, context).await
    }

    /// Executes a command like [`Self::execute`] if this condition holds of the state on which it is decided, for example that
    /// the aggregate belongs to the caller. Costs the same. The condition's error is a refusal like the decider's own.
    ///
    /// A repeated command gets its first reply, whether or not the condition still holds: check the returned state where that matters.
    ///
    /// # Errors
    /// See [`ExecuteError`].
    pub async fn execute_if(
        &self,
        id: &D::Id,
        condition: &Condition<'_, D>,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        self.execute_on_known(id, Some(condition), command, context).await
    }

    async fn execute_on_known(
        &self,
        id: &D::Id,
        condition: Option<&Condition<'_, D>>,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        let stream = stream::<D>(id)?;
        let _turn = self.inner.turns.take(&stream).await;
        let mut execution = Execution::new(&stream, command, context);
        execution.condition = condition;
        let outcome = self.execute_on_cached(&mut execution).await;
        report(&self.inner.table.name, &stream, context, execution.work, &outcome);
        outcome
    }

    async fn execute_on_cached(
        &self,
        execution: &mut Execution<'_, D>,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        let basis = match self.inner.cache.get(execution.stream) {
            Some(known) => Basis {
                known: Known::clone(&known),
                fresh: false,
            },
            None => self.latest(execution).await?,
        };
        self.execute_on(basis, execution).await
    }

    /// Loads the latest state: 1 consistent Query.
    ///
    /// # Errors
    /// [`StoreError`], among others when a stored event cannot be decoded.
    pub async fn load(&self, id: &D::Id) -> Result<Loaded<D::State>, StoreError> {
        let stream = stream::<D>(id)?;
        let mut consumed = Consumed::default();
        let known = match self.inner.cache.get(&stream) {
            Some(known) => self.refresh(&stream, Known::clone(&known), &mut consumed).await?,
            None => {
                self.inner
                    .table
                    .load::<D>(&stream, None, &mut consumed)
                    .await?
                    .known
            }
        };
        Ok(Loaded {
            stream,
            state: known.state,
            version: known.version,
            time: known.time,
            consumed,
            head: known.head,
            recent: known.recent,
            commits_since_snapshot: known.commits_since_snapshot,
        })
    }

    /// Executes a command on a state that was loaded before, for callers that need the state to complete the command: 1
    /// PutItem. A repeated command is recognized as with [`Self::execute`]. When another writer was faster, the command
    /// is decided again on the new state.
    ///
    /// # Errors
    /// See [`ExecuteError`].
    pub async fn execute_loaded(
        &self,
        loaded: Loaded<D::State>,
        command: &D::Command,
        context: &CommandContext,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        let stream = loaded.stream;
        let _turn = self.inner.turns.take(&stream).await;
        let basis = Basis {
            known: Known {
                state: loaded.state,
                version: loaded.version,
                head: loaded.head,
                time: loaded.time,
                recent: loaded.recent,
                commits_since_snapshot: loaded.commits_since_snapshot,
            },
            fresh: true,
        };
        let mut execution = Execution::new(&stream, command, context);
        let outcome = self.execute_on(basis, &mut execution).await;
        report(&self.inner.table.name, &stream, context, execution.work, &outcome);
        outcome
    }

    async fn execute_on(
        &self,
        mut basis: Basis<D>,
        execution: &mut Execution<'_, D>,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        let Execution { stream, context, .. } = *execution;
        loop {
            if let Some(first) = basis.known.recent.find(&context.command_id) {
                let then = self.at(execution, first).await?;
                if let Some(done) = execution.recognize(then)? {
                    return Ok(done);
                }
            }
            let events = match execution.decide(&basis.known.state) {
                Ok(events) if !events.is_empty() => events,
                _ if !basis.fresh => {
                    // The cached state may be old. A refusal, or nothing to do, is only returned for the latest state.
                    basis = self.refreshed(basis, execution).await?;
                    continue;
                }
                Ok(_) => return self.nothing_to_do(basis.known, execution).await,
                Err(refusal) => match self.marked(execution).await? {
                    Some(done) => return Ok(done),
                    None => return Err(ExecuteError::Refused(refusal)),
                },
            };
            if let Some(done) = self.marked(execution).await? {
                return Ok(done);
            }

            let draft = draft(
                basis.known,
                stream,
                events,
                context,
                self.inner.options.item_limit,
            )?;
            let Draft {
                before,
                after,
                commit,
                events,
                item,
                cacheable,
            } = draft;
            let cacheable = cacheable <= self.inner.options.cached_state_limit;
            let stored = match self.inner.table.append(item, &mut execution.work.consumed).await {
                Ok(Appended::Done) => {
                    self.remember(stream, &after, cacheable);
                    return Ok(execution.done(after, events, false));
                }
                Ok(Appended::Taken(stored)) => stored,
                Err(error) => {
                    // It is unknown whether the commit was stored; the next command reads.
                    self.inner.cache.forget(stream);
                    return Err(error.into());
                }
            };
            if stored.commit.id == commit.id {
                // G3: an earlier attempt of this write was stored and its reply was lost.
                execution.work.lost_replies += 1;
                self.remember(stream, &after, cacheable);
                return Ok(execution.done(after, events, false));
            }
            if !before.is_continued_by(&stored.commit) {
                // The table was put back behind this state, and other writers went on (G16).
                history_changed(stream);
                self.inner.cache.forget(stream);
                execution.work.conflicts += 1;
                if execution.work.conflicts >= self.inner.options.max_attempts {
                    let attempts = execution.work.conflicts;
                    return Err(ExecuteError::Conflict { attempts });
                }
                basis = self.latest(execution).await?;
                continue;
            }
            let (known, events) = before.fold(&stored)?;
            if stored.commit.command_id == context.command_id {
                self.remember(stream, &known, cacheable);
                return execution.recognized(&stored, known, events);
            }

            execution.work.conflicts += 1;
            let conflicts = execution.work.conflicts;
            if conflicts >= self.inner.options.max_attempts {
                self.remember(stream, &known, cacheable);
                return Err(ExecuteError::Conflict { attempts: conflicts });
            }
            // This may not be the latest state: other commits may have followed the winner's.
            basis = Basis { known, fresh: false };
            if basis.known.version == stored.commit.last() && stored.commit.first == 1 {
                // The command is a creation and the stream exists, with any length.
                execution.unmarked = false;
                basis = self.latest(execution).await?;
            } else if conflicts >= 2 {
                tokio::time::sleep(self.pause(conflicts)).await;
                basis = self.refreshed(basis, execution).await?;
            }
        }
    }

    /// Ends a command that leads to no event. A keyed one leaves a mark: its repetition could change something later.
    async fn nothing_to_do(
        &self,
        known: Known<D>,
        execution: &mut Execution<'_, D>,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        let context = execution.context;
        if context.keyed {
            let mark = Mark {
                fingerprint: context.fingerprint,
                version: known.version,
            };
            let consumed = &mut execution.work.consumed;
            if let Some(left) = self.inner.table.leave(mark, context, consumed).await? {
                return self.as_marked(&left, execution).await;
            }
        }
        Ok(execution.done(known, Vec::new(), false))
    }

    /// Returns the first reply to a keyed command that left a mark. 1 RU, once per execution.
    async fn marked(
        &self,
        execution: &mut Execution<'_, D>,
    ) -> Result<Option<Executed<D>>, ExecuteError<D::Error>> {
        let context = execution.context;
        if !context.keyed || execution.unmarked {
            return Ok(None);
        }
        let consumed = &mut execution.work.consumed;
        match self.inner.table.mark(&context.command_id, consumed).await? {
            Some(mark) => self.as_marked(&mark, execution).await.map(Some),
            None => {
                execution.unmarked = true;
                Ok(None)
            }
        }
    }

    /// Returns the reply of the time when a command left this mark: 1 Query for the state of that time.
    async fn as_marked(
        &self,
        mark: &Mark,
        execution: &mut Execution<'_, D>,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        if mark.fingerprint != execution.context.fingerprint {
            return Err(ExecuteError::KeyReused);
        }
        let then = match mark.version {
            0 => Known::default(),
            version => self.at(execution, version).await?.known,
        };
        Ok(execution.done(then, Vec::new(), true))
    }

    async fn latest(&self, execution: &mut Execution<'_, D>) -> Result<Basis<D>, StoreError> {
        let loaded = self
            .inner
            .table
            .load(execution.stream, None, &mut execution.work.consumed)
            .await?;
        Ok(Basis {
            known: loaded.known,
            fresh: true,
        })
    }

    async fn refreshed(
        &self,
        basis: Basis<D>,
        execution: &mut Execution<'_, D>,
    ) -> Result<Basis<D>, StoreError> {
        let known = self
            .refresh(execution.stream, basis.known, &mut execution.work.consumed)
            .await?;
        Ok(Basis { known, fresh: true })
    }

    /// Folds the commits after `known`. A cached state whose history the table no longer has is forgotten (G16).
    async fn refresh(
        &self,
        stream: &StreamId,
        known: Known<D>,
        consumed: &mut Consumed,
    ) -> Result<Known<D>, StoreError> {
        let (known, anew) = self.inner.table.refresh(stream, known, consumed).await?;
        if anew {
            self.inner.cache.forget(stream);
        }
        Ok(known)
    }

    /// Loads the state right after the commit at `first`, and that commit. 1 Query.
    async fn at(&self, execution: &mut Execution<'_, D>, first: u64) -> Result<At<D>, StoreError> {
        self.inner
            .table
            .load(execution.stream, Some(first), &mut execution.work.consumed)
            .await
    }

    fn remember(&self, stream: &StreamId, known: &Known<D>, cacheable: bool) {
        if cacheable {
            self.inner.cache.put(stream, Arc::new(known.clone()));
        } else {
            self.inner.cache.forget(stream);
        }
    }

    /// Returns a pause with full jitter: racing writers must not retry at the same moment.
    fn pause(&self, conflicts: u32) -> Duration {
        let ceiling = self.inner.options.backoff * 2_u32.saturating_pow(conflicts.saturating_sub(2).min(6));
        ceiling.mul_f64(fastrand::f64())
    }
}

fn stream<D: Decider>(id: &D::Id) -> Result<StreamId, StoreError> {
    Ok(StreamId::new(D::CATEGORY, &id.to_string())?)
}

impl<'a, D: Decider> Execution<'a, D> {
    fn new(stream: &'a StreamId, command: &'a D::Command, context: &'a CommandContext) -> Self {
        Self {
            stream,
            command,
            context,
            condition: None,
            unmarked: false,
            work: Work::default(),
        }
    }

    /// Decides the command on this state, if its condition holds.
    fn decide(&self, state: &D::State) -> Result<Vec<D::Event>, D::Error> {
        if let Some(condition) = self.condition {
            condition(state)?;
        }
        D::decide(state, self.command)
    }

    /// Returns the result of a command; `after` is the state right after the commit with these events.
    fn done(&self, after: Known<D>, events: Vec<D::Event>, replayed: bool) -> Executed<D> {
        Executed {
            stream: self.stream.clone(),
            version: after.version,
            time: after.time.unwrap_or(self.context.now),
            state: after.state,
            events,
            replayed,
            consumed: self.work.consumed,
        }
    }

    /// Returns the first reply to this command, if the commit that was found is this command's (G4).
    fn recognize(&self, found: At<D>) -> Result<Option<Executed<D>>, ExecuteError<D::Error>> {
        match found.newest {
            Some(stored) if stored.commit.command_id == self.context.command_id => {
                let events = decode::<D>(&stored.commit)?;
                self.recognized(&stored, found.known, events).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Handles a commit with this command id: it is this command's, or another command used the same id.
    fn recognized(
        &self,
        stored: &Stored,
        after: Known<D>,
        events: Vec<D::Event>,
    ) -> Result<Executed<D>, ExecuteError<D::Error>> {
        match &stored.fingerprint {
            Some(fingerprint) if *fingerprint != self.context.fingerprint => Err(ExecuteError::KeyReused),
            _ => Ok(self.done(after, events, true)),
        }
    }
}
