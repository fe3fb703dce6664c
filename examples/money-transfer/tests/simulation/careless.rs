//! The same system with accounts that do not look at a transfer before they answer it: the law has to notice, or it proves nothing.

use crate::bank::BANK;
use accounts::{Account, AccountsReactor, Ask};
use commit::CommandId;
use event_store::{CommandContext, EventStore};
use function::{Part, Subscriber, System, Wiring};
use projection::{Cause, EffectError, Effects};
use simulator::{Scenario, run};

/// The seeds within which it has to be noticed.
const SEEDS: u64 = 1_000;

/// Answers every transfer that the account does not remember, and is not recognized by its command id either.
#[derive(Clone)]
struct Careless {
    accounts: EventStore<Account>,
}

impl Careless {
    fn new(wiring: &Wiring) -> Self {
        Self {
            accounts: wiring.store(),
        }
    }
}

impl Effects<Ask> for Careless {
    async fn run(&self, ask: Ask, cause: &Cause) -> Result<(), EffectError> {
        let retry = |error: String| EffectError::Retry(error);
        let loaded = self.accounts.load(&ask.account_id).await;
        let loaded = loaded.map_err(|error| retry(error.to_string()))?;
        let version = loaded.version.to_string();
        let context = CommandContext {
            command_id: CommandId::derive(&[&cause.command_id.to_string(), &version]),
            ..cause.context()
        };
        let command = ask.command(loaded.state.settled);
        let done = self.accounts.execute_loaded(loaded, &command, &context).await;
        done.map(drop).map_err(|error| retry(error.to_string()))
    }
}

fn system() -> System {
    let accounts = Part::service("accounts", &[contracts::account::CATEGORY])
        .commands(accounts::router)
        .reacts(Subscriber::reactor::<AccountsReactor, _>(Careless::new));
    System::new("Careless bank", "It forgets what it has answered.")
        .with(accounts)
        .with(transfers::part())
        .with(account_balance::part())
        .with(account_statement::part())
        .with(operations::part())
        .with(relay::part())
}

const CARELESS: &[(u32, Scenario)] = &[(
    1,
    Scenario {
        system: |_| system(),
        ..BANK
    },
)];

#[test]
fn accounts_that_do_not_look_at_the_transfer_would_be_noticed() {
    let failure = (0..SEEDS).find_map(|seed| Some((seed, run(CARELESS, seed, false).failure?)));
    let (seed, failure) = failure.expect("answering a transfer twice is noticed");
    println!("without the look seed {seed} fails: {failure}");
}
