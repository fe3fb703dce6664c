//! The requests of the reactor, and their effects. Accounts answer once, however often and however late a request is repeated (G6).

use crate::tests::{account, money, posting, transfer};
use crate::{Account, AccountCommand, AccountState, AccountsEffects, AccountsReactor, Ask, Posting, Step};
use commit::{CommandId, Commit, Metadata};
use contracts::account::RejectionReason;
use contracts::transfer::CATEGORY;
use contracts::{AccountId, TransferEvent, TransferStatus};
use event_store::{CommandContext, Decider, EventStore, event_table};
use function::Wiring;
use jiff::Timestamp;
use local_dynamodb::LocalDynamo;
use projection::{ApplyError, Cause, Effects, Published, Reactor};
use proptest::prelude::*;
use testkit::{Bench, commits, reacts_once};

fn created() -> TransferEvent {
    TransferEvent::TransferCreated {
        from: account(1),
        to: account(2),
        amount: money("5.00"),
    }
}

/// Returns the events of a completed, a failed and a refunded transfer.
fn stories() -> [Vec<TransferEvent>; 3] {
    let reason = RejectionReason::UnknownAccount;
    let (debited, refused) = (
        TransferEvent::TransferDebited {},
        TransferEvent::TransferRefused { reason },
    );
    let failed = TransferEvent::TransferFailed { reason };
    [
        vec![created(), debited.clone(), TransferEvent::TransferCompleted {}],
        vec![created(), failed.clone()],
        vec![created(), debited, refused, failed],
    ]
}

fn history(number: u128, events: &[TransferEvent]) -> Vec<Commit> {
    let begins = Timestamp::from_second(1_795_000_000).unwrap();
    commits(&format!("{CATEGORY}#{}", transfer(number)), begins, events)
}

fn asked(events: &[TransferEvent]) -> Result<Vec<(AccountId, Step)>, ApplyError> {
    let mut document = None;
    let mut asks = Vec::new();
    for commit in history(1, events) {
        let published = Published {
            commit: &commit,
            version: commit.first,
            event: &commit.events[0],
        };
        asks.extend(AccountsReactor::react(&mut document, &published)?);
    }
    Ok(asks.iter().map(|ask| (ask.account_id, ask.step)).collect())
}

#[test]
fn completed_transfer_requests_a_debit_and_a_credit() {
    let [completed, _, _] = stories();
    let ended = Step::Settle(TransferStatus::Completed);
    assert_eq!(
        asked(&completed).unwrap(),
        [
            (account(1), Step::Debit),
            (account(2), Step::Credit),
            (account(1), ended),
            (account(2), ended),
        ]
    );
}

#[test]
fn refused_transfer_requests_a_refund() {
    let [_, _, refused] = stories();
    let ended = Step::Settle(TransferStatus::Failed);
    assert_eq!(
        asked(&refused).unwrap(),
        [
            (account(1), Step::Debit),
            (account(2), Step::Credit),
            (account(1), Step::Refund),
            (account(1), ended),
            (account(2), ended),
        ]
    );
}

#[test]
fn transfer_without_its_creation_is_rejected() {
    assert!(asked(&[TransferEvent::TransferDebited {}]).is_err());
}

#[test]
fn g6_every_step_is_requested_once_under_any_delivery() {
    let lengths = prop::collection::vec((0..3_usize, 1..=4_usize), 1..4);
    let histories = lengths.prop_map(|lengths| {
        let numbered = (1..).zip(lengths);
        let cut = numbered.map(|(number, (story, length))| {
            let events = &stories()[story];
            history(number, &events[..length.min(events.len())])
        });
        cut.flatten().collect()
    });
    reacts_once::<AccountsReactor>(histories, 100);
}

/// The effects on tables in this process.
struct World {
    accounts: EventStore<Account>,
    effects: AccountsEffects,
    bench: Bench,
    _dynamo: LocalDynamo,
}

