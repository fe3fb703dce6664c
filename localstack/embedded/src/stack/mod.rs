//! A system wired in one process. It has no logic of its own: the same libraries run on Lambda.

mod data;
mod operated;
mod relays;
mod server;
mod sweep;
mod tables;
mod tasks;
mod worker;

use crate::feed::{Capture, Feed};
use crate::outstanding::Outstanding;
use crate::queues::{DeadLetter, Queue};
use aws_sdk_dynamodb::Client;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use axum::Extension;
use data::DataFolder;
use function::{System, UnwiredError, settings};
use http_api::TokenKeys;
use identity::{Caller, CallerId};
use local_dynamodb::LocalDynamo;
use projection::operations::{Control, Task, Worker};
use server::Server;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tasks::{InProcessBell, heal_dead_letters};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Concurrent invocations of one subscriber. The engine has one writer, so more would only wait for it.
const SUBSCRIBER_CONCURRENCY: usize = 8;

/// The options of a stack.
#[derive(Debug, Clone)]
pub struct StackOptions {
    /// The address of the API.
    pub host: IpAddr,
    /// Its port; 0 takes a free one.
    pub port: u16,
    /// The folder for all data; in memory without one.
    pub data: Option<PathBuf>,
    /// The timeout of every function behind a queue. It also determines how long a generation waits before it is built or
    /// deleted.
    pub function_timeout: Duration,
    /// Interceptors of every DynamoDB call of the services, to measure and to inject faults.
    pub interceptors: Vec<SharedInterceptor>,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            data: None,
            function_timeout: settings::SUBSCRIBER_TIMEOUT,
            interceptors: Vec::new(),
        }
    }
}

/// Why the stack did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program uses the port.
    #[error("port {port} on {host} is in use; choose another one with --port, or a free one with --port 0")]
    PortTaken {
        /// The address.
        host: IpAddr,
        /// The port.
        port: u16,
    },
    /// The address or port is not available.
    #[error("cannot listen on {host} port {port}: {error}; choose others with --host and --port")]
    Listen {
        /// The address.
        host: IpAddr,
        /// The port.
        port: u16,
        /// The operating system's error.
        error: std::io::Error,
    },
    /// Another process uses the folder.
    #[error("{} is in use by another process; stop it, or choose another folder with --data", folder.display())]
    DataInUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be used.
    #[error("the folder {} cannot be used: {error}", folder.display())]
    Data {
        /// The folder.
        folder: PathBuf,
        /// The operating system's error.
        error: std::io::Error,
    },
    /// The engine does not start, or refuses the tables.
    #[error("the local DynamoDB does not start: {0}")]
    Engine(String),
    /// The sweep for messages in flight at the end of the last process failed.
    #[error("the sweep failed: {0}")]
    Sweep(String),
    /// The search for views that were never built failed.
    #[error("the search for new views failed: {0}")]
    Fill(String),
    /// A part reads a category that no part owns.
    #[error(transparent)]
    Unwired(#[from] UnwiredError),
}

/// Work was still in progress when the wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{outstanding} stream records and messages are still in progress")]
pub struct StillBusy {
    /// Their number.
    pub outstanding: usize,
}

/// A running system. Dropping it abandons the work in progress, like a crash; [`Stack::stop`] shuts it down in order.
pub struct Stack {
    url: String,
    server: Server,
    dynamo: LocalDynamo,
    feed: Arc<Feed>,
    queues: Arc<BTreeMap<&'static str, Arc<Queue>>>,
    outstanding: Outstanding,
    sweeper: sweep::Sweeper,
    worker: Arc<Worker>,
    tasks: JoinSet<()>,
    _data: Option<DataFolder>,
}

impl Stack {
    /// Starts every part of a system. The API is ready when it returns.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(system: System, options: StackOptions) -> Result<Self, StartError> {
        let listener = server::bind(options.host, options.port).await?;
        let data = options.data.as_deref().map(DataFolder::open).transpose()?;
        let dynamo = match &data {
            Some(folder) => LocalDynamo::at(folder.database()).await,
            None => LocalDynamo::in_memory().await,
        }
        .map_err(|error| StartError::Engine(format!("{error:#}")))?;
        if let Some(folder) = &data
            && let Ok(keys) = TokenKeys::new(&folder.token_key()?, None)
        {
            keys.install();
        }
        tables::create_missing(&system, &dynamo.client()).await?;

        let outstanding = Outstanding::default();
        let feed = Feed::new(system.event_tables().map(|table| table.name), outstanding.clone());
        let wiring = system.wiring(observed_client(&dynamo, &feed, options.interceptors));
        let mut tasks = JoinSet::new();
        let mut queues = BTreeMap::new();
        for (part, function) in system.functions() {
            let Some(subscriber) = function.subscribes() else {
                continue;
            };
            let handler = subscriber.handler(&function.narrow(part, &wiring)?);
            let timeout = options.function_timeout;
            let visibility = timeout * settings::VISIBILITY_PER_TIMEOUT;
            let queue = Queue::new(subscriber.name, visibility, outstanding.clone());
            tasks.spawn(queue.clone().consume(handler, SUBSCRIBER_CONCURRENCY, timeout));
            queues.insert(subscriber.name, queue);
        }
        let queues = Arc::new(queues);
        let (bell, work) = InProcessBell::new(queues.clone());
        for table in system.event_tables() {
            let relay = relays::relay(&system, &table, &queues, bell.clone());
            tasks.spawn(feed.clone().relay(table.name, relay));
        }

