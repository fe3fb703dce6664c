//! Transactions in flight, and what they cancel.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The items that transactions in flight hold: a table with a key, as text.
type Held = BTreeSet<String>;

/// Cancels what overlaps with a transaction in flight, by DynamoDB's rules ("Transaction conflict handling in DynamoDB" in
/// its developer guide): the transaction that was there first goes on, and another transaction with one of its items, a
/// `TransactGetItems` of one, or a single write to one is refused. Reads and `BatchWriteItem` are not.
#[derive(Debug, Default)]
pub(crate) struct Overlaps {
    /// How long a transaction holds its items at least; `None` while overlapping transactions are allowed.
    pub(crate) duration: Option<Duration>,
    pub(crate) cancelled: u64,
    held: Arc<Mutex<Held>>,
}

/// What happens to a request.
pub(crate) enum Entered {
    /// It overlaps with no transaction, and holds nothing.
    Free,
    /// It holds its items until this is dropped, at least for this long.
    Holds(Hold, Duration),
    /// It is refused with this error.
    Cancelled(String),
}

/// The items of a transaction in flight.
pub(crate) struct Hold {
    held: Arc<Mutex<Held>>,
    items: Vec<String>,
}

impl Overlaps {
    pub(crate) fn enter(&mut self, operation: &str, body: &str) -> Entered {
        let Some(duration) = self.duration else {
            return Entered::Free;
        };
        let Some(items) = items(operation, body) else {
            return Entered::Free;
        };
        let mut held = lock(&self.held);
        let conflicts: Vec<bool> = items.iter().map(|item| held.contains(item)).collect();
        if conflicts.contains(&true) {
            self.cancelled += 1;
            return Entered::Cancelled(error(operation, &conflicts));
        }
        if operation != "TransactWriteItems" {
            return Entered::Free;
        }
        held.extend(items.iter().cloned());
        let held = Arc::clone(&self.held);
        Entered::Holds(Hold { held, items }, duration)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = lock(&self.held);
        for item in &self.items {
            held.remove(item);
        }
    }
}

fn lock(held: &Mutex<Held>) -> MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the items of a request that takes part in conflicts. The keys of tables are `pk` and `sk`.
fn items(operation: &str, body: &str) -> Option<Vec<String>> {
    let body: Value = serde_json::from_str(body).ok()?;
    let place = |part: &Value| -> String {
        let key = part.get("Item").unwrap_or(&part["Key"]);
        json!([part["TableName"], key["pk"], key["sk"]]).to_string()
    };
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => Some(vec![place(&body)]),
        "TransactWriteItems" | "TransactGetItems" => {
            let parts = body["TransactItems"].as_array()?.iter();
            let parts = parts.filter_map(|part| part.as_object()?.values().next());
            Some(parts.map(place).collect())
        }
        _ => None,
    }
}

fn error(operation: &str, conflicts: &[bool]) -> String {
    let name = |name: &str| format!("com.amazonaws.dynamodb.v20120810#{name}");
    if !operation.starts_with("Transact") {
        let message = "Transaction is ongoing for the item";
        return json!({ "__type": name("TransactionConflictException"), "message": message }).to_string();
    }
    let reasons = conflicts.iter().map(|conflict| match conflict {
        true => json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }),
        false => json!({ "Code": "None" }),
    });
    let reasons: Vec<Value> = reasons.collect();
    json!({
        "__type": name("TransactionCanceledException"),
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    })
    .to_string()
}
