//! The same system with accounts that do not remember what they have answered: the law has to notice, or it proves nothing.

use crate::bank::BANK;
use accounts::{Account, AccountCommand, AccountError, AccountState, AccountsReactor, Ask};
use commit::CommandId;
use contracts::{AccountEvent, AccountId};
use event_store::{CommandContext, Decider, EventStore};
use function::{Part, Subscriber, System, Wiring};
use projection::{Cause, EffectError, Effects};
use simulator::{Scenario, run};

/// The seeds within which it has to be noticed.
const SEEDS: u64 = 200;

/// An account that decides about every debit and credit as if it were asked for the first time.
#[derive(Debug)]
struct Forgetful;

impl Decider for Forgetful {
    type Id = AccountId;
    type Command = AccountCommand;
    type Event = AccountEvent;
    type State = AccountState;
    type Error = AccountError;
    const CATEGORY: &'static str = Account::CATEGORY;
    const STATE_SCHEMA: u32 = Account::STATE_SCHEMA;

    fn decide(state: &AccountState, command: &AccountCommand) -> Result<Vec<AccountEvent>, AccountError> {
        let mut state = state.clone();
        if let AccountCommand::Debit { posting, .. } | AccountCommand::Credit { posting, .. } = command {
            state.open.remove(&posting.transfer_id);
        }
        Account::decide(&state, command)
    }

    fn evolve(state: AccountState, event: &AccountEvent) -> AccountState {
        Account::evolve(state, event)
    }
}

/// Asks such accounts, under another command id each time, so that the event store does not recognize a repetition either.
#[derive(Clone)]
struct Careless {
    accounts: EventStore<Forgetful>,
}

impl Careless {
    fn new(wiring: &Wiring) -> Self {
        Self {
            accounts: wiring.store(),
        }
    }

    async fn ask(&self, ask: &Ask, cause: &Cause) -> anyhow::Result<()> {
        let loaded = self.accounts.load(&ask.account_id).await?;
        let (cause_id, version) = (cause.command_id.to_string(), loaded.version.to_string());
        let context = CommandContext {
            command_id: CommandId::derive(&[&cause_id, &version]),
            ..cause.context()
        };
        let command = ask.command(loaded.state.settled);
        self.accounts.execute_loaded(loaded, &command, &context).await?;
        Ok(())
    }
}

impl Effects<Ask> for Careless {
    async fn run(&self, ask: Ask, cause: &Cause) -> Result<(), EffectError> {
        let done = self.ask(&ask, cause).await;
        done.map_err(|error| EffectError::Retry(error.to_string()))
    }
}

fn system() -> System {
    let accounts = Part::service("accounts", &[Account::CATEGORY])
        .commands(accounts::router)
        .reacts(Subscriber::reactor::<AccountsReactor, _>(Careless::new));
    System::new("Careless bank", "It answers as often as it is asked.")
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
fn a_bank_that_answers_a_transfer_twice_is_noticed() {
    let failure = (0..SEEDS).find_map(|seed| Some((seed, run(CARELESS, seed, false).failure?)));
    let (seed, failure) = failure.expect("answering a transfer twice is noticed");
    println!("seed {seed} fails: {failure}");
}
