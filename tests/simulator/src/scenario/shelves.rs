//! A few shelves, racing clients, and the view of them.

use super::answer::taken;
use super::{Play, read_on};
use crate::faults::Fault;
use crate::promises::Promises;
use crate::shelf::{Left, Right, ShelfCommand, Shelves};
use crate::subject::Owners;
use crate::system::System;
use crate::world::{EPOCH, World};
use commit::{CommandId, Fingerprint, Metadata};
use event_store::{CommandContext, Decider, EventStore};
use function::Subscriber;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

pub(super) fn play(world: &Arc<World>) -> Play {
    let one_table = world.draw(fastrand::Rng::bool);
    let right = if one_table { "left-events" } else { "right-events" };
    let owners: Owners = [("left", "left-events".to_owned()), ("right", right.to_owned())].into();
    let system = System::start(Arc::clone(world), owners, [Subscriber::view::<Shelves>()]);
    let promises = Arc::new(Promises::default());
    let mut clients = JoinSet::new();
    let shelves = world.draw(|random| random.usize(1..=3));
    let instances: Vec<Stores> = (0..2).map(|_| Stores::new(&system)).collect();
    for number in 0..world.draw(|random| random.usize(1..=3)) {
        let client = Client {
            world: Arc::clone(world),
            promises: Arc::clone(&promises),
            stores: instances.clone(),
            shelves,
            number,
        };
        let commands = world.draw(|random| random.u32(1..=4));
        clients.spawn(client.run(commands));
    }
    for subject in &system.subjects {
        let times = world.draw(|random| random.u32(..4));
        let reader = read_on(
            Arc::clone(world),
            Arc::clone(subject),
            Arc::clone(&promises),
            times,
        );
        clients.spawn(reader);
    }
    Play {
        system,
        promises,
        clients,
        agree: |_| Ok(()),
    }
}

/// One instance of the command function.
#[derive(Clone)]
struct Stores {
    left: EventStore<Left>,
    right: EventStore<Right>,
}

impl Stores {
    fn new(system: &System) -> Self {
        Self {
            left: EventStore::new(system.client.clone(), &system.owners["left"]),
            right: EventStore::new(system.client.clone(), &system.owners["right"]),
        }
    }
}

struct Client {
    world: Arc<World>,
    promises: Arc<Promises>,
    stores: Vec<Stores>,
    shelves: usize,
    number: usize,
}

impl Client {
    async fn run(self, commands: u32) -> anyhow::Result<()> {
        for place in 0..commands {
            self.world.rest().await;
            let world = &self.world;
            let (shelf, left) = world.draw(|random| (random.usize(..self.shelves), random.bool()));
            let id = format!("shelf-{shelf}");
            let command = world.draw(command);
            let context = CommandContext {
                command_id: CommandId::derive(&[&self.number.to_string(), &place.to_string()]),
                fingerprint: Fingerprint::of(&[b"shelf"]),
                now: Timestamp::from_millisecond(EPOCH + i64::try_from(world.now())?)?,
                metadata: Metadata::default(),
            };
            let (a, b) = (self.instance(), self.instance());
            if left {
                self.insist(&a.left, &b.left, id.as_str(), &command, &context)
                    .await?;
            } else {
                self.insist(&a.right, &b.right, id.as_str(), &command, &context)
                    .await?;
            }
        }
        Ok(())
    }

    fn instance(&self) -> Stores {
        let place = self.world.draw(|random| random.usize(..self.stores.len()));
        self.stores[place].clone()
    }

    /// Sends a command until it is answered, or gives up without ever knowing.
    async fn insist<D>(
        &self,
        store: &EventStore<D>,
        other: &EventStore<D>,
        id: &D::Id,
        command: &D::Command,
        context: &CommandContext,
    ) -> anyhow::Result<()>
    where
        D: Decider,
    {
        let world = &self.world;
        for _ in 0..6 {
            let answer = if world.happens(Fault::CommandDoubled) {
                let both = (
                    store.execute(id, command, context),
                    other.execute(id, command, context),
                );
                let (first, second) = futures::join!(both.0, both.1);
                if let (Ok(first), Ok(second)) = (&first, &second) {
                    // Nothing to do is no effect: what comes between may give the other one something to do.
                    let nothing = first.events.is_empty() || second.events.is_empty();
                    let same = first.version == second.version || nothing;
                    anyhow::ensure!(same, "one command was answered with two versions");
                }
                first
            } else {
                store.execute(id, command, context).await
            };
            let client = format!("client {}", self.number);
            if taken::<D>(world, &self.promises, &client, context.command_id, answer).await? {
                break;
            }
        }
        Ok(())
    }
}

fn command(random: &mut fastrand::Rng) -> ShelfCommand {
    let amount = random.i64(1..400);
    let places: BTreeSet<u8> = (0..random.u8(..3)).map(|_| random.u8(..4)).collect();
    match random.u8(..6) {
        0 => ShelfCommand::Clear,
        1 => ShelfCommand::Replace { amount, places },
        _ => ShelfCommand::Fill { amount, places },
    }
}
