//! The system's operator: deploys fixes, redrives, rebuilds, flips, rolls back, sweeps.

use crate::deployment::Deployment;
use crate::faults::Fault;
use crate::promises::Promises;
use crate::subject::Subject;
use crate::workshop::ROUND;
use anyhow::{Context, ensure};
use commit::{Message, Parcel};
use projection::operations::{Control, Difference, RebuildOptions, State, SubjectKind};
use projection::sweep;

impl Deployment {
    /// Operates during the run. Steps that fail are repeated when the faults have stopped.
    pub(crate) async fn operate(&self, promises: &Promises) {
        let world = &self.world;
        if self.subjects.is_empty() {
            return;
        }
        let restores = world.draw(|random| random.u8(..6)) == 0;
        // A rebuild makes as many calls as the rest of a run.
        let rebuilds = world.draw(|random| random.u8(..8)) == 0;
        if rebuilds {
            // Slow calls make a worker act on an outdated registry.
            world.favor(Fault::SlowCall);
        }
        if world.draw(|random| random.u8(..6)) == 0 {
            self.break_down();
        }
        for _ in 0..world.draw(|random| random.u8(..4)) + 2 * u8::from(rebuilds) {
            world.rest().await;
            if rebuilds {
                self.fill(false);
            }
            let subject = &self.subjects[world.draw(|random| random.usize(..self.subjects.len()))];
            let control = self.control(subject.name());
            let most = if rebuilds { 11 } else { 6 };
            match world.draw(|random| random.u8(..most)) {
                0 => self.deploy(subject),
                1 => drop(self.recover(control).await),
                2 => drop(self.ring(subject).await),
                3 | 4 => drop(self.sweep(control).await),
                5 => {
                    self.sweep_rounds();
                    world.count(Fault::SweepRound);
                }
                _ if control.subject().kind == SubjectKind::View => drop(self.rebuild(control).await),
                _ => {}
            }
        }
        if restores {
            self.restore(promises).await;
        }
    }

    /// Lets DynamoDB refuse every write of one table for up to twelve minutes: of a service's events, or of a subscriber's
    /// documents.
    fn break_down(&self) {
        let subjects = self.subjects.iter().map(|subject| subject.name());
        let tables = self.owners.values().map(String::as_str).chain(subjects);
        let tables: Vec<&str> = tables.collect();
        let (table, minutes) = self
            .world
            .draw(|random| (tables[random.usize(..tables.len())], random.u64(1..=12)));
        self.world.break_down(table, minutes * 60_000);
    }

    /// Lets DynamoDB refuse every write of one service's events, and of one subscriber's documents.
    pub(crate) fn fail(&self, time: u64) {
        let (events, documents) = (self.owners.len(), self.subjects.len());
        let (events, documents) = self
            .world
            .draw(|random| (random.usize(..events), random.usize(..documents)));
        let events = self.owners.values().nth(events);
        events
            .into_iter()
            .for_each(|table| self.world.break_down(table, time));
        self.world.break_down(self.subjects[documents].name(), time);
    }

    /// Checks that a person has nothing to do.
    pub(crate) async fn check_nothing_to_do(&self) -> anyhow::Result<()> {
        for subject in &self.subjects {
            let name = subject.name();
            let held = self.control(name).quarantine(None, 100).await?.items;
            ensure!(held.is_empty(), "{name}: {held:?} is in quarantine");
        }
        // The worker takes dead letters from their queues.
        let counts = self.world.counts();
        let dead = counts.of(Fault::DeadLetter);
        ensure!(dead == 0, "{dead} dead letters");
        Ok(())
    }

    /// Starts a sweep. Deep sweeps are the more frequent ones, because they must not find a difference while documents
    /// change (F8).
    async fn sweep(&self, control: &Control) -> anyhow::Result<()> {
        let is_view = control.subject().kind == SubjectKind::View;
        let deep = is_view && self.world.draw(|random| random.u8(..4)) > 0;
        control.start_sweep(deep, None).await?;
        if deep {
            self.world.count(Fault::DeepSweep);
        }
        Ok(())
    }

    /// Checks that no sweep found a difference: every document is written by the same code, so a difference is a false one
    /// (F8). Only what a view has of a stream that is no more differs, until its rebuild.
    pub(crate) async fn check_sweeps(&self) -> anyhow::Result<()> {
        for subject in &self.subjects {
            let (name, control) = (subject.name(), self.control(subject.name()));
            let is_true = |difference: &Difference| {
                subject.lost_history() && difference.expected.contains("and the event table up to 0")
            };
            for number in 1..=self.sweeps(name) {
                // Old ones are deleted.
                let Some(sweep) = control.sweep(number).await? else {
                    continue;
                };
                let known = sweep.differences.len() as u64 == sweep.counts.differences;
                ensure!(
                    sweep.differences.iter().all(is_true) && (known || subject.lost_history()),
                    "{name}: sweep {number} found {} differences: {:?}",
                    sweep.counts.differences,
                    sweep.differences
                );
            }
        }
        Ok(())
    }

    /// Waits until a round of sweeps that begins now is complete (F9).
    async fn complete_a_round(&mut self) -> anyhow::Result<()> {
        // The first ticks complete the round in progress.
        for _ in 0..4 {
            self.sweep_rounds();
            self.quiet().await.context("during a round of sweeps")?;
            tokio::time::sleep(ROUND).await;
        }
        Ok(())
    }

