use crate::bench::Bench;
use crate::plan::Plan;
use crate::property::{check, deliver};
use anyhow::ensure;
use commit::{CommandId, Commit};
use projection::testing::{EveryFourth, Poisoned, Reactions};
use projection::{Cause, EffectError, Effects, Options, Reactor, ReactorRunner};
use proptest::strategy::Strategy;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::future::{Future, ready};
use std::sync::{Arc, Mutex, PoisonError};

/// Checks G6 for a reactor: whatever happens during delivery (as for [`converges`](super::converges), and effects fail
/// now and then), it requests every command of the history, each under one command id and no other, and its documents
/// are the fold of the sources.
///
/// The property holds for a reactor whose commands follow from the events of one source at a time. For others the
/// result depends on the order in which sources arrive.
///
/// Runs at most `most` cases ([`cases`](super::cases)).
///
/// # Panics
/// When the property does not hold, with the smallest history and plan that were found, and the seed.
#[track_caller]
pub fn reacts_once<R: Reactor>(histories: impl Strategy<Value = Vec<Commit>>, most: u32)
where
    R::Command: Debug + Clone + PartialEq,
{
    check(&[], histories, most, case::<R>);
}

/// Records the commands that it runs; now and then a command fails the first time.
struct Recorder<C> {
    ran: Mutex<BTreeMap<CommandId, C>>,
    failed: Mutex<HashSet<CommandId>>,
    differed: Mutex<Option<String>>,
}

/// A recorder shared by the runners before and after the fix.
struct Shared<C>(Arc<Recorder<C>>);

impl<C: Debug + PartialEq + Send + 'static> Effects<C> for Shared<C> {
    fn run(&self, command: C, cause: &Cause) -> impl Future<Output = Result<(), EffectError>> + Send {
        ready(self.0.record(command, cause.command_id))
    }
}

impl<C: Debug + PartialEq> Recorder<C> {
    fn record(&self, command: C, id: CommandId) -> Result<(), EffectError> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if id.bytes()[0].is_multiple_of(5) && failed.insert(id) {
            return Err(EffectError::Retry("fails the first time".to_owned()));
        }
        let mut ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner);
        match ran.get(&id) {
            Some(first) if *first != command => {
                let difference = format!("{id}: {first:?}, then {command:?}");
                *self.differed.lock().unwrap_or_else(PoisonError::into_inner) = Some(difference);
            }
            Some(_) => {}
            None => {
                ran.insert(id, command);
            }
        }
        Ok(())
    }
}

/// Returns options with which a failed effect fails its message, so that the redelivery is tested.
fn once() -> Options {
    Options {
        effect_tries: 1,
        ..Options::default()
    }
}

async fn case<R: Reactor>(bench: Bench, history: Vec<Commit>, plan: Plan) -> anyhow::Result<()>
where
    R::Command: Debug + Clone + PartialEq,
{
    // A reactor has one generation.
    let plan = Plan {
        generations: 1,
        ..plan
    };
    let recorder = Arc::new(Recorder {
        ran: Mutex::default(),
        failed: Mutex::default(),
        differed: Mutex::default(),
    });
    let sources = bench.sources(R::SOURCES);
    let (client, table) = (&bench.client, &bench.view_table);
    let broken = ReactorRunner::<Poisoned<R, EveryFourth>, _>::new(
        client.clone(),
        table,
        sources.clone(),
        Shared(Arc::clone(&recorder)),
        once(),
    );
    let fixed = ReactorRunner::<R, _>::new(
        client.clone(),
        table,
        sources,
        Shared(Arc::clone(&recorder)),
        once(),
    );
    deliver(&plan, &history, &broken, &fixed, &bench, R::SOURCES).await?;

    let expected = Reactions::<R>::to(&history)?;
    {
        let ran = recorder.ran.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(
            *ran == expected.commands,
            "ran {:#?}, expected {:#?}",
            *ran,
            expected.commands
        );
    }
    let differed = recorder
        .differed
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    ensure!(differed.is_none(), "{differed:?}");
    let differences = expected.differences(bench.contents().await?);
    ensure!(differences.is_empty(), "{}", differences.join("\n"));
    Ok(())
}
