//! The operations on generations. Each changes the state in one step.

use super::{Control, MOST_SEGMENTS, Next, SubjectKind};
use crate::operations::error::ControlError;
use crate::operations::rebuild::{Rebuild, RebuildOptions};
use crate::operations::record::{Kind, Phase, Run, RunId, State};
use crate::operations::run::{Total, places};
use crate::operations::store::Attempts;
use crate::registry::Registry;

const RUNS_SHOWN: usize = 20;

impl Control {
    /// Begins a new generation while another one serves.
    ///
    /// # Errors
    /// [`ControlError::Refused`] for a reactor, while another generation is being built or is ready, and while the last
    /// flip can still be rolled back.
    pub async fn start_rebuild(&self, options: &RebuildOptions) -> Result<Rebuild, ControlError> {
        if self.subject.kind == SubjectKind::Reactor {
            return Err(ControlError::Refused(format!(
                "{} is a reactor: it is never rebuilt, because its side effects would run again",
                self.subject.name
            )));
        }
        let mut attempts = Attempts::default();
        let run = loop {
            let mut registry = self.store.registry().await?;
            let run = match self.next_rebuild(&mut registry, options).await? {
                Next::Known(run) => {
                    break Rebuild {
                        replayed: true,
                        ..self.report(&run).await?
                    };
                }
                Next::New(run) => run,
            };
            let runs = vec![run.clone()];
            if self.store.transition(&registry, runs, &mut attempts).await? {
                break self.report(&run).await?;
            }
        };
        if run.phase != Phase::End {
            self.ring(RunId::rebuild(run.generation)).await?;
        }
        Ok(run)
    }

    pub(crate) async fn next_rebuild(
        &self,
        registry: &mut Registry,
        options: &RebuildOptions,
    ) -> Result<Next, ControlError> {
        if let Some(candidate) = registry.candidate {
            let id = RunId::rebuild(candidate);
            let known = self.store.run(id).await?.ok_or_else(|| lost(id))?;
            if options.idempotency_key.is_none() || known.request != options.idempotency_key {
                return Err(ControlError::Refused(in_the_way(candidate, known.state)));
            }
            return Ok(Next::Known(known));
        }
        if options.idempotency_key.is_some() {
            let known = self.store.runs(Kind::Rebuild).await?.into_iter();
            let mut known = known.filter(|run| run.request == options.idempotency_key);
            if let Some(known) = known.next() {
                return Ok(Next::Known(known));
            }
        }
        if let Some(previous) = registry.previous {
            return Err(ControlError::Refused(format!(
                "generation {previous} is still kept for a rollback of rebuild {}: retire it first",
                registry.serving
            )));
        }
        let generation = registry.last + 1;
        registry.last = generation;
        registry.candidate = Some(generation);
        registry.building = Some(generation);
        registry.feeding.insert(generation);
        let segments = options.segments.unwrap_or(self.options.segments);
        Ok(Next::New(Run {
            id: RunId::rebuild(generation),
            state: State::Building,
            phase: Phase::Fence,
            segments: segments.clamp(1, MOST_SEGMENTS),
            deep: options.compare,
            request: options.idempotency_key.clone(),
            replaces: Some(registry.serving),
            ..self.new_run(self.now())
        }))
    }

