//! The clients of a run.

use crate::Rng;
use crate::faults::Fault;
use crate::promises::{Acknowledged, Promises};
use crate::world::{EPOCH, World};
use anyhow::{anyhow, bail, ensure};
use commit::{CommandId, Fingerprint};
use event_store::{CommandContext, Decider, EventStore, ExecuteError, Executed};
use function::Wiring;
use jiff::Timestamp;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::task::JoinSet;

/// How often a client sends a command without a reply before it gives up.
const ATTEMPTS: usize = 6;

/// The clients of one run. A scenario adds them.
pub struct Clients {
    world: Arc<World>,
    promises: Arc<Promises>,
    /// The instances of the services' functions, each with its own caches.
    instances: Arc<[Wiring]>,
    added: usize,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Clients {
    pub(crate) fn new(world: &Arc<World>, promises: &Arc<Promises>, instances: Arc<[Wiring]>) -> Self {
        Self {
            world: Arc::clone(world),
            promises: Arc::clone(promises),
            instances,
            added: 0,
            tasks: JoinSet::new(),
        }
    }

    /// Draws values that all clients share. Random values that do not come from here or from [`Client::draw`] make the runs of
    /// a seed differ.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        self.world.draw(draw)
    }

    /// Adds a client. It runs concurrently with the others, and its failure fails the run.
    pub fn add<F>(&mut self, client: impl FnOnce(Client) -> F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.tasks.spawn(client(Client {
            world: Arc::clone(&self.world),
            promises: Arc::clone(&self.promises),
            instances: Arc::clone(&self.instances),
            number: self.added,
            sent: AtomicU64::new(0),
        }));
        self.added += 1;
    }

    /// Adds a task that sends no commands.
    pub(crate) fn watch(&mut self, reader: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        self.tasks.spawn(reader);
    }

    /// Waits for all clients.
    pub(crate) async fn finish(&mut self) -> anyhow::Result<()> {
        while let Some(ended) = self.tasks.join_next().await {
            ended.map_err(|error| anyhow!("a client panicked: {error}"))??;
        }
        Ok(())
    }
}

/// One client, which sends commands and records what was acknowledged.
pub struct Client {
    world: Arc<World>,
    promises: Arc<Promises>,
    instances: Arc<[Wiring]>,
    number: usize,
    sent: AtomicU64,
}

impl Client {
    /// Draws from the seed.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut Rng) -> T) -> T {
        self.world.draw(draw)
    }

    /// Returns whether this fault happens now, and counts it in the report.
    #[must_use]
    pub fn happens(&self, fault: Fault) -> bool {
        self.world.happens(fault)
    }

    /// Returns the virtual time. The real time would make the runs of a seed differ.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let millis = i64::try_from(self.world.now()).unwrap_or_default();
        Timestamp::from_millisecond(EPOCH + millis).unwrap_or_default()
    }

    /// Pauses for up to 0.5, 3 or 30 seconds; the limit is the same for a whole run.
    pub async fn rest(&self) {
        self.world.rest().await;
    }

    /// Returns one of the two instances of the services' functions, for a store or for the reader of a view.
    #[must_use]
    pub fn wiring(&self) -> &Wiring {
        let place = self.draw(|random| random.usize(..self.instances.len()));
        &self.instances[place]
    }

    /// Sends a command under one command id until it is acknowledged or refused, up to six times; sometimes twice at once, to
    /// two instances. An acknowledgement is recorded, and the run fails when it does not hold.
    ///
    /// Returns `None` when the command was refused, or when the client gave up and does not know whether it was executed.
    ///
    /// # Errors
    /// When the replies to one command contradict one another.
    pub async fn insist<D: Decider>(
        &self,
        id: &D::Id,
        command: &D::Command,
    ) -> anyhow::Result<Option<Executed<D>>> {
        let name = [
            self.number.to_string(),
            self.sent.fetch_add(1, Ordering::Relaxed).to_string(),
        ];
        let context = CommandContext::new(
            CommandId::derive(&[&name[0], &name[1]]),
            Fingerprint::of(&[name[0].as_bytes(), name[1].as_bytes()]),
            self.now(),
        );
        let (store, other) = (self.wiring().store::<D>(), self.wiring().store::<D>());
        let _admitted = self.world.admitted().await;
        for _ in 0..ATTEMPTS {
            let answer = if self.world.happens(Fault::CommandDoubled) {
                twice(&store, &other, id, command, &context).await?
            } else {
                store.execute(id, command, &context).await
            };
            match answer {
                Ok(_) if self.world.happens(Fault::CommandReplyLost) => self.world.pause(1_000).await,
                Ok(done) => {
                    self.note(&done, context.command_id);
                    return Ok(Some(done));
                }
                Err(ExecuteError::Refused(_)) => return Ok(None),
                Err(ExecuteError::KeyReused) => bail!("a repeated command was mistaken for another one"),
                Err(_) => self.world.pause(2_000).await,
            }
        }
        Ok(None)
    }

    fn note<D: Decider>(&self, done: &Executed<D>, command: CommandId) {
        // The command had nothing to do on a stream that does not exist, so nothing is recorded.
        if done.version == 0 {
            return;
        }
        let (number, stream, version) = (self.number, &done.stream, done.version);
        self.world
            .note(format_args!("client {number}: {stream} {version}"));
        self.promises.note(Acknowledged {
            stream: stream.clone(),
            version,
            command,
            changed: !done.events.is_empty(),
        });
    }
}

/// Sends a command to two instances at once.
async fn twice<D: Decider>(
    store: &EventStore<D>,
    other: &EventStore<D>,
    id: &D::Id,
    command: &D::Command,
    context: &CommandContext,
) -> anyhow::Result<Result<Executed<D>, ExecuteError<D::Error>>> {
    let (first, second) = futures::join!(
        store.execute(id, command, context),
        other.execute(id, command, context)
    );
    if let (Ok(first), Ok(second)) = (&first, &second) {
        // A command without events has no effect, so after commits in between its repetition may have one.
        let nothing = first.events.is_empty() || second.events.is_empty();
        ensure!(
            first.version == second.version || nothing,
            "one command was acknowledged with two versions"
        );
    }
    Ok(first)
}
