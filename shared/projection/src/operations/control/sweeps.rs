use super::{Control, Next, SubjectKind};
use crate::operations::error::ControlError;
use crate::operations::record::{Kind, Phase, Run, RunId, State};
use crate::operations::run::{Total, places};
use crate::operations::store::Attempts;
use crate::operations::sweep::Sweep;
use crate::registry::Registry;

impl Control {
    /// Compares all documents of all generations that are fed with the streams: their versions, or with `deep` the
    /// whole documents. Documents that are behind are healed.
    ///
    /// # Errors
    /// [`ControlError::Refused`] while another sweep is in progress, and for a deep sweep of a reactor.
    pub async fn start_sweep(
        &self,
        deep: bool,
        idempotency_key: Option<&str>,
    ) -> Result<Sweep, ControlError> {
        if deep && self.subject.kind == SubjectKind::Reactor {
            return Err(ControlError::Refused(format!(
                "{} is a reactor: only the versions of its documents can be compared; sweep it without \"deep\"",
                self.subject.name
            )));
        }
        let mut attempts = Attempts::default();
        let run = loop {
            let mut registry = self.store.registry().await?;
            let run = match self.next_sweep(&mut registry, deep, idempotency_key).await? {
                Next::Known(run) => break run,
                Next::New(run) => run,
            };
            let runs = vec![run.clone()];
            if self.store.transition(&registry, runs, &mut attempts).await? {
                break run;
            }
        };
        if run.active() {
            self.ring(run.id).await?;
        }
        self.swept(&run).await
    }

    async fn next_sweep(
        &self,
        registry: &mut Registry,
        deep: bool,
        idempotency_key: Option<&str>,
    ) -> Result<Next, ControlError> {
        if idempotency_key.is_some() {
            let known = self.store.runs(Kind::Sweep).await?.into_iter();
            let mut known = known.filter(|run| run.request.as_deref() == idempotency_key);
            if let Some(known) = known.next() {
                return Ok(Next::Known(known));
            }
        }
        if let Some(number) = registry.sweeping {
            return Err(ControlError::Refused(format!(
                "sweep {number} is in progress: wait until it is done"
            )));
        }
        registry.sweeps += 1;
        registry.sweeping = Some(registry.sweeps);
        Ok(Next::New(Run {
            id: RunId::sweep(registry.sweeps),
            state: State::Running,
            phase: Phase::Fence,
            deep,
            request: idempotency_key.map(str::to_owned),
            ..self.new_run(self.now())
        }))
    }

    /// Ends a sweep. Does nothing when it has ended.
    pub(crate) async fn end_sweep(
        &self,
        number: u64,
        state: State,
        failure: Option<&str>,
    ) -> Result<(), ControlError> {
        let mut attempts = Attempts::default();
        loop {
            let mut registry = self.store.registry().await?;
            let run = self.store.run(RunId::sweep(number)).await?;
            let Some(mut run) = run.filter(Run::active) else {
                return Ok(());
            };
            registry.sweeping = registry.sweeping.filter(|sweeping| *sweeping != number);
            run.enter(Phase::End, self.now());
            run.state = state;
            run.failure = failure.map(str::to_owned);
            if self.store.transition(&registry, vec![run], &mut attempts).await? {
                return Ok(());
            }
        }
    }

    /// Returns a sweep, or `None` when there was none with this number, or it was deleted: the last twenty are kept.
    ///
    /// # Errors
    /// [`ControlError::Unavailable`].
    pub async fn sweep(&self, number: u64) -> Result<Option<Sweep>, ControlError> {
        match self.store.run(RunId::sweep(number)).await? {
            Some(run) => Ok(Some(self.swept(&run).await?)),
            None => Ok(None),
        }
    }

    async fn swept(&self, run: &Run) -> Result<Sweep, ControlError> {
        let total = Total::of(&self.store.segments(run.id, Phase::Compare).await?);
        let places = places(run, Phase::Compare, &self.subject.sources);
        Ok(Sweep::new(run, total, places.len() as u64))
    }
}
