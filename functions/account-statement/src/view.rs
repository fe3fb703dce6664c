use crate::movement::Movement;
use contracts::account::{AccountEvent, CATEGORY};
use contracts::{Money, OrderId};
use projection::{ApplyError, Published, Row, Uses, View};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The view: one document per account, and a journal row under the consumer's id for each of its events.
///
/// An event costs a transaction of the document and the row, of 2 write units per KB each: 4, and 2 more for about every
/// 15 open orders.
#[derive(Debug, Clone, Copy)]
pub struct AccountStatement;

/// The part of an account that the next movement needs: the amounts held back, by order. At most 1,000 orders, which is
/// accounting's own limit: 60 KB.
///
/// The names are stored; version them with care.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountDocument {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    open: BTreeMap<OrderId, Money>,
}

impl View for AccountStatement {
    type Document = AccountDocument;
    const NAME: &'static str = "account-statement";
    const SOURCES: &'static [&'static str] = &[CATEGORY];
    const USES: Uses = Uses::NOTHING.journal();

    fn apply(document: &mut AccountDocument, event: &Published<'_>) -> Result<(), ApplyError> {
        match event.decode()? {
            AccountEvent::PaymentAuthorized { order_id, amount } => {
                document.open.insert(order_id, amount);
            }
            AccountEvent::PaymentRevised { order_id, amount, .. }
            | AccountEvent::PaymentRevisionUndone { order_id, amount, .. } => {
                // As in accounting, an amount that is not held back cannot be revised.
                if let Some(open) = document.open.get_mut(&order_id) {
                    *open = amount;
                }
            }
            AccountEvent::PaymentReversed { order_id, .. }
            | AccountEvent::PaymentCaptured { order_id, .. } => {
                document.open.remove(&order_id);
            }
            AccountEvent::AccountOpened {}
            | AccountEvent::CreditLimitSet { .. }
            | AccountEvent::PaymentDeclined { .. }
            | AccountEvent::PaymentRevisionDeclined { .. } => {}
        }
        Ok(())
    }

    fn journal(document: &AccountDocument, event: &Published<'_>) -> Vec<Row> {
        // An event that cannot be decoded was not applied and is no movement.
        let Ok(movement) = event.decode() else {
            return Vec::new();
        };
        let movement = Movement::of(movement, event.time(), event.version, document.held_back());
        vec![Row {
            partition: event.id().to_owned(),
            sort: format!("{:020}", event.version),
            data: serde_json::to_value(movement).expect("a movement has only text for keys"),
        }]
    }
}

impl AccountDocument {
    /// Returns the sum in minor units. 1,000 amounts of 12 digits do not overflow.
    fn held_back(&self) -> i64 {
        let amounts = self.open.values().map(|amount| amount.minor());
        amounts.fold(0, i64::saturating_add)
    }
}
