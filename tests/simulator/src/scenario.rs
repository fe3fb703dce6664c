use crate::{Clients, Rng};
use anyhow::{Context, ensure};
use commit::Commit;
use function::System;

/// A system and the actions of its clients, in a run with faults.
///
/// Every run checks the invariants of any system: of its streams, its views and its reactors. [`Self::agree`] checks the
/// invariants of this system.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Creates the system. A scenario with only one system ignores the random numbers.
    pub system: fn(&mut Rng) -> System,
    /// Adds the clients. One to three with a few commands each are enough: a run is cheap, and a short one is easy to read.
    pub clients: fn(&mut Clients),
    /// Checks all commits at rest, stream by stream and in order: for example, that no money is created or lost, and that no
    /// order waits for a reply. When this is called, every commit has reached every reactor, and no work is in progress.
    pub agree: fn(&[Commit]) -> anyhow::Result<()>,
}

/// Draws one of these scenarios in proportion to their weights.
pub(crate) fn draw<'a>(scenarios: &'a [(u32, Scenario)], random: &mut Rng) -> anyhow::Result<&'a Scenario> {
    let total: u32 = scenarios.iter().map(|(weight, _)| weight).sum();
    ensure!(total > 0, "no scenario has a weight: give one of them at least 1");
    let mut place = random.u32(..total);
    let drawn = scenarios.iter().find(|(weight, _)| {
        let here = place < *weight;
        place = place.saturating_sub(*weight);
        here
    });
    drawn
        .map(|(_, scenario)| scenario)
        .context("a draw is below the sum of the weights")
}