    /// Returns the rebuild of this generation, or `None` when there was none.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn rebuild(&self, generation: u64) -> Result<Option<Rebuild>, ControlError> {
        self.find(RunId::rebuild(generation)).await
    }

    /// Returns the last twenty rebuilds, the latest first.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn rebuilds(&self) -> Result<Vec<Rebuild>, ControlError> {
        let mut rebuilds = Vec::new();
        for run in self.store.runs(Kind::Rebuild).await?.iter().take(RUNS_SHOWN) {
            rebuilds.push(self.report(run).await?);
        }
        Ok(rebuilds)
    }

    /// Makes readers use this generation: all of them within a second. The previous one is still fed.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Refused`] unless the generation is ready or was rolled back.
    pub async fn flip(&self, generation: u64) -> Result<Rebuild, ControlError> {
        self.change(generation, |registry, run| {
            match run.state {
                State::Serving if registry.serving == generation => return Ok(false),
                State::Ready | State::RolledBack if registry.candidate == Some(generation) => {}
                State::Ready => {
                    return Err(ControlError::Refused(format!(
                        "generation {generation} is kept for a rollback: roll back rebuild {} instead",
                        registry.serving
                    )));
                }
                State::Building => {
                    return Err(ControlError::Refused(format!(
                        "generation {generation} is still being built ({:?}): wait until it is READY",
                        run.phase
                    )));
                }
                state => return Err(over(generation, state)),
            }
            registry.previous = Some(registry.serving);
            registry.serving = generation;
            registry.candidate = None;
            run.state = State::Serving;
            Ok(true)
        })
        .await
    }

    /// Makes readers use the generation before this one again. This one is still fed, and may be flipped to again.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Refused`] unless the generation serves and the previous one still
    /// exists.
    pub async fn rollback(&self, generation: u64) -> Result<Rebuild, ControlError> {
        self.change(generation, |registry, run| {
            match run.state {
                State::RolledBack => return Ok(false),
                State::Serving if registry.serving == generation => {}
                State::Building | State::Ready => {
                    return Err(ControlError::Refused(format!(
                        "generation {generation} does not serve: to give it up, abort it"
                    )));
                }
                state => return Err(over(generation, state)),
            }
            let Some(previous) = registry.previous.take() else {
                return Err(ControlError::Refused(
                    "the generation before was retired: there is nothing to roll back to".to_owned(),
                ));
            };
            registry.serving = previous;
            registry.candidate = Some(generation);
            run.state = State::RolledBack;
            Ok(true)
        })
        .await
    }

    /// Gives up a generation that does not serve: it is no longer fed, and its rows are deleted after the fence.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Refused`] when the generation serves, or is kept for a rollback.
    pub async fn abort(&self, generation: u64) -> Result<Rebuild, ControlError> {
        let aborted = self
            .change(generation, |registry, run| {
                match run.state {
                    State::Aborted => return Ok(false),
                    State::Building | State::Ready | State::RolledBack
                        if registry.candidate == Some(generation) => {}
                    State::Serving => {
                        return Err(ControlError::Refused(format!(
                            "generation {generation} serves: roll it back first"
                        )));
                    }
                    State::Ready => {
                        return Err(ControlError::Refused(format!(
                            "generation {generation} is kept for a rollback: retire it by rebuild {}",
                            registry.serving
                        )));
                    }
                    state => return Err(over(generation, state)),
                }
                registry.candidate = None;
                run.state = State::Aborted;
                run.enter(Phase::End, self.now());
                Ok(true)
            })
            .await?;
        self.ring(RunId::clear(generation)).await?;
        Ok(aborted)
    }

    /// Gives up the generation that this one replaced: it is no longer fed, and its rows are deleted after the fence. A
    /// rollback is then no longer possible.
    ///
    /// # Errors
    /// [`ControlError::NotFound`]; [`ControlError::Refused`] unless the generation serves.
    pub async fn retire(&self, generation: u64) -> Result<Rebuild, ControlError> {
        let retired = self
            .change(generation, |registry, run| match run.state {
                State::Serving if registry.serving == generation => Ok(registry.previous.take().is_some()),
                State::Building | State::Ready | State::RolledBack => Err(ControlError::Refused(format!(
                    "generation {generation} does not serve: only the generation that it replaced can be retired"
                ))),
                state => Err(over(generation, state)),
            })
            .await?;
        if let Some(replaced) = retired.replaces {
            self.ring(RunId::clear(replaced)).await?;
        }
        Ok(retired)
    }

    /// Changes the registry and a rebuild. Generations that are no longer fed afterwards are cleared.
    async fn change(
        &self,
        generation: u64,
        change: impl Fn(&mut Registry, &mut Run) -> Result<bool, ControlError> + Send + Sync,
    ) -> Result<Rebuild, ControlError> {
        let id = RunId::rebuild(generation);
        let mut attempts = Attempts::default();
        loop {
            let mut registry = self.store.registry().await?;
            let Some(mut run) = self.store.run(id).await? else {
                return Err(ControlError::NotFound(format!(
                    "{} has no rebuild {generation}",
                    self.subject.name
                )));
            };
            if let Some(state) = self.request.as_deref().and_then(|request| run.answered(request)) {
                run.state = state;
                let known = self.report(&run).await?;
                return Ok(Rebuild {
                    replayed: true,
                    ..known
                });
            }
            let before = registry.clone();
            let mut runs = Vec::new();
            let changed = change(&mut registry, &mut run)?;
            if let Some(request) = &self.request {
                run.answer(request);
            }
            // A request that changes nothing is remembered as well: repeated later, it might.
            if changed || self.request.is_some() {
                runs.push(run.clone());
            }
            if changed {
                self.settle(&before, &mut registry, &mut runs).await?;
            }
            if runs.is_empty() || self.store.transition(&registry, runs, &mut attempts).await? {
                return self.report(&run).await;
            }
        }
    }

    /// Applies the consequences of a change of the registry for its generations: which ones are fed, the states of
    /// their rebuilds, and the clearing of the ones that are given up.
    async fn settle(
        &self,
        before: &Registry,
        registry: &mut Registry,
        runs: &mut Vec<Run>,
    ) -> Result<(), ControlError> {
        let fed = [Some(registry.serving), registry.candidate, registry.previous];
        registry.feeding = fed.into_iter().flatten().collect();
        registry.building = registry
            .building
            .filter(|building| registry.candidate == Some(*building));
        let mut moved = |run: Run| runs.push(run);
        for generation in &before.feeding {
            let known = RunId::rebuild(*generation);
            let other = match () {
                () if !registry.feeding.contains(generation) => {
                    moved(Run {
                        id: RunId::clear(*generation),
                        state: State::Running,
                        phase: Phase::Fence,
                        segments: self.options.segments,
                        ..self.new_run(self.now())
                    });
                    (before.previous == Some(*generation)).then_some(State::Retired)
                }
                () if registry.previous == Some(*generation) && before.serving == *generation => {
                    Some(State::Ready)
                }
                () if registry.serving == *generation && before.previous == Some(*generation) => {
                    Some(State::Serving)
                }
                () => None,
            };
            // Generation 1 has no rebuild.
            if let Some(state) = other
                && let Some(mut run) = self.store.run(known).await?
            {
                run.state = state;
                moved(run);
            }
        }
        Ok(())
    }

    /// Makes a complete and verified generation ready. One that fills the view also serves from now on. Does nothing when the
    /// generation is no longer being built.
    pub(crate) async fn ready(&self, generation: u64) -> Result<Rebuild, ControlError> {
        self.change(generation, |registry, run| {
            if run.state != State::Building || registry.candidate != Some(generation) {
                return Ok(false);
            }
            registry.building = None;
            run.state = State::Ready;
            if run.fill.is_some() {
                registry.serving = generation;
                registry.candidate = None;
                run.state = State::Serving;
            }
            run.enter(Phase::End, self.now());
            Ok(true)
        })
        .await
    }

    /// Gives up a generation that could not be built. Does nothing when it is no longer being built.
    pub(crate) async fn fail_rebuild(&self, generation: u64, reason: &str) -> Result<Rebuild, ControlError> {
        self.change(generation, |registry, run| {
            if run.state != State::Building || registry.candidate != Some(generation) {
                return Ok(false);
            }
            registry.candidate = None;
            run.state = State::Failed;
            run.failure = Some(reason.to_owned());
            run.enter(Phase::End, self.now());
            Ok(true)
        })
        .await
    }

    pub(super) async fn find(&self, id: RunId) -> Result<Option<Rebuild>, ControlError> {
        match self.store.run(id).await? {
            Some(run) => Ok(Some(self.report(&run).await?)),
            None => Ok(None),
        }
    }

    pub(super) async fn report(&self, run: &Run) -> Result<Rebuild, ControlError> {
        let scan = Total::of(&self.store.segments(run.id, Phase::Scan).await?);
        let verify = Total::of(&self.store.segments(run.id, Phase::Verify).await?);
        let places = places(run, run.phase, &self.subject.sources);
        Ok(Rebuild::new(run, scan, verify, places.len() as u64))
    }
}

fn lost(id: RunId) -> ControlError {
    ControlError::Unavailable(format!("the registry names {id}, but its record does not exist"))
}

fn in_the_way(generation: u64, state: State) -> String {
    let what = match state {
        State::Ready => "is READY: flip to it, or abort it",
        State::RolledBack => "was rolled back and is still fed: flip to it again, or abort it",
        _ => "is being built: wait for it, or abort it",
    };
    format!("rebuild {generation} {what}")
}

fn over(generation: u64, state: State) -> ControlError {
    let what = match state {
        State::Aborted => "was aborted",
        State::Failed => "failed",
        State::Retired => "was retired",
        _ => "does not allow it now",
    };
    ControlError::Refused(format!("rebuild {generation} {what}: start a new one"))
}
