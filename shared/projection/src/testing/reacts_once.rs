use super::bench::Bench;
use super::plan::Plan;
use super::poisoned::{EveryFourth, Poisoned};
use super::property::{check, deliver};
use crate::item::{Item, PK, SELF, SK, partition, text};
use crate::options::Options;
use crate::projector::ReactorRunner;
use crate::reactor::{Cause, EffectError, Effects, Reactor};
use crate::state::{State, Step};
use crate::stored::Stored;
use crate::subscriber::ReactorOf;
use anyhow::{bail, ensure};
use commit::{CommandId, Commit};
use proptest::strategy::Strategy;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::future::{Future, ready};
use std::sync::{Arc, Mutex, PoisonError};

/// G6 for a reactor: whatever happens on the way (as for [`converges`](super::converges), and effects fail now and then),
/// it asks for every command of the history, each under one command id and no other, and its documents are the fold of
/// the sources.
///
/// It holds for a reactor whose commands follow from the events of one source at a time. For others the order in which
/// sources arrive is part of the answer.
///
/// Runs so many cases at most ([`cases`](super::cases)).
///
/// # Panics
/// When it does not hold, with the smallest history and plan that were found, and the seed.
#[track_caller]
pub fn reacts_once<R: Reactor>(histories: impl Strategy<Value = Vec<Commit>>, most: u32)
where
    R::Command: Debug + Clone + PartialEq,
{
    check(&[], histories, most, case::<R>);
}

/// Remembers what it ran; now and then fails a command the first time.
struct Recorder<C> {
    ran: Mutex<BTreeMap<CommandId, C>>,
    failed: Mutex<HashSet<CommandId>>,
    differed: Mutex<Option<String>>,
}

/// Shared by the runner before and after the fix.
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
            return Err(EffectError::Retry("not the first time".to_owned()));
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

/// A failed effect fails its message, so that the redelivery is what is tested.
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

    let (expected, documents) = reference::<R>(&history)?;
    {
        let ran = recorder.ran.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(*ran == expected, "ran {:#?}, expected {expected:#?}", *ran);
    }
    let differed = recorder
        .differed
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    ensure!(differed.is_none(), "{differed:?}");

    let mut found: BTreeMap<String, Item> = BTreeMap::new();
    for item in bench.contents().await? {
        ensure!(text(&item, SK).as_deref() == Some(SELF), "left over: {item:#?}");
        found.insert(text(&item, PK).unwrap_or_default(), item);
    }
    ensure!(found.len() == documents.len(), "left over: {found:#?}");
    for (key, expected) in documents {
        let item = found.remove(&partition(1, &key));
        let state = Stored::<ReactorOf<R, Shared<R::Command>>>::read(item).state;
        ensure!(
            state.document == expected.document && state.versions == expected.versions,
            "{key} differs"
        );
    }
    Ok(())
}

type Reference<R> = (
    BTreeMap<CommandId, <R as Reactor>::Command>,
    BTreeMap<String, State<ReactorOf<R, Shared<<R as Reactor>::Command>>>>,
);

/// What the history asks for when nothing goes wrong.
fn reference<R: Reactor>(history: &[Commit]) -> anyhow::Result<Reference<R>>
where
    R::Command: Debug + Clone + PartialEq,
{
    let mut commands = BTreeMap::new();
    let mut documents: BTreeMap<String, State<_>> = BTreeMap::new();
    let mut commits: Vec<&Commit> = history.iter().collect();
    commits.sort_by_key(|commit| (&commit.stream, commit.first));
    for commit in commits {
        let state = documents.entry(commit.stream.id().to_owned()).or_default();
        match state.step(commit) {
            Step::Ready(mut advance) => {
                let asked = std::mem::take(&mut advance.commands);
                commands.extend(asked.into_iter().map(|(cause, c)| (cause.command_id, c)));
                state.accept(commit, *advance);
            }
            _ => bail!("{} {} cannot be applied", commit.stream, commit.first),
        }
    }
    Ok((commands, documents))
}
