//! Restores of tables to an earlier time, as `docs/runbook.md` describes them.

use crate::deployment::Deployment;
use crate::dynamo::Item;
use crate::faults::Fault;
use crate::promises::Promises;
use anyhow::{Context, ensure};
use commit::{Commit, StreamId};
use event_store::Options;
use projection::operations::{RebuildOptions, State, SubjectKind};
use std::collections::BTreeSet;

impl Deployment {
    /// Puts tables back to an earlier time, while clients send commands: all event tables with the tables of the reactors, or
    /// the table of one view.
    pub(crate) async fn restore(&self, promises: &Promises) {
        let world = &self.world;
        // The operator waits until no rebuild and no sweep is in progress, before the time to which the tables are put back
        // and now.
        if self.outstanding_runs() > 0 {
            return;
        }
        let views = || self.subjects.iter().filter(|subject| subject.view.is_some());
        let view = (views().count() > 0 && world.draw(fastrand::Rng::bool))
            .then(|| world.draw(|random| random.usize(..views().count())))
            .and_then(|place| views().nth(place));
        let tables: BTreeSet<&str> = match view {
            Some(view) => [view.name()].into(),
            None => {
                // A reactor has to react again to what it reacted to later, because the events that followed are lost.
                let reactors = self.subjects.iter().filter(|subject| subject.view.is_none());
                let events = self.owners.values().map(String::as_str);
                events.chain(reactors.map(|subject| subject.name())).collect()
            }
        };
        let backup: Vec<(&str, Vec<Item>)> = tables
            .into_iter()
            .map(|table| (table, world.contents(table)))
            .collect();
        for _ in 0..world.draw(|random| random.u8(1..4)) {
            world.rest().await;
        }
        let _stopped = world.stopped().await;
        if self.outstanding_runs() > 0 {
            return;
        }
        // Warm functions forget the streams that they know.
        tokio::time::sleep(Options::default().cache_age).await;
        let names: Vec<&str> = backup.iter().map(|(table, _)| *table).collect();
        world.note(format_args!("{names:?} are put back"));
        for (table, items) in backup {
            world.put_back(table, items);
        }
        world.count(match view {
            Some(_) => Fault::ViewPutBack,
            None => Fault::EventsPutBack,
        });
        if let Ok(history) = self.history() {
            promises.put_back(&history);
        }
    }

    /// Returns whether a table was put back.
    pub(crate) fn was_put_back(&self) -> bool {
        let names = self.subjects.iter().map(|subject| subject.name());
        let mut tables = self.owners.values().map(String::as_str).chain(names);
        tables.any(|table| self.world.was_put_back(table))
    }

    /// Checks that every view whose event tables were put back agrees with them after the sweep, and rebuilds it: only a
    /// rebuild removes what it has of streams that are no more.
    pub(crate) async fn finish_restore(&mut self) -> anyhow::Result<()> {
        for subject in self.subjects.clone() {
            let name = subject.name();
            let control = self.control(name);
            if !subject.lost_history() || control.subject().kind != SubjectKind::View {
                continue;
            }
            let history = self.history()?;
            let contents = self.world.contents(name);
            let serving = self.serving(name);
            if !self.has_orphans(name, serving, &contents, &history)
                && control.overview().await?.filled == Some(true)
            {
                subject.has_all(serving, contents, &history)?;
            }
            let generation = control
                .start_rebuild(&RebuildOptions::default())
                .await?
                .generation;
            self.quiet()
                .await
                .context("after the rebuild that ends a restore")?;
            let control = self.control(name);
            let built = control.rebuild(generation).await?.map(|rebuild| rebuild.state);
            ensure!(built == Some(State::Ready), "{name} is {built:?} after a restore");
            control.flip(generation).await?;
            self.settle(name).await?;
        }
        Ok(())
    }

    /// Returns whether a view has a document of a stream that is no more.
    fn has_orphans(&self, name: &str, serving: u64, contents: &[Item], history: &[Commit]) -> bool {
        let known: BTreeSet<&StreamId> = history.iter().map(|commit| &commit.stream).collect();
        let prefix = format!("g{serving}#");
        contents.iter().any(|item| {
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
            let key = text("pk").and_then(|pk| pk.strip_prefix(&prefix));
            let versions = item.get("v").and_then(|versions| versions.as_m().ok());
            let (Some(key), Some(versions)) = (key, versions) else {
                return false;
            };
            let lost = versions.keys().any(|category| {
                let stream = StreamId::new(category, key);
                stream.is_ok_and(|stream| !known.contains(&stream))
            });
            if lost {
                self.world
                    .note(format_args!("{name} has {key}, which is no more"));
            }
            lost
        })
    }
}
