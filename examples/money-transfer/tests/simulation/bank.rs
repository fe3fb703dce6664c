//! What clients do with a few accounts, and the law of money.

use accounts::{Account, AccountCommand, AccountState};
use anyhow::{Context, bail, ensure};
use commit::{Commit, Event};
use contracts::{AccountEvent, AccountId, Money, TransferEvent, TransferId};
use event_store::Decider;
use simulator::{Client, Clients, Rng, Scenario};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use transfers::{Transfer, TransferCommand};
use uuid::Uuid;

/// How many transfers completed, were rejected, and came back, in all runs of this process.
pub(crate) static ENDS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// Two to four accounts, and transfers among them.
pub(crate) const BANK: Scenario = Scenario {
    system: |_| system::money_transfer(),
    clients,
    agree,
};

fn clients(clients: &mut Clients) {
    // The last account is never opened, and no money comes from it.
    let accounts = clients.draw(|random| random.u128(3..=5));
    for _ in 0..clients.draw(|random| random.usize(1..=3)) {
        clients.add(move |client| bank(client, accounts));
    }
}

async fn bank(client: Client, accounts: u128) -> anyhow::Result<()> {
    for number in 1..accounts {
        let minor = client.draw(|random| random.i64(0..=1_000));
        let open = AccountCommand::Open {
            owner: "Ada Lovelace".parse()?,
            initial_balance: Money::from_minor(minor)?,
        };
        // Every client wants the accounts to be there: one is first.
        client.insist::<Account>(&account(number), &open).await?;
    }
    for _ in 0..client.draw(|random| random.usize(1..=4)) {
        client.rest().await;
        if client.draw(|random| random.u8(..10)) == 0 {
            let number = client.draw(|random| random.u128(1..=accounts));
            client
                .insist::<Account>(&account(number), &AccountCommand::Close)
                .await?;
        } else {
            let (id, create) = client.draw(|random| transfer(random, accounts))?;
            client.insist::<Transfer>(&id, &create).await?;
        }
    }
    Ok(())
}

/// Any transfer: now and then to the same account, of nothing, or of more than anybody has.
fn transfer(random: &mut Rng, accounts: u128) -> anyhow::Result<(TransferId, TransferCommand)> {
    let id = TransferId::from_uuid(Uuid::from_u128(random.u128(..)));
    let create = TransferCommand::Create {
        from: account(random.u128(1..=accounts)),
        to: account(random.u128(1..=accounts)),
        amount: Money::from_minor(random.i64(0..=600))?,
    };
    Ok((id, create))
}

fn account(number: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(number))
}

/// What happened to one transfer, from its own events and from those of all accounts.
#[derive(Debug, Default)]
struct Story {
    created: Option<(AccountId, AccountId, Money)>,
    completed: bool,
    failed: bool,
    legs: Vec<Leg>,
}

/// A movement of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leg {
    Debit(AccountId, Money),
    Credit(AccountId, Money),
    Refund(AccountId, Money),
}

/// The law at rest: the sum of all balances is what was paid in, no balance was ever below zero, every transfer has completed or
/// failed with the legs that belong to that, and no account remembers one that has ended.
fn agree(history: &[Commit]) -> anyhow::Result<()> {
    let mut paid_in = 0;
    let mut balances: BTreeMap<AccountId, i64> = BTreeMap::new();
    let mut states: BTreeMap<AccountId, AccountState> = BTreeMap::new();
    let mut stories: BTreeMap<TransferId, Story> = BTreeMap::new();
    for commit in history {
        let id = commit.stream.id();
        for event in &commit.events {
            if commit.stream.category() != Account::CATEGORY {
                let story = stories.entry(id.parse()?).or_default();
                match TransferEvent::decode(event)? {
                    TransferEvent::TransferCreated { from, to, amount } => {
                        story.created = Some((from, to, amount));
                    }
                    TransferEvent::TransferCompleted {} => story.completed = true,
                    TransferEvent::TransferFailed { .. } => story.failed = true,
                    TransferEvent::TransferDebited {} | TransferEvent::TransferRefused { .. } => {}
                }
                continue;
            }
            let id: AccountId = id.parse()?;
            let event = AccountEvent::decode(event)?;
            let leg = match event {
                AccountEvent::AccountOpened { initial_balance, .. } => {
                    paid_in += initial_balance.minor();
                    *balances.entry(id).or_default() += initial_balance.minor();
                    None
                }
                AccountEvent::AccountDebited {
                    transfer_id, amount, ..
                } => Some((transfer_id, Leg::Debit(id, amount), -amount.minor())),
                AccountEvent::AccountCredited {
                    transfer_id, amount, ..
                } => Some((transfer_id, Leg::Credit(id, amount), amount.minor())),
                AccountEvent::AccountRefunded {
                    transfer_id, amount, ..
                } => Some((transfer_id, Leg::Refund(id, amount), amount.minor())),
                AccountEvent::DebitRejected { .. }
                | AccountEvent::CreditRejected { .. }
                | AccountEvent::TransferSettled { .. }
                | AccountEvent::AccountClosed {} => None,
            };
            if let Some((transfer_id, leg, change)) = leg {
                stories.entry(transfer_id).or_default().legs.push(leg);
                let balance = balances.entry(id).or_default();
                *balance += change;
                ensure!(*balance >= 0, "account {id} is at {balance}");
            }
            let state = states.entry(id).or_default();
            *state = Account::evolve(std::mem::take(state), &event);
        }
    }
    let sum: i64 = balances.values().sum();
    ensure!(sum == paid_in, "{paid_in} was paid in, and {sum} is there");
    for (id, story) in stories {
        ended_rightly(story).with_context(|| format!("transfer {id}"))?;
    }
    for (id, state) in states {
        ensure!(state.open.is_empty(), "account {id} remembers {:?}", state.open);
    }
    Ok(())
}

fn ended_rightly(
    Story {
        created,
        completed,
        failed,
        mut legs,
    }: Story,
) -> anyhow::Result<()> {
    let (from, to, amount) = created.context("accounts moved money for a transfer that nobody asked for")?;
    // The accounts' streams come one after the other.
    legs.sort_unstable_by_key(|leg| !matches!(leg, Leg::Debit(..)));
    let debit = Leg::Debit(from, amount);
    let end = match (completed, failed, &*legs) {
        (true, false, [first, Leg::Credit(account, credited)]) if *first == debit => {
            ensure!(
                (*account, *credited) == (to, amount),
                "it completed with {legs:?}"
            );
            0
        }
        (false, true, []) => 1,
        (false, true, [first, Leg::Refund(account, refunded)]) if *first == debit => {
            ensure!((*account, *refunded) == (from, amount), "it failed with {legs:?}");
            2
        }
        _ => bail!("completed {completed}, failed {failed}, {legs:?}"),
    };
    ENDS[end].fetch_add(1, Ordering::Relaxed);
    Ok(())
}
