//! The wired system of one run: tables, relays, queues, subscribers.

use crate::consumer::{Consumer, Function};
use crate::dynamo::client;
use crate::queue::{QueueSink, Queues, heal_dead_letters};
use crate::stream::Mapping;
use crate::subject::{Owners, Subject, Version};
use crate::workshop::{Workshop, options};
use crate::world::{Deadline, World};
use anyhow::ensure;
use aws_sdk_dynamodb::Client;
use event_store::event_table;
use function::{System, UnwiredError, Wiring};
use projection::operations::{Control, Task, Worker};
use relay::{Destination, Relay};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Message groups per queue: few, so that documents share them.
pub(crate) const LANES: u32 = 3;

/// The approximate number of views that are updated in one run; each makes a run longer.
const VIEWS: usize = 3;

/// After this much virtual time, records or messages are considered to circulate for ever.
const PATIENCE: u64 = 12 * 3_600_000;

/// How long after its time a deadline must be answered, in milliseconds, when no work is in progress: some ticks.
const LATEST: u64 = 3_600_000;

pub(crate) struct Deployment {
    pub(crate) world: Arc<World>,
    pub(crate) client: Client,
    pub(crate) owners: Owners,
    pub(crate) subjects: Vec<Arc<Subject>>,
    pub(crate) queues: Arc<Queues>,
    pub(crate) worker: Arc<Worker>,
    pub(crate) workshop: Arc<Workshop>,
    /// The function of each instance.
    functions: BTreeMap<&'static str, [Function; 2]>,
    /// Whether every function has its current version.
    current: Cell<bool>,
    tasks: JoinSet<()>,
}

impl Deployment {
    /// Starts a system with all its tables and reactors, and with all or some of its views.
    pub(crate) fn start(world: Arc<World>, system: &System) -> anyhow::Result<Self> {
        let mistakes = system.mistakes();
        ensure!(
            mistakes.is_empty(),
            "the system's description is wrong: {}",
            mistakes.join("; ")
        );
        let client = client(&world);
        let wiring = system.wiring(client.clone()).share(options());
        let owners = owners(system);
        let subjects = subjects(&world, system, &owners, &wiring)?;
        let visibility = world.draw(|random| [20_000, 60_000, 180_000][random.usize(..3)]);
        let names = subjects.iter().map(|subject| subject.name().to_owned());
        let queues = Arc::new(Queues::new(names, Duration::from_millis(visibility)));
        let workshop = Workshop::new(&world, &queues, &owners);
        let worker = Worker::new(workshop.clone(), workshop.options());
        let worker = subjects
            .iter()
            .try_fold(worker, |worker, subject| subject.operated(worker))?;
        let mut deployment = Self {
            world,
            client,
            owners,
            subjects,
            queues,
            worker: Arc::new(worker),
            workshop,
            functions: BTreeMap::new(),
            current: Cell::new(false),
            tasks: JoinSet::new(),
        };
        deployment.map_streams(system);
        deployment.subscribe(system);
        for instance in 0..2 {
            let workshop = deployment.workshop.clone();
            let work = workshop.work(deployment.worker.clone(), instance);
            deployment.tasks.spawn_local(work);
        }
        let tables = deployment.subjects.iter().map(|subject| subject.name());
        let tick = deployment.workshop.clone().tick(tables.collect());
        deployment.tasks.spawn_local(tick);
        // Otherwise the views are filled only after the first commits.
        if deployment.world.draw(|random| random.u8(..4)) > 0 {
            deployment.fill(false);
        }
        Ok(deployment)
    }

    /// Returns the wirings of two instances of the services' functions.
    pub(crate) fn instances(&self, system: &System) -> Arc<[Wiring]> {
        (0..2).map(|_| system.wiring(self.client.clone())).collect()
    }

    fn map_streams(&mut self, system: &System) {
        for table in system.event_tables() {
            self.world.create(event_table(&table.name));
            let destinations = system.destinations(&table);
            let fed = destinations.filter(|(to, _)| self.queues.has(to.name));
            let sink = QueueSink {
                world: Arc::clone(&self.world),
                queues: Arc::clone(&self.queues),
                workshop: Arc::clone(&self.workshop),
            };
            let destinations = fed.map(|(to, wanted)| Destination::new(to.name, to.name, &wanted));
            let relay = Arc::new(Relay::new(sink, destinations.collect(), LANES));
            let (batch, minutes) = self.world.draw(|random| {
                (
                    [1, 3, 10, 100][random.usize(..4)],
                    [5, 60, 23 * 60][random.usize(..3)],
                )
            });
            let window = self.world.draw(|random| [20, 1_000, 5_000][random.usize(..3)]);
            for shard in 0..3 {
                let mapping = Mapping {
                    world: Arc::clone(&self.world),
                    table: table.name.clone(),
                    shard,
                    batch,
                    window,
                    most_age: minutes * 60_000,
                    relay: Arc::clone(&relay),
                    queues: Arc::clone(&self.queues),
                    workshop: Arc::clone(&self.workshop),
                };
                self.tasks.spawn(mapping.run());
            }
        }
    }

