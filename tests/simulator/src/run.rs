use crate::faults::Counts;
use crate::scenario::{Play, draw};
use crate::world::World;
use anyhow::{Context, anyhow, ensure};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::runtime::Builder;
use tokio::task::LocalSet;

/// What one seed did.
#[derive(Debug, Clone)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// What does not hold, if anything.
    pub failure: Option<String>,
    /// The faults.
    pub counts: Counts,
    /// A hash of everything that happened, in order.
    pub hash: u64,
    /// How many events that were.
    pub events: u64,
    /// How many DynamoDB calls.
    pub calls: u64,
    /// How much virtual time passed, in milliseconds.
    pub elapsed: u64,
    /// What happened, when it was asked for.
    pub trace: Option<String>,
}

/// Runs one seed; with `readable` the report says what happened.
#[must_use]
pub fn run(seed: u64, readable: bool) -> Report {
    // The engine's jitter, and everything else that draws without the world.
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
        .map(|operation| format!("the simulator cannot do {operation}"));
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

async fn play(world: &Arc<World>) -> anyhow::Result<()> {
    let Play {
        mut system,
        promises,
        mut clients,
        agree,
    } = draw(world);
    let drive = async {
        while let Some(ended) = clients.join_next().await {
            ended.map_err(|error| anyhow!("a client panicked: {error}"))??;
        }
        anyhow::Ok(())
    };
    let (driven, ()) = futures::join!(drive, system.operate());
    driven?;
    // The last commands are followed by faults, too.
    world.pause(60_000).await;
    world.calm();
    system.quiet().await.context("after the faults")?;
    let history = system.history()?;
    system.check_commits(&promises, &history)?;
    system.check_accounted(&history).await?;
    system.repair().await?;
    let history = system.history()?;
    system.check_commits(&promises, &history)?;
    agree(&history)?;
    for subject in &system.subjects {
        let name = subject.name();
        subject.verify(system.serving(name), world.contents(name), &history)?;
    }
    ensure!(world.unable().is_none(), "the simulator was not able");
    Ok(())
}
