//! Everything of one run, wired: tables, relays, queues, subscribers.

use crate::consumer::{Consumer, Function};
use crate::dynamo::client;
use crate::queue::{QueueSink, Queues};
use crate::stream::Mapping;
use crate::subject::{Owners, Subject};
use crate::workshop::Workshop;
use crate::world::World;
use anyhow::ensure;
use aws_sdk_dynamodb::Client;
use event_store::event_table;
use function::{Subscriber, Wiring};
use projection::operations::{Control, Task, Worker};
use relay::{Destination, Relay};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Message groups per queue: few, so that documents share them.
pub(crate) const LANES: u32 = 3;

/// After that much virtual time something goes round for ever.
const PATIENCE: u64 = 12 * 3_600_000;

pub(crate) struct System {
    pub(crate) world: Arc<World>,
    pub(crate) client: Client,
    pub(crate) owners: Owners,
    pub(crate) subjects: Vec<Arc<Subject>>,
    pub(crate) queues: Arc<Queues>,
    pub(crate) worker: Arc<Worker>,
    workshop: Arc<Workshop>,
    functions: BTreeMap<&'static str, Function>,
    tasks: JoinSet<()>,
}

impl System {
    /// With the event tables of these categories and these subscribers.
    pub(crate) fn start(
        world: Arc<World>,
        owners: Owners,
        subscribers: impl IntoIterator<Item = Subscriber>,
    ) -> Self {
        let client = client(&world);
        let subscribers: Vec<Subscriber> = subscribers.into_iter().collect();
        let mut wiring = Wiring::new(client.clone());
        for (category, table) in &owners {
            wiring = wiring.events(*category, table);
        }
        for subscriber in &subscribers {
            wiring = wiring.documents(subscriber.name, subscriber.name);
        }
        let subject = |subscriber| Arc::new(Subject::new(&world, &owners, &wiring, subscriber));
        let subjects: Vec<Arc<Subject>> = subscribers.iter().cloned().map(subject).collect();
        let visibility = world.draw(|random| [20_000, 60_000, 180_000][random.usize(..3)]);
        let names = subjects.iter().map(|subject| subject.name().to_owned());
        let queues = Arc::new(Queues::new(names, Duration::from_millis(visibility)));
        let workshop = Workshop::new(&world, &queues);
        let worker = Worker::new(workshop.clone(), workshop.options());
        let worker = subscribers.iter().fold(worker, |worker, subscriber| {
            let operated = subscriber.operated(worker, &wiring);
            operated.expect("every category of a subscriber has an owner")
        });
        let mut system = Self {
            world,
            client,
            owners,
            subjects,
            queues,
            worker: Arc::new(worker),
            workshop,
            functions: BTreeMap::new(),
            tasks: JoinSet::new(),
        };
        system.map_streams();
        system.subscribe();
        for instance in 0..2 {
            let work = system.workshop.clone().work(system.worker.clone(), instance);
            system.tasks.spawn_local(work);
        }
        // Otherwise nobody looks until there is a past.
        if system.world.draw(|random| random.u8(..4)) > 0 {
            system.fill(false);
        }
        system
    }

    fn map_streams(&mut self) {
        let tables: BTreeSet<String> = self.owners.values().cloned().collect();
        for table in tables {
            self.world.create(event_table(&table));
            let wanted = self.subjects.iter().filter_map(|subject| {
                let categories = subject.categories().iter().copied();
                let here: Vec<&str> = categories
                    .filter(|category| self.owners.get(category) == Some(&table))
                    .collect();
                (!here.is_empty()).then(|| Destination::new(subject.name(), &here))
            });
            let sink = QueueSink {
                world: Arc::clone(&self.world),
                queues: Arc::clone(&self.queues),
            };
            let relay = Arc::new(Relay::new(sink, wanted.collect(), LANES));
            let (batch, attempts) = self
                .world
                .draw(|random| ([1, 3, 10, 100][random.usize(..4)], [3, 5, 10][random.usize(..3)]));
            let window = self.world.draw(|random| [20, 1_000, 5_000][random.usize(..3)]);
            for shard in 0..3 {
                let mapping = Mapping {
                    world: Arc::clone(&self.world),
                    table: table.clone(),
                    shard,
                    batch,
                    window,
                    attempts,
                    relay: Arc::clone(&relay),
                    queues: Arc::clone(&self.queues),
                };
                self.tasks.spawn(mapping.run());
            }
        }
    }

    fn subscribe(&mut self) {
        for subject in &self.subjects {
            self.world.create(subject.subscriber.table());
            let poisoned = self.world.draw(|random| random.u8(..3) == 0);
            let function = Function::new(subject.function(poisoned));
            let batch = self.world.draw(|random| [1, 3, 10][random.usize(..3)]);
            for instance in 0..2 {
                let consumer = Consumer {
                    world: Arc::clone(&self.world),
                    queues: Arc::clone(&self.queues),
                    name: subject.name().to_owned(),
                    instance,
                    batch,
                    function: function.clone(),
                };
                self.tasks.spawn(consumer.run());
            }
            self.functions.insert(subject.name(), function);
        }
    }

    /// Deploys the version of a subscriber that has no bug.
    pub(crate) fn deploy(&self, subject: &Subject) {
        self.world.note(format_args!("{} is deployed", subject.name()));
        self.functions[subject.name()].deploy(subject.function(false));
    }

    /// What a schedule does every minute: views that were never built are built.
    pub(crate) fn fill(&self, now: bool) {
        self.workshop.push(Task::Fill { now }, Duration::ZERO);
    }

    /// What an operator may ask of a subscriber.
    pub(crate) fn control(&self, name: &str) -> &Control {
        let mut controls = self.worker.controls();
        let control = controls.find(|control| control.subject().name == name);
        control.expect("every subscriber is wired to the worker")
    }

    /// The generation of a subscriber that readers see.
    pub(crate) fn serving(&self, name: &str) -> u64 {
        let registry = self.world.partition(name, "registry");
        let serving = registry.iter().find_map(|item| item.get("serving"));
        serving
            .and_then(|serving| serving.as_n().ok()?.parse().ok())
            .unwrap_or(1)
    }

    /// Waits until nothing is under way.
    pub(crate) async fn quiet(&mut self) -> anyhow::Result<()> {
        let until = self.world.now() + PATIENCE;
        loop {
            if let Some(ended) = self.tasks.try_join_next() {
                anyhow::bail!("a part of the system ended: {ended:?}");
            }
            let records = self.world.streams(|streams| streams.outstanding());
            let messages = self.queues.outstanding() + self.workshop.outstanding();
            if records + messages == 0 {
                return Ok(());
            }
            ensure!(
                self.world.now() < until,
                "{records} records and {messages} messages go round for ever"
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
