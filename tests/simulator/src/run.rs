use crate::clients::Clients;
use crate::deployment::Deployment;
use crate::faults::Counts;
use crate::promises::Promises;
use crate::reader::read_on;
use crate::scenario::{Scenario, draw};
use crate::world::World;
use anyhow::{Context, ensure};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

/// The result of one seed.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// The violated invariant, if any.
    pub failure: Option<String>,
    /// The counts of faults.
    pub counts: Counts,
    /// A hash of all events, in order.
    pub hash: u64,
    /// The number of events.
    pub events: u64,
    /// The number of DynamoDB calls.
    pub calls: u64,
    /// The virtual time, in milliseconds.
    pub elapsed: u64,
    /// The trace, if requested.
    pub trace: Option<String>,
}

/// Runs one seed; the scenario is drawn by weight. With `readable` the report has a trace.
#[must_use]
pub fn run(scenarios: &[(u32, Scenario)], seed: u64, readable: bool) -> Report {
    start(seed, readable, async |world| play(world, scenarios).await)
}

/// Runs one seed whose only fault is that DynamoDB refuses, for twelve minutes under load, every write of one service's
/// event table, and every write of one subscriber's table. Afterwards everything must be where it belongs, and nobody
/// redrives, sweeps or deploys: nothing may be quarantined, and there may be no dead letter.
#[must_use]
pub fn run_outage(scenarios: &[(u32, Scenario)], seed: u64, readable: bool) -> Report {
    start(seed, readable, async |world| play_outage(world, scenarios).await)
}

fn start(seed: u64, readable: bool, play: impl AsyncFnOnce(&Arc<World>) -> anyhow::Result<()>) -> Report {
    // The engine's jitter and other code draw random numbers without the world.
    fastrand::seed(seed);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let runtime = runtime.expect("a runtime without I/O needs nothing");
    let world = {
        let _clock = runtime.enter();
        Arc::new(World::new(seed, readable))
    };
    let played = catch_unwind(AssertUnwindSafe(|| {
        let tasks = LocalSet::new();
        runtime.block_on(tasks.run_until(play(&world)))
    }));
    let failure = match played {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("{error:#}")),
        Err(_) => Some("it panicked; see above".to_owned()),
    };
    let unable = world
        .unable()
        .map(|operation| format!("the simulator does not support {operation}"));
    let elapsed = {
        let _clock = runtime.enter();
        world.now()
    };
    let (hash, events, calls, trace) = world.trace();
    Report {
        seed,
        failure: unable.or(failure),
        counts: world.counts(),
        hash,
        events,
        calls,
        elapsed,
        trace,
    }
}

async fn play(world: &Arc<World>, scenarios: &[(u32, Scenario)]) -> anyhow::Result<()> {
    let scenario = world.draw(|random| draw(scenarios, random))?;
    let system = world.draw(scenario.system);
    let mut deployment = Deployment::start(Arc::clone(world), &system)?;
    let promises = Arc::new(Promises::default());
    let mut clients = Clients::new(world, &promises, deployment.instances(&system));
    (scenario.clients)(&mut clients);
    for subject in &deployment.subjects {
        let times = world.draw(|random| random.u32(..4));
        clients.watch(read_on(
            Arc::clone(world),
            Arc::clone(subject),
            Arc::clone(&promises),
            times,
        ));
    }
    let (finished, ()) = futures::join!(clients.finish(), deployment.operate(&promises));
    finished?;
    // Faults also follow the last commands.
    world.pause(60_000).await;
    world.calm();
    deployment.quiet().await.context("after the faults")?;
    let history = deployment.history()?;
    deployment.check_commits(&promises, &history)?;
    // Messages that were handled before their table was put back are gone; the sweep finds what is missing.
    if !deployment.was_put_back() {
        deployment.check_accounted(&history).await?;
    }
    deployment.repair().await?;
    deployment.check_sweeps().await?;
    let history = deployment.history()?;
    deployment.check_commits(&promises, &history)?;
    (scenario.agree)(&history)?;
    for subject in &deployment.subjects {
        let name = subject.name();
        subject.verify(deployment.serving(name), world.contents(name), &history)?;
    }
    ensure!(world.unable().is_none(), "the simulator lacks an operation");
    Ok(())
}

/// The duration of the outage, in milliseconds.
const OUTAGE: u64 = 12 * 60_000;

async fn play_outage(world: &Arc<World>, scenarios: &[(u32, Scenario)]) -> anyhow::Result<()> {
    world.calm();
    let scenario = world.draw(|random| draw(scenarios, random))?;
    let system = world.draw(scenario.system);
    let mut deployment = Deployment::start(Arc::clone(world), &system)?;
    deployment.deploy_all();
    // New views are filled by runs of the worker, which are not the subject here.
    deployment.quiet().await.context("before the outage")?;
    let promises = Arc::new(Promises::default());
    let mut clients = Clients::new(world, &promises, deployment.instances(&system));
    (scenario.clients)(&mut clients);
    let outage = async {
        // Some commands are executed before it, so that reactors have something to do.
        world.rest().await;
        deployment.fail(OUTAGE);
    };
    let (finished, ()) = futures::join!(clients.finish(), outage);
    finished?;
    deployment.quiet().await.context("after the outage")?;
    // The outage may be longer than the work.
    tokio::time::sleep(std::time::Duration::from_millis(OUTAGE)).await;
    deployment.quiet().await.context("after the outage")?;
    let history = deployment.history()?;
    deployment.check_commits(&promises, &history)?;
    deployment.check_nothing_to_do().await?;
    (scenario.agree)(&history)?;
    for subject in &deployment.subjects {
        let name = subject.name();
        subject.verify(deployment.serving(name), world.contents(name), &history)?;
    }
    ensure!(world.unable().is_none(), "the simulator lacks an operation");
    Ok(())
}