impl World {
    /// Creates the tables, and opens account 1 with 10.00 and account 2 with 0.00.
    async fn start() -> Self {
        let dynamo = LocalDynamo::in_memory().await.unwrap();
        let bench = Bench::create(dynamo.client(), AccountsReactor::NAME, &[])
            .await
            .unwrap();
        event_table("accounts").create(&dynamo.client()).await.unwrap();
        let wiring = Wiring::new(dynamo.client())
            .events(Account::CATEGORY, "accounts")
            .events(CATEGORY, &bench.event_table);
        let world = Self {
            accounts: wiring.store(),
            effects: AccountsEffects::new(&wiring),
            bench,
            _dynamo: dynamo,
        };
        for (number, balance) in [(1, "10.00"), (2, "0.00")] {
            let open = AccountCommand::Open {
                owner: "Ada Lovelace".parse().unwrap(),
                initial_balance: money(balance),
            };
            let context = CommandContext::unrepeatable(Timestamp::now());
            world
                .accounts
                .create(&account(number), &open, &context)
                .await
                .unwrap();
        }
        world
    }

    /// Requests a step from account 1 under a new command id, so that the event store does not recognize a repetition.
    async fn ask(&self, number: u128, step: Step, version: u64) {
        let ask = Ask {
            account_id: account(1),
            posting: posting(number, "5.00"),
            step,
            version,
        };
        let cause = Cause {
            command_id: CommandId::random(),
            time: Timestamp::now(),
            now: Timestamp::now(),
            metadata: Metadata::default(),
        };
        self.effects.run(ask, &cause).await.unwrap();
    }

    async fn state(&self) -> (AccountState, u64) {
        let loaded = self.accounts.load(&account(1)).await.unwrap();
        (loaded.state, loaded.version)
    }

    async fn balance(&self) -> String {
        self.state().await.0.details.unwrap().balance.to_string()
    }
}

#[tokio::test]
async fn repeated_debit_changes_nothing() {
    let world = World::start().await;
    world.bench.store(&history(1, &[created()])).await.unwrap();
    for _ in 0..2 {
        world.ask(1, Step::Debit, 1).await;
    }
    assert_eq!(world.balance().await, "5.00");
}

#[tokio::test]
async fn debit_repeated_after_its_settlement_changes_nothing() {
    let world = World::start().await;
    let [completed, _, _] = stories();
    let story = history(1, &completed);
    world.bench.store(&story[..1]).await.unwrap();
    world.ask(1, Step::Debit, 1).await;
    world.bench.store(&story[1..]).await.unwrap();
    world.ask(1, Step::Settle(TransferStatus::Completed), 3).await;
    let before = world.state().await;
    assert!(before.0.open.is_empty());
    world.ask(1, Step::Debit, 1).await;
    assert_eq!(world.state().await, before);
}

#[tokio::test]
async fn credit_repeated_after_its_settlement_changes_nothing() {
    let world = World::start().await;
    let [completed, _, _] = stories();
    let story = history(1, &completed);
    world.bench.store(&story[..2]).await.unwrap();
    world.ask(1, Step::Credit, 2).await;
    world.bench.store(&story[2..]).await.unwrap();
    world.ask(1, Step::Settle(TransferStatus::Completed), 3).await;
    world.ask(1, Step::Credit, 2).await;
    assert_eq!(world.balance().await, "15.00");
}

#[tokio::test]
async fn repeated_refund_changes_nothing() {
    let world = World::start().await;
    let [_, _, refused] = stories();
    let story = history(1, &refused);
    world.bench.store(&story[..1]).await.unwrap();
    world.ask(1, Step::Debit, 1).await;
    world.bench.store(&story[1..]).await.unwrap();
    for _ in 0..2 {
        world.ask(1, Step::Refund, 3).await;
    }
    assert_eq!(world.balance().await, "10.00");
    world.ask(1, Step::Settle(TransferStatus::Failed), 4).await;
    world.ask(1, Step::Refund, 3).await;
    assert_eq!(world.balance().await, "10.00");
}

#[test]
fn command_contains_the_accounts_part_of_the_transfer() {
    let part: Posting = posting(1, "5.00");
    let ask = |step| Ask {
        account_id: account(1),
        posting: part,
        step,
        version: 1,
    };
    let debit = AccountCommand::Debit {
        posting: part,
        settled: 7,
    };
    assert_eq!(ask(Step::Debit).command(7), debit);
    assert_eq!(
        ask(Step::Refund).command(7),
        AccountCommand::Refund { posting: part }
    );
}
