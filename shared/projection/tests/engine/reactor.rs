//! Tests of reactors: effects with command ids, retries, quarantine.

use crate::desk::{now, pass};
use crate::library::{BookEvent, LoanEvent, Town, bought, commit, lent, returned, stream, whole};
use commit::{CommandId, Commit};
use projection::testing::{batch, message};
use projection::{ApplyError, Cause, EffectError, Effects, Options, Published, Reactor, ReactorRunner};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A reactor that reminds members when a loan begins, thanks them when it ends, and prints a label for each new book.
pub(crate) struct Reminders;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sent {
    labels: u64,
    letters: u64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Letter {
    Label(String),
    Remind(String),
    Thank,
    Count,
    Demand(String),
}

impl Reactor for Reminders {
    type Document = Sent;
    type Command = Letter;
    const NAME: &'static str = "reminders";
    const SOURCES: &'static [&'static str] = &["book", "loan"];

    fn react(sent: &mut Sent, event: &Published<'_>) -> Result<Vec<Letter>, ApplyError> {
        if event.category() == "book" {
            return Ok(match event.decode::<BookEvent>()? {
                BookEvent::Bought { title, .. } => {
                    sent.labels += 1;
                    vec![Letter::Label(title)]
                }
                _ => vec![],
            });
        }
        Ok(match event.decode::<LoanEvent>()? {
            LoanEvent::Lent { member } => {
                sent.letters += 1;
                vec![Letter::Remind(member), Letter::Count]
            }
            LoanEvent::Returned { .. } => {
                sent.letters += 1;
                vec![Letter::Thank]
            }
            LoanEvent::Cursed {} => return Err(ApplyError::rejected("cursed")),
            _ => vec![],
        })
    }
}

/// Effects that send letters, and can be made to fail.
#[derive(Clone, Default)]
pub(crate) struct Post {
    pub(crate) letters: Arc<Mutex<Vec<(CommandId, Letter, Cause)>>>,
    closed: Arc<Mutex<bool>>,
    /// Whether the next letter makes it panic.
    torn: Arc<Mutex<bool>>,
    /// The number of further letters that fail.
    stumbles: Arc<Mutex<u32>>,
}

impl Effects<Letter> for Post {
    async fn run(&self, letter: Letter, cause: &Cause) -> Result<(), EffectError> {
        if *self.closed.lock().unwrap() {
            return Err(EffectError::Retry("closed".into()));
        }
        assert!(!*self.torn.lock().unwrap(), "torn");
        if let stumbles @ 1.. = &mut *self.stumbles.lock().unwrap() {
            *stumbles -= 1;
            return Err(EffectError::Retry("stumbled".into()));
        }
        let sent = (cause.command_id, letter, cause.clone());
        self.letters.lock().unwrap().push(sent);
        Ok(())
    }
}

impl Post {
    pub(crate) fn sent(&self) -> Vec<Letter> {
        let letters = self.letters.lock().unwrap();
        letters.iter().map(|(_, letter, _)| letter.clone()).collect()
    }

    pub(crate) fn ids(&self) -> Vec<CommandId> {
        let letters = self.letters.lock().unwrap();
        letters.iter().map(|(id, _, _)| *id).collect()
    }

    /// Returns the number of different ids, which is the number of letters for a decider.
    pub(crate) fn different(&self) -> usize {
        self.ids()
            .iter()
            .map(CommandId::bytes)
            .collect::<BTreeSet<_>>()
            .len()
    }

    pub(crate) fn close(&self, closed: bool) {
        *self.closed.lock().unwrap() = closed;
    }
}

fn runner(town: &Town, post: &Post) -> ReactorRunner<Reminders, Post> {
    ReactorRunner::new(
        town.dynamo.client(),
        &town.bench.view_table,
        town.bench.sources(Reminders::SOURCES),
        post.clone(),
        Options {
            clock: now,
            ..Options::default()
        },
    )
}