    /// Starts a new generation, and takes it as far as possible: builds it, flips to it, rolls it back, aborts or keeps it.
    async fn rebuild(&self, control: &Control) -> anyhow::Result<()> {
        let world = &self.world;
        let name = &control.subject().name;
        let options = RebuildOptions {
            compare: world.draw(fastrand::Rng::bool),
            ..RebuildOptions::default()
        };
        let generation = control.start_rebuild(&options).await?.generation;
        world.count(Fault::Rebuilt);
        world.note(format_args!("{name} builds generation {generation}"));
        if world.draw(fastrand::Rng::bool) {
            if world.draw(fastrand::Rng::bool) {
                world.stall(name).await;
            } else {
                world.rest().await;
            }
            world.note(format_args!("{name} gives up generation {generation}"));
            control.abort(generation).await?;
            world.count(Fault::Aborted);
            return Ok(());
        }
        for _ in 0..20 {
            world.pause(30_000).await;
            match control.rebuild(generation).await {
                Ok(Some(rebuild)) if rebuild.state == State::Ready => break,
                Ok(Some(rebuild)) if rebuild.state != State::Building => return Ok(()),
                _ => {}
            }
        }
        for _ in 0..world.draw(|random| random.u8(..6)) {
            let what = world.draw(|random| random.u8(..5));
            // A step that the state does not allow is refused.
            let (done, fault) = match what {
                0 | 1 => (control.flip(generation).await, Some(Fault::Flipped)),
                2 => (control.rollback(generation).await, Some(Fault::RolledBack)),
                3 => (control.retire(generation).await, None),
                _ => (control.abort(generation).await, Some(Fault::Aborted)),
            };
            world.note(format_args!(
                "{name}: generation {generation} after {what}: {}",
                done.is_ok()
            ));
            if let (Ok(_), Some(fault)) = (done, fault) {
                world.count(fault);
            }
            world.pause(10_000).await;
        }
        Ok(())
    }

    /// Lifts the quarantine of every quarantined document, and returns their number.
    async fn recover(&self, control: &Control) -> anyhow::Result<u64> {
        let count = control.redrive(None).await?;
        let name = &control.subject().name;
        self.world.note(format_args!("{name} redrives {count} documents"));
        (0..count).for_each(|_| self.world.count(Fault::Poisoned));
        Ok(count)
    }

    /// Sends messages for streams that are behind, and returns their number.
    async fn ring(&self, subject: &Subject) -> anyhow::Result<usize> {
        let table = subject.name();
        let swept = sweep::quick(&self.client, table, &subject.sources(), subject.categories()).await?;
        self.world.note(format_args!(
            "{table} is behind of {} streams",
            swept.behind.len()
        ));
        for key in &swept.behind {
            let group = commit::lane(key.stream.id(), crate::deployment::LANES).to_string();
            let dedup = format!("sweep-{}", self.world.number());
            let body = serde_json::to_string(&Message::of(vec![Parcel::Key(key.clone())]))?;
            self.queues.of(table).send(&group, &dedup, body);
        }
        Ok(swept.behind.len())
    }

    /// Reduces a view to one generation.
    pub(crate) async fn settle(&mut self, name: &str) -> anyhow::Result<()> {
        for _ in 0..3 {
            let control = self.control(name);
            let overview = control.overview().await?;
            if let Some(candidate) = overview.candidate {
                let state = control.rebuild(candidate).await?.map(|rebuild| rebuild.state);
                if state == Some(State::Ready) && self.world.draw(fastrand::Rng::bool) {
                    control.flip(candidate).await?;
                } else {
                    control.abort(candidate).await?;
                }
            } else if overview.previous.is_some() {
                control.retire(overview.serving).await?;
            }
            self.quiet().await.context("after a generation was given up")?;
        }
        let overview = self.control(name).overview().await?;
        ensure!(
            overview.feeding == [overview.serving].into(),
            "{name} still feeds {:?} and serves {}",
            overview.feeding,
            overview.serving
        );
        Ok(())
    }

    /// Returns the views that are not filled.
    pub(crate) async fn unfilled(&self) -> anyhow::Result<Vec<&'static str>> {
        let mut unfilled = Vec::new();
        for subject in &self.subjects {
            let overview = self.control(subject.name()).overview().await?;
            if overview.filled == Some(false) {
                unfilled.push(subject.name());
            }
        }
        Ok(unfilled)
    }

    /// Repairs everything after the faults have stopped, and checks that no second repair is necessary.
    pub(crate) async fn repair(&mut self) -> anyhow::Result<()> {
        self.worker.resume().await?;
        self.deploy_all();
        self.quiet().await.context("after the last deployment")?;
        for subject in self.subjects.clone() {
            self.settle(subject.name()).await?;
            self.recover(self.control(subject.name())).await?;
        }
        if self.world.draw(fastrand::Rng::bool) {
            self.complete_a_round().await?;
        } else {
            for subject in self.subjects.clone() {
                self.ring(&subject).await?;
            }
        }
        self.quiet().await.context("after the sweep")?;
        self.finish_restore().await?;
        self.fill(true);
        self.quiet().await.context("after new views were filled")?;
        let mut unfilled = self.unfilled().await?;
        if !unfilled.is_empty() {
            // An invocation of the code before the last deployment has quarantined a document in the generation that was being
            // built, which ends its rebuild. The schedule fills the view again.
            self.fill(true);
            self.quiet().await.context("after views were filled again")?;
            unfilled = self.unfilled().await?;
        }
        ensure!(unfilled.is_empty(), "{unfilled:?} are not filled");
        for subject in self.subjects.clone() {
            let name = subject.name();
            let held = self.recover(self.control(name)).await?;
            ensure!(
                held == 0,
                "{name}: {held} documents are in quarantine after the fix"
            );
            ensure!(self.ring(&subject).await? == 0, "{name}: behind after the sweep");
            ensure!(
                self.queues.of(name).dead() == 0,
                "{name}: dead letters without a fault"
            );
        }
        Ok(())
    }
}
