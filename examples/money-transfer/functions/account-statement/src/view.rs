use crate::movement::Movement;
use contracts::Money;
use contracts::account::{AccountEvent, CATEGORY};
use projection::{ApplyError, Published, Row, Uses, View};
use serde::{Deserialize, Serialize};

/// The view: one document per account, and a journal row under the account's id for each of its events.
///
/// An event costs one transaction: 2 write units for the document and 2 for the row.
#[derive(Debug, Clone, Copy)]
pub struct AccountStatement;

/// The current balance, from which the next movement is computed. The names are stored; version them with care.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    balance: Money,
}

impl View for AccountStatement {
    type Document = Balance;
    const NAME: &'static str = "account-statement";
    const SOURCES: &'static [&'static str] = &[CATEGORY];
    const USES: Uses = Uses::NOTHING.journal();

    fn apply(document: &mut Balance, event: &Published<'_>) -> Result<(), ApplyError> {
        let balance = document.balance;
        let balance = match event.decode()? {
            AccountEvent::AccountOpened { initial_balance, .. } => Some(initial_balance),
            AccountEvent::AccountDebited { amount, .. } => balance.checked_sub(amount),
            AccountEvent::AccountCredited { amount, .. } | AccountEvent::AccountRefunded { amount, .. } => {
                balance.checked_add(amount)
            }
            AccountEvent::DebitRejected { .. }
            | AccountEvent::CreditRejected { .. }
            | AccountEvent::TransferSettled { .. }
            | AccountEvent::AccountClosed {} => Some(balance),
        };
        // The account's decisions keep the balance a valid amount; an event that contradicts this is quarantined.
        document.balance =
            balance.ok_or_else(|| ApplyError::rejected("the balance is not a valid amount"))?;
        Ok(())
    }

    fn journal(document: &Balance, event: &Published<'_>) -> Vec<Row> {
        // An event that cannot be decoded was not applied and is no movement.
        let Ok(movement) = event.decode() else {
            return Vec::new();
        };
        let movement = Movement::of(movement, event.time(), event.version, document.balance);
        vec![Row {
            partition: event.id().to_owned(),
            sort: format!("{:020}", event.version),
            data: serde_json::to_value(movement).expect("a movement has only text for keys"),
        }]
    }
}
