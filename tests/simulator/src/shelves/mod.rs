//! A few shelves, racing clients, and their view.

mod shelf;

use crate::{Client, Clients, Rng, Scenario};
use function::{Part, System};
use shelf::{Left, Right, ShelfCommand, Shelves};
use std::collections::BTreeSet;

/// A small system with every feature of views: two sources, in one event table or in two, an index, derived rows, a journal and
/// tallies. A run makes 80 to 100 DynamoDB calls, so it takes most of a campaign's runs.
pub const SHELVES: Scenario = Scenario {
    system,
    clients,
    agree: |_| Ok(()),
};

fn system(random: &mut Rng) -> System {
    let one_table = random.bool();
    let left: &[&str] = if one_table { &["left", "right"] } else { &["left"] };
    let system = System::new("Shelves", "What both sides of a few shelves hold.")
        .with(Part::service("left", left).keeps::<Shelves>("projector"));
    if one_table {
        system
    } else {
        system.with(Part::service("right", &["right"]))
    }
}

fn clients(clients: &mut Clients) {
    let shelves = clients.draw(|random| random.usize(1..=3));
    for _ in 0..clients.draw(|random| random.usize(1..=3)) {
        let commands = clients.draw(|random| random.u32(1..=4));
        clients.add(|client| fill(client, shelves, commands));
    }
}

async fn fill(client: Client, shelves: usize, commands: u32) -> anyhow::Result<()> {
    for _ in 0..commands {
        client.rest().await;
        let (shelf, left) = client.draw(|random| (random.usize(..shelves), random.bool()));
        let id = format!("shelf-{shelf}");
        let command = client.draw(command);
        if left {
            client.insist::<Left>(&id, &command).await?;
        } else {
            client.insist::<Right>(&id, &command).await?;
        }
    }
    Ok(())
}

fn command(random: &mut Rng) -> ShelfCommand {
    let amount = random.i64(1..400);
    let places: BTreeSet<u8> = (0..random.u8(..3)).map(|_| random.u8(..4)).collect();
    match random.u8(..6) {
        0 => ShelfCommand::Clear,
        1 => ShelfCommand::Replace { amount, places },
        _ => ShelfCommand::Fill { amount, places },
    }
}
