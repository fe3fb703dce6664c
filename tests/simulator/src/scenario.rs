use crate::{Clients, Rng};
use anyhow::{Context, ensure};
use commit::Commit;
use function::System;

/// A system and what its clients do, in a run where everything else goes wrong.
///
/// Every run checks what has to hold of any system: of its streams, its views and its reactors. [`Self::agree`] is what has
/// to hold of this one.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// The system. A scenario of one system ignores the draw.
    pub system: fn(&mut Rng) -> System,
    /// Adds the clients. One to three with a few commands each are enough: a run is cheap, and a short one is easy to read.
    pub clients: fn(&mut Clients),
    /// What has to hold of all commits at rest, stream by stream and in order: that money is neither made nor lost, that no
    /// order waits for an answer. When this is called, every commit has reached every reactor, and nothing is under way.
    pub agree: fn(&[Commit]) -> anyhow::Result<()>,
}

/// Draws one of these scenarios, each as often as its weight says.
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
