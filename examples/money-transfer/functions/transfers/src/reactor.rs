use crate::transfer::{Answer, Transfer, TransferCommand};
use contracts::{AccountEvent, TransferId, account};
use event_store::{EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};

/// A command that the reactor requests from its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The transfer.
    pub transfer_id: TransferId,
    /// The account's answer.
    pub answer: Answer,
}

/// The reactor that consumes the accounts' events and passes their answers to the transfers.
#[derive(Debug, Clone, Copy)]
pub struct TransfersReactor;

impl Reactor for TransfersReactor {
    /// Empty, because every answer names its transfer.
    type Document = ();
    type Command = Ask;
    const NAME: &'static str = "transfers-reactor";
    const SOURCES: &'static [&'static str] = &[account::CATEGORY];

    fn react((): &mut (), event: &Published<'_>) -> Result<Vec<Ask>, ApplyError> {
        let (transfer_id, answer) = match event.decode()? {
            AccountEvent::AccountDebited { transfer_id, .. } => (transfer_id, Answer::Debited),
            AccountEvent::DebitRejected {
                transfer_id, reason, ..
            } => (transfer_id, Answer::DebitRejected(reason)),
            AccountEvent::AccountCredited { transfer_id, .. } => (transfer_id, Answer::Credited),
            AccountEvent::CreditRejected {
                transfer_id, reason, ..
            } => (transfer_id, Answer::CreditRejected(reason)),
            AccountEvent::AccountRefunded { transfer_id, .. } => (transfer_id, Answer::Refunded),
            AccountEvent::AccountOpened { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::AccountClosed {} => return Ok(vec![]),
        };
        Ok(vec![Ask { transfer_id, answer }])
    }
}

/// Executes the commands that the reactor requests.
#[derive(Clone)]
pub struct TransfersEffects {
    store: EventStore<Transfer>,
}

impl TransfersEffects {
    /// Creates the effects on the service's own event table.
    #[must_use]
    pub fn new(wiring: &Wiring) -> Self {
        Self {
            store: wiring.store(),
        }
    }
}

impl Effects<Ask> for TransfersEffects {
    async fn run(&self, Ask { transfer_id, answer }: Ask, cause: &Cause) -> Result<(), EffectError> {
        let note = TransferCommand::Note(answer);
        match self.store.execute(&transfer_id, &note, &cause.context()).await {
            Ok(_) => Ok(()),
            // A refusal is final: a repetition would be refused again.
            Err(ExecuteError::Refused(error)) => {
                tracing::error!(%transfer_id, ?answer, %error, "an account's answer was refused");
                Ok(())
            }
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}