async fn deliver(town: &Town, post: &Post, receives: u32, commits: &[Commit]) -> usize {
    let message = message("m", receives, commits.iter().map(whole).collect());
    let (response, _) = runner(town, post).handle_batch(batch(vec![message])).await;
    response.batch_item_failures.len()
}

#[tokio::test]
async fn events_become_commands_in_order() {
    let (town, post) = (Town::new().await, Post::default());
    let commits = [commit("loan#b", 1, &[lent("ann"), returned(3)])];
    assert_eq!(deliver(&town, &post, 1, &commits).await, 0);
    let letters = [Letter::Remind("ann".into()), Letter::Count, Letter::Thank];
    assert_eq!(post.sent(), letters);
}

#[tokio::test]
async fn duplicate_runs_no_effect() {
    let (town, post) = (Town::new().await, Post::default());
    let commits = stream("loan#b", &[lent("ann")]);
    deliver(&town, &post, 1, &commits).await;
    deliver(&town, &post, 1, &commits).await;
    assert_eq!(post.sent().len(), 2);
}

#[tokio::test]
async fn the_cause_names_the_reactor_and_the_source_commit() {
    let (town, post) = (Town::new().await, Post::default());
    let mut source = commit("book#b", 1, &[bought("Emma", "a")]);
    source.metadata.correlation_id = Some("request-1".into());
    source.metadata.actor = Some("usr_1".into());
    deliver(&town, &post, 1, &[source.clone()]).await;
    let (_, _, cause) = post.letters.lock().unwrap()[0].clone();
    assert_eq!(cause.time, source.time);
    assert_eq!(cause.metadata.actor.as_deref(), Some("reminders"));
    assert_eq!(cause.metadata.on_behalf_of.as_deref(), Some("usr_1"));
    assert_eq!(cause.metadata.correlation_id.as_deref(), Some("request-1"));
    assert_eq!(cause.metadata.causation_id, Some(source.id.to_string()));
    assert_eq!(cause.context().command_id, cause.command_id);
}

#[tokio::test]
async fn caller_stays_known_through_several_reactors() {
    let (town, post) = (Town::new().await, Post::default());
    let mut of_a_reactor = commit("book#b", 1, &[bought("Emma", "a")]);
    of_a_reactor.metadata.actor = Some("purchases".into());
    of_a_reactor.metadata.causation_id = Some("c-1".into());
    of_a_reactor.metadata.on_behalf_of = Some("usr_1".into());
    deliver(&town, &post, 1, &[of_a_reactor]).await;
    let (_, _, cause) = post.letters.lock().unwrap()[0].clone();
    assert_eq!(cause.metadata.actor.as_deref(), Some("reminders"));
    assert_eq!(cause.metadata.on_behalf_of.as_deref(), Some("usr_1"));
}

#[tokio::test]
async fn reactor_is_not_mistaken_for_a_caller() {
    let (town, post) = (Town::new().await, Post::default());
    let mut of_a_deadline = commit("book#b", 1, &[bought("Emma", "a")]);
    of_a_deadline.metadata.actor = Some("purchases".into());
    deliver(&town, &post, 1, &[of_a_deadline]).await;
    let (_, _, cause) = post.letters.lock().unwrap()[0].clone();
    assert_eq!(cause.metadata.on_behalf_of, None);
}

#[tokio::test]
async fn a_crash_after_the_effects_repeats_them_under_the_same_ids() {
    let (town, post) = (Town::new().await, Post::default());
    let commits = [commit("loan#b", 1, &[lent("ann"), returned(3)])];
    deliver(&town, &post, 1, &commits).await;
    // The document was not saved.
    let key = [("pk", "g1#b"), ("sk", "-")].map(|(name, value)| {
        (
            name.to_owned(),
            aws_sdk_dynamodb::types::AttributeValue::S(value.into()),
        )
    });
    let delete = town.bench.client.delete_item().table_name(&town.bench.view_table);
    delete.set_key(Some(key.into())).send().await.unwrap();
    deliver(&town, &post, 2, &commits).await;
    let ids = post.ids();
    assert_eq!(ids.len(), 6);
    assert_eq!(ids[..3], ids[3..]);
}