    fn subscribe(&mut self, system: &System) {
        // Also of views that are not updated: a client may read them, and reads catch up.
        for subscriber in system.subscribers() {
            self.world.create(subscriber.table());
        }
        for subject in &self.subjects {
            let version = self.world.draw(|random| match random.u8(..6) {
                0 | 1 => Version::Poisoned,
                _ => Version::Current,
            });
            // A deployment replaces one instance after another.
            let other = self.world.draw(|random| match random.u8(..6) {
                0 => Version::Earlier,
                _ => version,
            });
            let functions = [version, other].map(|version| Function::new(subject.function(version)));
            let batch = self.world.draw(|random| [1, 3, 10][random.usize(..3)]);
            for (instance, function) in functions.iter().enumerate() {
                let consumer = Consumer {
                    world: Arc::clone(&self.world),
                    queues: Arc::clone(&self.queues),
                    name: subject.name().to_owned(),
                    instance,
                    batch,
                    function: function.clone(),
                    timeout: subject.timeout,
                };
                self.tasks.spawn(consumer.run());
            }
            self.tasks.spawn(heal_dead_letters(
                Arc::clone(&self.world),
                Arc::clone(&self.queues),
                subject.name().to_owned(),
                Arc::clone(&self.workshop),
            ));
            self.functions.insert(subject.name(), functions);
        }
    }

    /// Deploys a subscriber's version without the bug.
    pub(crate) fn deploy(&self, subject: &Subject) {
        self.world.note(format_args!("{} is deployed", subject.name()));
        for function in &self.functions[subject.name()] {
            function.deploy(subject.function(Version::Current));
        }
    }

    /// Deploys the current version of every subscriber.
    pub(crate) fn deploy_all(&self) {
        self.subjects.iter().for_each(|subject| self.deploy(subject));
        self.current.set(true);
    }

    /// Returns the number of sources that will continue by themselves. Those that wait for newer code do not before it is
    /// deployed.
    fn waiting(&self) -> usize {
        let due = self
            .subjects
            .iter()
            .flat_map(|subject| self.world.due(subject.name()));
        let due = due.filter(|(_, kind)| kind != "newer" || self.current.get());
        due.count()
    }

    /// Returns the deadlines of reactors that are not answered yet.
    fn deadlines(&self) -> Vec<Deadline> {
        let subjects = self.subjects.iter();
        subjects
            .flat_map(|subject| self.world.deadlines(subject.name()))
            .collect()
    }

    /// Sends the task of the schedule, which builds views that were never built.
    pub(crate) fn fill(&self, now: bool) {
        self.workshop.push(Task::Fill { now }, Duration::ZERO);
    }

    /// Sends the task of the schedule, which continues the rounds of sweeps.
    pub(crate) fn sweep_rounds(&self) {
        self.workshop.push(Task::SweepRounds {}, Duration::ZERO);
    }

    /// Returns the operator's control of a subscriber.
    pub(crate) fn control(&self, name: &str) -> &Control {
        let mut controls = self.worker.controls();
        let control = controls.find(|control| control.subject().name == name);
        control.expect("every subscriber is wired to the worker")
    }

    /// Returns the serving generation of a subscriber.
    pub(crate) fn serving(&self, name: &str) -> u64 {
        self.registered(name, "serving").unwrap_or(1)
    }

    /// Returns the number of sweeps that a subscriber had.
    pub(crate) fn sweeps(&self, name: &str) -> u64 {
        self.registered(name, "sweeps").unwrap_or(0)
    }

    fn registered(&self, name: &str, attribute: &str) -> Option<u64> {
        let registry = self.world.partition(name, "registry");
        let value = registry.iter().find_map(|item| item.get(attribute))?;
        value.as_n().ok()?.parse().ok()
    }

    /// Returns the number of the worker's tasks for rebuilds and sweeps that wait or are in progress.
    pub(crate) fn outstanding_runs(&self) -> usize {
        self.workshop.outstanding_runs()
    }

    /// Waits until no work is in progress, and every deadline has passed and is answered.
    pub(crate) async fn quiet(&mut self) -> anyhow::Result<()> {
        let until = self.world.now() + PATIENCE;
        loop {
            if let Some(ended) = self.tasks.try_join_next() {
                anyhow::bail!("a part of the system ended: {ended:?}");
            }
            let records = self.world.streams(|streams| streams.outstanding());
            let messages = self.queues.outstanding() + self.workshop.outstanding();
            let waiting = self.waiting();
            let deadlines = self.deadlines();
            if records + messages + waiting + deadlines.len() == 0 {
                return Ok(());
            }
            let late = deadlines
                .iter()
                .find(|deadline| deadline.time + LATEST < self.world.now());
            if let Some(late) = late.filter(|_| messages == 0) {
                anyhow::bail!(
                    "{} waits for ever: its deadline passed an hour ago and is not answered",
                    late.document
                );
            }
            ensure!(
                self.world.now() < until,
                "{records} records, {messages} messages, {waiting} parked sources and {} deadlines circulate for ever",
                deadlines.len()
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

fn owners(system: &System) -> Owners {
    let tables = system.event_tables();
    tables
        .flat_map(|table| {
            let categories = table.categories.iter();
            categories.map(move |category| (*category, table.name.clone()))
        })
        .collect()
}

/// Returns every reactor, and all views or about [`VIEWS`] of them.
fn subjects(
    world: &Arc<World>,
    system: &System,
    owners: &Owners,
    wiring: &Wiring,
) -> Result<Vec<Arc<Subject>>, UnwiredError> {
    let every = system.views().count().div_ceil(VIEWS);
    let first = match every {
        0 | 1 => 0,
        _ => world.draw(|random| random.usize(..every)),
    };
    let views = system.views().skip(first).step_by(every.max(1));
    let fed: BTreeSet<&str> = views.chain(system.reactors()).map(|fed| fed.name).collect();
    let mut subjects = Vec::new();
    for (part, function) in system.functions() {
        let subject = Subject::new(world, owners, wiring, part, function)?;
        subjects.extend(
            subject
                .filter(|subject| fed.contains(subject.name()))
                .map(Arc::new),
        );
    }
    Ok(subjects)
}
