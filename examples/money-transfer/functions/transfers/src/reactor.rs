use crate::transfer::{Answer, Transfer, TransferCommand};
use contracts::{AccountEvent, TransferId, account};
use event_store::{EventStore, ExecuteError};
use function::Wiring;
use projection::{ApplyError, Cause, EffectError, Effects, Published, Reactor};

/// What the reactor asks of its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// The transfer.
    pub transfer_id: TransferId,
    /// What an account has answered it.
    pub answer: Answer,
}

/// Listens to accounts: what they answer goes to the transfers that asked.
#[derive(Debug, Clone, Copy)]
pub struct TransfersReactor;

impl Reactor for TransfersReactor {
    /// Nothing to remember: every answer names its transfer.
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

/// Carries out what the reactor asks.
#[derive(Clone)]
pub struct TransfersEffects {
    store: EventStore<Transfer>,
}

impl TransfersEffects {
    /// On the service's own event table.
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
            // A refusal is an answer: asked again, it would be the same.
            Err(ExecuteError::Refused(error)) => {
                tracing::error!(%transfer_id, ?answer, %error, "an account's answer was refused");
                Ok(())
            }
            Err(error) => Err(EffectError::Retry(error.to_string())),
        }
    }
}
