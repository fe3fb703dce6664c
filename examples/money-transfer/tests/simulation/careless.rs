//! The same system with accounts that can answer a transfer twice. The simulation must detect this, or the invariant proves nothing.

use crate::bank::BANK;
use accounts::{Account, AccountCommand, AccountError, AccountState, AccountsReactor, Ask};
use commit::CommandId;
use contracts::{AccountEvent, AccountId};
use event_store::{CommandContext, Decider, EventStore};
use function::{Part, Subscriber, System, Wiring};
use projection::{Cause, EffectError, Effects};
use simulator::{Scenario, run};

/// A decider that handles every debit and credit as if it were the first request.
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

/// Effects that execute commands without reading the transfer, and with a new command id each time, so that the event store does not
/// recognize a repetition.
struct Careless<D: Decider> {
    accounts: EventStore<D>,
}

impl<D> Careless<D>
where
    D: Decider<Id = AccountId, Command = AccountCommand, State = AccountState, Error = AccountError>,
{
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

impl<D> Effects<Ask> for Careless<D>
where
    D: Decider<Id = AccountId, Command = AccountCommand, State = AccountState, Error = AccountError>,
{
    async fn run(&self, ask: Ask, cause: &Cause) -> Result<(), EffectError> {
        let done = self.ask(&ask, cause).await;
        done.map_err(|error| EffectError::Retry(error.to_string()))
    }
}

/// Returns the system with this reactor in the accounts service.
fn system(reactor: Subscriber) -> System {
    let accounts = Part::service("accounts", &[Account::CATEGORY])
        .commands(accounts::router)
        .reacts(reactor);
    System::new("Careless bank", "Accounts can answer a transfer more than once.")
        .with(accounts)
        .with(transfers::part())
        .with(account_balance::part())
        .with(account_statement::part())
        .with(operations::part())
        .with(relay::part())
}

const FORGETFUL: &[(u32, Scenario)] = &[(
    1,
    Scenario {
        system: |_| {
            system(Subscriber::reactor::<AccountsReactor, _>(
                Careless::<Forgetful>::new,
            ))
        },
        ..BANK
    },
)];

const WITHOUT_READ: &[(u32, Scenario)] = &[(
    1,
    Scenario {
        system: |_| {
            system(Subscriber::reactor::<AccountsReactor, _>(
                Careless::<Account>::new,
            ))
        },
        ..BANK
    },
)];

/// Returns the first of these seeds that fails.
fn found(scenarios: &[(u32, Scenario)], seeds: u64) -> u64 {
    let failure = (0..seeds).find_map(|seed| Some((seed, run(scenarios, seed, false).failure?)));
    let (seed, failure) = failure.expect("a transfer that is answered twice violates the invariant");
    println!("seed {seed} fails: {failure}");
    seed
}

#[test]
fn accounts_that_do_not_remember_their_answers_violate_the_invariant() {
    let seed = found(FORGETFUL, 200);
    assert_eq!(run(&[(1, BANK)], seed, false).failure, None, "seed {seed}");
}

#[test]
#[ignore = "takes minutes: it needs a transfer that is answered again after it has ended"]
fn reactor_that_does_not_read_the_transfer_violates_the_invariant() {
    let seed = found(WITHOUT_READ, 5_000);
    assert_eq!(run(&[(1, BANK)], seed, false).failure, None, "seed {seed}");
}