#[tokio::test]
async fn temporary_failure_of_an_effect_does_not_fail_the_message() {
    let (town, post) = (Town::new().await, Post::default());
    *post.stumbles.lock().unwrap() = 3;
    assert_eq!(
        deliver(&town, &post, 1, &stream("loan#b", &[lent("ann")])).await,
        0
    );
    assert_eq!(post.sent().len(), 2);
}

#[tokio::test]
async fn failing_effect_fails_the_message() {
    let (town, post) = (Town::new().await, Post::default());
    let commits = stream("loan#b", &[lent("ann")]);
    post.close(true);
    assert_eq!(deliver(&town, &post, 1, &commits).await, 1);
    post.close(false);
    assert_eq!(deliver(&town, &post, 2, &commits).await, 0);
    assert_eq!(post.sent().len(), 2);
}

#[tokio::test]
async fn commits_before_the_failure_are_kept() {
    let (town, post) = (Town::new().await, Post::default());
    let commits = stream("loan#b", &[lent("ann"), returned(2)]);
    deliver(&town, &post, 1, &commits[..1]).await;
    post.close(true);
    assert_eq!(deliver(&town, &post, 1, &commits).await, 1);
    post.close(false);
    deliver(&town, &post, 2, &commits).await;
    let letters = [Letter::Remind("ann".into()), Letter::Count, Letter::Thank];
    assert_eq!(post.sent(), letters);
}

#[tokio::test]
async fn f10_effects_that_keep_failing_are_parked_and_run_by_themselves() {
    let (town, post) = (Town::new().await, Post::default());
    let commits = stream("loan#b", &[lent("ann"), returned(2)]);
    town.commit(&commits).await;
    post.close(true);
    assert_eq!(deliver(&town, &post, 4, &commits).await, 0);
    assert_eq!(town.held().await, [], "nothing for a person to do");

    let desk = town.desk_of_a_reactor::<Reminders>();
    let mut failed = 0;
    for attempt in 0..20 {
        pass(Duration::from_secs(60));
        post.close(attempt < 12);
        desk.tick().await;
        let (response, report) = runner(&town, &post).handle_batch(desk.sent()).await;
        assert_eq!(response.batch_item_failures, []);
        failed += report.parked;
    }
    assert!((3..6).contains(&failed), "{failed} tries in twelve minutes");
    let letters = [Letter::Remind("ann".into()), Letter::Count, Letter::Thank];
    assert_eq!(post.sent(), letters);
    assert_eq!(town.stored_versions("b").await["loan"], 2);
}

#[tokio::test]
async fn f10_effect_that_panics_is_quarantined() {
    let (town, post) = (Town::new().await, Post::default());
    let commits = stream("loan#b", &[lent("ann"), returned(2)]);
    town.commit(&commits).await;
    *post.torn.lock().unwrap() = true;
    assert_eq!(deliver(&town, &post, 3, &commits).await, 1);
    assert_eq!(deliver(&town, &post, 4, &commits).await, 0);
    let held = town.held().await;
    assert_eq!((held[0].version, held[0].count), (1, 2));
    assert!(held[0].error.contains("torn"), "{}", held[0].error);

    *post.torn.lock().unwrap() = false;
    let desk = town.desk();
    assert_eq!(desk.control.redrive(Some("b")).await, Ok(1));
    post.close(true);
    let redrive = desk.sent();
    let (response, _) = runner(&town, &post).handle_batch(redrive.clone()).await;
    assert_eq!(response.batch_item_failures.len(), 1, "closed");
    assert_eq!(town.held().await.len(), 1);
    post.close(false);
    let (response, report) = runner(&town, &post).handle_batch(redrive).await;
    assert_eq!((response.batch_item_failures, report.applied), (vec![], 2));
    assert_eq!(town.held().await, []);
    assert_eq!(post.sent().len(), 3);
}
