use contracts::account::{AccountEvent, CATEGORY, Owner};
use contracts::{AccountId, Invalid, Money};
use jiff::Timestamp;
use projection::{ApplyError, Index, Published, Uses, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The view: one document per account, in an index by owner.
///
/// An event costs 2 write units for the document, and 1 for the index if it changes the indexed entry.
#[derive(Debug, Clone, Copy)]
pub struct AccountBalance;

/// An account and its balance; absent before the account is opened. The names are stored; version them with care.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Balance)]
pub struct BalanceEntry {
    /// The account's id.
    pub account_id: AccountId,
    /// The owner.
    pub owner: Owner,
    /// The balance, without the amounts of debited transfers.
    pub balance: Money,
    /// Whether the account is permanently closed.
    pub closed: bool,
    /// When the last event was committed.
    #[schema(value_type = contracts::Moment)]
    pub changed_at: Timestamp,
}

impl View for AccountBalance {
    type Document = Option<BalanceEntry>;
    const NAME: &'static str = "account-balance";
    const SOURCES: &'static [&'static str] = &[CATEGORY];
    const USES: Uses = Uses::NOTHING.index();

    fn apply(document: &mut Self::Document, event: &Published<'_>) -> Result<(), ApplyError> {
        match event.decode()? {
            AccountEvent::AccountOpened {
                owner,
                initial_balance,
            } => {
                *document = Some(BalanceEntry {
                    account_id: event.id().parse().map_err(foreign)?,
                    owner,
                    balance: initial_balance,
                    closed: false,
                    changed_at: event.time(),
                });
            }
            AccountEvent::AccountDebited { amount, .. } => {
                post(document, event, |balance| balance.checked_sub(amount))?;
            }
            AccountEvent::AccountCredited { amount, .. } | AccountEvent::AccountRefunded { amount, .. } => {
                post(document, event, |balance| balance.checked_add(amount))?;
            }
            AccountEvent::AccountClosed {} => {
                if let Some(entry) = document {
                    entry.closed = true;
                    entry.changed_at = event.time();
                }
            }
            // These do not change the balance. An account that was never opened may have them, and stays unknown.
            AccountEvent::DebitRejected { .. }
            | AccountEvent::CreditRejected { .. }
            | AccountEvent::TransferSettled { .. } => {}
        }
        Ok(())
    }

    fn index(document: &Self::Document) -> Option<Index> {
        let entry = document.as_ref()?;
        Some(Index {
            partition: entry.owner.to_string(),
            sort: entry.account_id.to_string(),
            lean: serde_json::to_value(entry).expect("an entry has only text for keys"),
            attributes: BTreeMap::new(),
        })
    }
}

/// Changes the balance. The account's decisions keep it a valid amount; an event that contradicts this is quarantined.
fn post(
    document: &mut Option<BalanceEntry>,
    event: &Published<'_>,
    change: impl Fn(Money) -> Option<Money>,
) -> Result<(), ApplyError> {
    let entry = document
        .as_mut()
        .ok_or_else(|| ApplyError::rejected("the account was not opened"))?;
    let balance = change(entry.balance);
    entry.balance = balance.ok_or_else(|| ApplyError::rejected("the balance is not a valid amount"))?;
    entry.changed_at = event.time();
    Ok(())
}

fn foreign(error: Invalid) -> ApplyError {
    ApplyError::rejected(format!("the stream's id: {error}"))
}