        let worker = Worker::new(Arc::new(bell.clone()), worker::options(options.function_timeout));
        let worker = Arc::new(system.operated(worker, &wiring)?);
        tasks.spawn(work.serve(worker.clone(), bell.clone()));
        tasks.spawn(tasks::tick(bell.clone()));
        for queue in queues.values() {
            tasks.spawn(heal_dead_letters(queue.clone(), worker.clone()));
        }
        let unobserved = system.wiring(dynamo.client());
        let sweeper = sweep::Sweeper::new(system.clone(), unobserved, bell.clone());
        if data.is_some() {
            let resumed = worker.resume().await;
            resumed.map_err(|error| StartError::Sweep(error.to_string()))?;
        }
        // Before the sweep, which skips a view that is being built, and before the first command, because views with empty
        // sources are filled at once.
        let fill = worker.handle(Task::Fill { now: true }, Instant::now());
        fill.await.map_err(|error| StartError::Fill(error.to_string()))?;
        if data.is_some() {
            sweeper.run_with_progress().await.map_err(StartError::Sweep)?;
        }
        tasks.spawn(sweeper.clone().after_losses(feed.clone(), outstanding.clone()));
        tasks.spawn(sweep::rounds(bell));

        let operations = operated::operations(worker.controls(), queues.clone());
        // It is for one's own machine: whoever can connect may do everything.
        let caller = Caller::unrestricted(CallerId::named("local"));
        let api = system.api(&wiring.share(operations))?;
        let app = http_api::finish(api.into()).layer(Extension(caller));
        let server = Server::start(listener, app).map_err(|error| StartError::Listen {
            host: options.host,
            port: options.port,
            error,
        })?;
        Ok(Self {
            url: server.url(),
            server,
            dynamo,
            feed,
            queues,
            outstanding,
            sweeper,
            worker,
            tasks,
            _data: data,
        })
    }

    /// Returns the API's address, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns a DynamoDB client without capture: the commits that it writes to an event table reach no relay.
    #[must_use]
    pub fn dynamodb(&self) -> Client {
        self.dynamo.client()
    }

    /// Stops the relays: commits are stored and acknowledged, but not delivered.
    pub fn pause_relay(&self) {
        self.feed.pause();
    }

    /// Resumes the relays, which deliver the waiting commits.
    pub fn resume_relay(&self) {
        self.feed.resume();
    }

    /// While `lose` is true, commits never reach the relay, like when a process dies between the write and the stream record.
    pub fn lose_records(&self, lose: bool) {
        self.feed.lose(lose);
    }

    /// Waits until every stream record is relayed and every message processed, including effects of effects.
    ///
    /// # Errors
    /// [`StillBusy`] after this time; always when the relay is paused and a commit waits.
    pub async fn quiet(&self, within: Duration) -> Result<(), StillBusy> {
        tokio::time::timeout(within, self.outstanding.none())
            .await
            .map_err(|_| StillBusy {
                outstanding: self.outstanding.count(),
            })
    }

    /// Compares every stream's head with every subscriber's documents, and sends a message for each that is behind.
    ///
    /// Returns the number of messages; [`Stack::quiet`] waits until the documents are healed.
    ///
    /// # Errors
    /// A text when a table cannot be read.
    pub async fn sweep(&self) -> Result<usize, String> {
        self.sweeper.run().await
    }

    /// Returns the operator's control of a subscriber.
    #[must_use]
    pub fn control(&self, subscriber: &str) -> Option<&Control> {
        self.worker
            .controls()
            .find(|control| control.subject().name == subscriber)
    }

    /// Returns how many messages each subscriber's queue has given up since the start.
    #[must_use]
    pub fn dead_letter_counts(&self) -> BTreeMap<&'static str, u64> {
        self.queues
            .iter()
            .map(|(name, queue)| (*name, queue.dead_total()))
            .collect()
    }

    /// Returns the messages that a subscriber's queue has given up, at most the last thousand.
    #[must_use]
    pub fn dead_letters(&self, subscriber: &str) -> Vec<DeadLetter> {
        self.queues
            .get(subscriber)
            .map(|queue| queue.dead_letters())
            .unwrap_or_default()
    }

    /// Stops accepting requests, ends the work in progress and closes the database. The sweep at the next start finds the
    /// commits of messages in flight.
    pub async fn stop(self) {
        self.server.stop().await;
        let mut tasks = self.tasks;
        tasks.shutdown().await;
        self.dynamo.shutdown().await;
    }
}

/// Creates the client of all services. The caller's interceptors come before the capture, so they see a commit before its
/// effects.
fn observed_client(dynamo: &LocalDynamo, feed: &Arc<Feed>, interceptors: Vec<SharedInterceptor>) -> Client {
    let mut config = dynamo.config();
    for interceptor in interceptors {
        config.push_interceptor(interceptor);
    }
    Client::from_conf(config.interceptor(Capture::new(feed.clone())).build())
}
