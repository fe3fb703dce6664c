use super::{Control, SubjectKind, changed, unchanged};
use crate::operations::error::ControlError;
use crate::operations::record::{Kind, Phase, Run, RunId, State};
use crate::operations::run::{Total, places};
use crate::operations::sweep::Sweep;

impl Control {
    /// Compares all documents of all generations that are fed with the streams: how far they are, or with `deep` whole.
    /// What is behind is healed.
    ///
    /// # Errors
    /// [`ControlError::Refused`] while one is under way, and for a deep sweep of a reactor.
    pub async fn start_sweep(
        &self,
        deep: bool,
        idempotency_key: Option<&str>,
    ) -> Result<Sweep, ControlError> {
        if deep && self.subject.kind == SubjectKind::Reactor {
            return Err(ControlError::Refused(format!(
                "{} is a reactor: only how far its documents are can be compared; sweep it without \"deep\"",
                self.subject.name
            )));
        }
        let now = self.now();
        let run = self
            .store
            .transition(async |registry| {
                if idempotency_key.is_some() {
                    let known = self.store.runs(Kind::Sweep).await?.into_iter();
                    let mut known = known.filter(|run| run.request.as_deref() == idempotency_key);
                    if let Some(known) = known.next() {
                        return Ok(unchanged(known));
                    }
                }
                if let Some(number) = registry.sweeping {
                    return Err(ControlError::Refused(format!(
                        "sweep {number} is under way: wait until it is through"
                    )));
                }
                registry.sweeps += 1;
                registry.sweeping = Some(registry.sweeps);
                Ok(changed(Run {
                    id: RunId::sweep(registry.sweeps),
                    state: State::Running,
                    phase: Phase::Compare,
                    deep,
                    request: idempotency_key.map(str::to_owned),
                    ..self.new_run(now)
                }))
            })
            .await?;
        if run.active() {
            self.ring(run.id).await?;
        }
        self.swept(&run).await
    }

    /// A sweep; none when there was none of this number, or it was long ago: the last twenty are kept.
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
