//! The operator's steps, and how long they take.

use crate::rebuild::history::{History, progress};
use crate::rebuild::market::Market;
use anyhow::{Context, bail, ensure};
use projection::operations::{ControlError, Rebuild, RebuildOptions, State, Sweep};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(7_200);
const LOOK: Duration = Duration::from_millis(100);

/// The cost of a way to fill a view.
pub(crate) struct Numbers {
    pub(crate) commits_per_second: f64,
    pub(crate) documents: u64,
    pub(crate) writes_per_document: f64,
    pub(crate) write_units_per_document: f64,
    pub(crate) read_units_per_document: f64,
}

/// Builds a generation, and returns the rate of its scan and its cost, the verification included.
pub(crate) async fn rebuild(market: &Market, generation: u64) -> anyhow::Result<Numbers> {
    let control = market.control()?;
    let started = control.start_rebuild(&RebuildOptions::default()).await?;
    ensure!(
        started.generation == generation,
        "generation {} began",
        started.generation
    );
    let progress = progress(&format!("generation {generation}"), 0);
    let deadline = Instant::now() + PATIENCE;
    let rebuild = loop {
        let rebuild = control.rebuild(generation).await?.context("it was started")?;
        progress.set_length(rebuild.expected.unwrap_or(0));
        progress.set_position(rebuild.scanned.read);
        match rebuild.state {
            State::Building => ensure!(Instant::now() < deadline, "it takes too long: {rebuild:?}"),
            State::Ready => break rebuild,
            state => bail!("it is {state:?}: {:?}", rebuild.failure),
        }
        tokio::time::sleep(LOOK).await;
    };
    progress.finish_and_clear();
    let mut all = rebuild.scanned;
    all += rebuild.verified;
    let documents = rebuild.verified.documents.max(1) as f64;
    Ok(Numbers {
        commits_per_second: rate(&rebuild)?,
        documents: rebuild.verified.documents,
        writes_per_document: all.written as f64 / documents,
        write_units_per_document: all.write_units / documents,
        read_units_per_document: all.read_units / documents,
    })
}

fn rate(rebuild: &Rebuild) -> anyhow::Result<f64> {
    let now = rebuild.scan_ended.context("the scan has ended")?;
    rebuild.rate(now).context("the scan took no time")
}

/// Waits until the rows of a generation are deleted.
pub(crate) async fn cleared(market: &Market, generation: u64) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while market.control()?.overview().await?.clearing.contains(&generation) {
        ensure!(
            Instant::now() < deadline,
            "generation {generation} is still there"
        );
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// Returns the time from the request of a flip until each of fifty reads in a row returns the other generation: an unchanged
/// document has a different entity tag in each generation.
pub(crate) async fn visible(
    market: &Market,
    history: &History,
    flip: impl Future<Output = Result<Rebuild, ControlError>>,
) -> anyhow::Result<Duration> {
    const IN_A_ROW: u32 = 50;
    let path = format!("/orders/{}", history.order(0));
    let before = market.tag(&path).await?;
    let asked = Instant::now();
    flip.await?;
    let (mut seen, mut since) = (0, asked);
    while seen < IN_A_ROW {
        if market.tag(&path).await? != before {
            if seen == 0 {
                since = Instant::now();
            }
            seen += 1;
        } else {
            seen = 0;
        }
        ensure!(asked.elapsed() < PATIENCE, "the flip is not visible");
    }
    Ok(since - asked)
}

/// Compares every document with the fold of its events.
pub(crate) async fn sweep(market: &Market) -> anyhow::Result<Sweep> {
    let control = market.control()?;
    let started = control.start_sweep(true, None).await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let sweep = control.sweep(started.number).await?.context("it was started")?;
        if sweep.state != State::Running {
            return Ok(sweep);
        }
        ensure!(Instant::now() < deadline, "the sweep takes too long: {sweep:?}");
        tokio::time::sleep(LOOK).await;
    }
}
