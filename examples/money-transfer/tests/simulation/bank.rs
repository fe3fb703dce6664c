//! The clients' actions on a few accounts.

use crate::invariant::agree;
use accounts::{Account, AccountCommand};
use contracts::{AccountId, Money, TransferId};
use simulator::{Client, Clients, Rng, Scenario};
use transfers::{Transfer, TransferCommand};
use uuid::Uuid;

/// The scenario: two to four accounts, and transfers among them.
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
        // Every client tries to open every account, and one client succeeds.
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

/// Returns a random transfer. Some are to the same account, of 0.00, or of more than the balance.
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
