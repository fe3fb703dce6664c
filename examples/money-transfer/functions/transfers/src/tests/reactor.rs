//! The effects of the accounts' answers on transfers. Each answer is recorded once (G6).

use crate::tests::{account, money, transfer};
use crate::{Answer, Ask, Transfer, TransferCommand, TransfersEffects, TransfersReactor};
use commit::{CommandId, Commit, Metadata};
use contracts::account::{AccountEvent, CATEGORY, RejectionReason};
use contracts::{TransferEvent, TransferStatus};
use event_store::{CommandContext, Decider, EventStore, event_table};
use function::Wiring;
use jiff::Timestamp;
use local_dynamodb::LocalDynamo;
use projection::{Cause, Effects, Published, Reactor};
use proptest::prelude::*;
use testkit::{commits, reacts_once};

const REASON: RejectionReason = RejectionReason::AccountClosed;

/// Returns one event of each type of the accounts, for this transfer.
fn events(number: u128) -> Vec<AccountEvent> {
    let (transfer_id, amount) = (transfer(number), money("5.00"));
    let (from, to) = (account(1), account(2));
    vec![
        AccountEvent::AccountOpened {
            owner: "Ada Lovelace".parse().unwrap(),
            initial_balance: amount,
        },
        AccountEvent::AccountDebited {
            transfer_id,
            to,
            amount,
        },
        AccountEvent::DebitRejected {
            transfer_id,
            to,
            amount,
            reason: REASON,
        },
        AccountEvent::AccountCredited {
            transfer_id,
            from,
            amount,
        },
        AccountEvent::CreditRejected {
            transfer_id,
            from,
            amount,
            reason: REASON,
        },
        AccountEvent::AccountRefunded {
            transfer_id,
            to,
            amount,
        },
        AccountEvent::TransferSettled {
            transfer_id,
            other: to,
            amount,
            status: TransferStatus::Completed,
        },
        AccountEvent::AccountClosed {},
    ]
}

fn history(number: u128, events: &[AccountEvent]) -> Vec<Commit> {
    let begins = Timestamp::from_second(1_795_000_000).unwrap();
    commits(&format!("{CATEGORY}#{}", account(number)), begins, events)
}

#[test]
fn every_answer_goes_to_its_transfer() {
    let mut asks = Vec::new();
    for commit in history(1, &events(7)) {
        let published = Published {
            commit: &commit,
            version: commit.first,
            event: &commit.events[0],
        };
        asks.extend(TransfersReactor::react(&mut (), &published).unwrap());
    }
    let answers = [
        Answer::Debited,
        Answer::DebitRejected(REASON),
        Answer::Credited,
        Answer::CreditRejected(REASON),
        Answer::Refunded,
    ];
    let transfer_id = transfer(7);
    assert_eq!(asks, answers.map(|answer| Ask { transfer_id, answer }));
}

#[test]
fn g6_every_answer_is_requested_once_under_any_delivery() {
    let event = (0..8_usize, 1..4_u128).prop_map(|(kind, number)| events(number).swap_remove(kind));
    let account = prop::collection::vec(event, 0..8);
    let histories = (account.clone(), account);
    let histories = histories.prop_map(|(first, second)| [history(1, &first), history(2, &second)].concat());
    reacts_once::<TransfersReactor>(histories, 100);
}

#[tokio::test]
async fn repeated_answer_is_recorded_once_and_contradicting_answer_is_ignored() {
    let dynamo = LocalDynamo::in_memory().await.unwrap();
    event_table("events").create(&dynamo.client()).await.unwrap();
    let wiring = Wiring::new(dynamo.client()).events(Transfer::CATEGORY, "events");
    let (store, effects): (EventStore<Transfer>, _) = (wiring.store(), TransfersEffects::new(&wiring));
    let transfer_id = transfer(1);
    let create = TransferCommand::Create {
        from: account(1),
        to: account(2),
        amount: money("5.00"),
    };
    let context = CommandContext::unrepeatable(Timestamp::now());
    store.create(&transfer_id, &create, &context).await.unwrap();

    let answers = [
        Answer::Debited,
        Answer::Credited,
        Answer::Debited,
        Answer::Refunded,
    ];
    for answer in answers {
        let cause = Cause {
            command_id: CommandId::random(),
            time: Timestamp::now(),
            now: Timestamp::now(),
            metadata: Metadata::default(),
        };
        let ask = Ask { transfer_id, answer };
        effects.run(ask, &cause).await.unwrap();
    }
    let loaded = store.load(&transfer_id).await.unwrap();
    let last = TransferEvent::TransferCompleted {};
    let completed = Transfer::evolve(loaded.state.clone(), &last);
    assert_eq!((loaded.version, &loaded.state), (3, &completed));
}
