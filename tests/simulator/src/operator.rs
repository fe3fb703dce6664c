//! Whoever looks after the system: deploys fixes, redrives, recovers, sweeps.

use crate::faults::Fault;
use crate::subject::Subject;
use crate::system::System;
use anyhow::{Context, ensure};
use commit::{Message, Parcel};
use projection::sweep;
use std::collections::BTreeSet;
use std::sync::Arc;

impl System {
    /// In the middle of everything: now and then a fix, a redrive, a recovery or a sweep.
    pub(crate) async fn operate(&self) {
        let world = &self.world;
        for _ in 0..world.draw(|random| random.u8(..4)) {
            world.pause(20_000).await;
            let subject = &self.subjects[world.draw(|random| random.usize(..self.subjects.len()))];
            match world.draw(|random| random.u8(..4)) {
                0 => self.deploy(subject),
                1 => self.redrive(subject),
                // What fails now is done again when faults have stopped.
                2 => drop(self.recover(subject).await),
                _ => drop(self.sweep(subject).await),
            }
        }
    }

    pub(crate) fn redrive(&self, subject: &Arc<dyn Subject>) {
        let count = self.queues.of(subject.name()).redrive();
        (0..count).for_each(|_| self.world.count(Fault::Redriven));
        self.world
            .note(format_args!("{count} dead letters of {} are redriven", subject.name()));
    }

    /// Recovers every document in quarantine; how many there were.
    pub(crate) async fn recover(&self, subject: &Arc<dyn Subject>) -> anyhow::Result<usize> {
        let held = subject.quarantined().await?;
        let keys: BTreeSet<String> = held.iter().map(|held| held.stream.id().to_owned()).collect();
        self.world
            .note(format_args!("{} recovers {} documents", subject.name(), keys.len()));
        for key in &keys {
            subject.recover(key).await?;
        }
        Ok(keys.len())
    }

    /// Rings for what is behind; how many streams that were.
    pub(crate) async fn sweep(&self, subject: &Arc<dyn Subject>) -> anyhow::Result<usize> {
        let table = subject.name();
        let swept = sweep::quick(&self.client, table, subject.sources(), subject.categories()).await?;
        let number = self.world.now();
        self.world
            .note(format_args!("{table} is behind of {} streams", swept.behind.len()));
        for key in &swept.behind {
            let group = commit::lane(key.stream.id(), 3).to_string();
            let dedup = format!("sweep-{number}-{}", key.stream);
            let commits = vec![Parcel::Key(key.clone())];
            let body = serde_json::to_string(&Message { commits })?;
            self.queues.of(table).send(self.world.now(), &group, &dedup, body);
        }
        Ok(swept.behind.len())
    }

    /// With no faults any more: everything that can be repaired is, and nothing needs it twice.
    pub(crate) async fn repair(&mut self) -> anyhow::Result<()> {
        for subject in self.subjects.clone() {
            self.deploy(&subject);
            self.redrive(&subject);
        }
        self.quiet().await.context("after the redrive")?;
        for subject in self.subjects.clone() {
            self.recover(&subject).await?;
            self.sweep(&subject).await?;
        }
        self.quiet().await.context("after the sweep")?;
        for subject in self.subjects.clone() {
            let name = subject.name();
            ensure!(self.recover(&subject).await? == 0, "{name}: in quarantine after the fix");
            ensure!(self.sweep(&subject).await? == 0, "{name}: behind after the sweep");
            let dead = self.queues.of(name).dead();
            ensure!(dead.is_empty(), "{name}: dead letters without a fault");
        }
        Ok(())
    }
}
