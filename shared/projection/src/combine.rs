//! Combines the writes of a batch: documents that add to the same counter are written in one transaction.

use crate::item::Item;
use crate::mutation::{Safeguard, is_removed};
use crate::report::Meter;
use crate::table::{Table, Transacted, Written, keep_away};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// The limit of `TransactWriteItems`.
pub(crate) const PER_TRANSACTION: usize = 100;

/// A counter item: its partition and sort key.
pub(crate) type Counter = (String, String);

/// One document with everything that changes with it.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    /// The document's put, with its condition.
    pub(crate) document: TransactWriteItem,
    /// Rows and marks.
    pub(crate) others: Vec<TransactWriteItem>,
    /// The amounts to be added to counters.
    pub(crate) amounts: BTreeMap<Counter, BTreeMap<String, i128>>,
}

impl Write {
    fn items(&self) -> usize {
        1 + self.others.len()
    }
}

/// The writes of one batch.
///
/// Written one by one, the documents of a batch would cancel one another's transactions at the counter that they share, and
/// those of the batches of other instances. Combined, they meet the others once, and the counter costs 2 write units for all of
/// them instead of 2 for each.
#[derive(Debug, Default)]
pub(crate) struct Combined {
    state: Mutex<State>,
    /// Told when a transaction has ended.
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    waiting: BTreeMap<u64, Member>,
    /// The counters of the transactions in flight.
    busy: BTreeSet<Counter>,
}

#[derive(Debug)]
struct Member {
    write: Write,
    reply: oneshot::Sender<Written>,
}

impl Combined {
    /// Writes a document that adds to counters, together with those of the batch that add to the same ones. Tries again
    /// after a conflict until the deadline. At most 100 items, each at 2 WU per KB.
    pub(crate) async fn write(
        &self,
        table: &Table,
        write: Write,
        deadline: Instant,
        meter: &Meter,
    ) -> Written {
        let (reply, mut result) = oneshot::channel();
        let number = {
            let mut state = self.state();
            state.last += 1;
            let number = state.last;
            state.waiting.insert(number, Member { write, reply });
            number
        };
        // The other documents of the batch are folded now, and join.
        tokio::task::yield_now().await;
        loop {
            // Before the look at the state, so that no end is missed.
            let ended = self.ended.notified();
            match result.try_recv() {
                Ok(written) => return written,
                Err(oneshot::error::TryRecvError::Closed) => {
                    return Written::Busy("the transaction was given up".to_owned());
                }
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            if let Some(mut group) = self.group(number) {
                transact(table, &mut group, deadline, meter).await;
            } else {
                ended.await;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns this write with those that share a counter with it or with one another, if it still waits and none of its
    /// counters is in use.
    fn group(&self, number: u64) -> Option<Group<'_>> {
        let mut state = self.state();
        let State { waiting, busy, .. } = &mut *state;
        let first = waiting.get(&number)?;
        if first.write.amounts.keys().any(|counter| busy.contains(counter)) {
            return None;
        }
        let mut counters: BTreeSet<Counter> = first.write.amounts.keys().cloned().collect();
        let mut items = first.write.items();
        let mut numbers = vec![number];
        loop {
            let joins = waiting.iter().find(|(other, member)| {
                let keys = &member.write.amounts;
                let new = keys.keys().filter(|counter| !counters.contains(*counter));
                !numbers.contains(other)
                    && keys.keys().any(|counter| counters.contains(counter))
                    && !keys.keys().any(|counter| busy.contains(counter))
                    && items + member.write.items() + counters.len() + new.count() <= PER_TRANSACTION
            });
            let Some((other, member)) = joins else { break };
            items += member.write.items();
            counters.extend(member.write.amounts.keys().cloned());
            numbers.push(*other);
        }
        busy.extend(counters.iter().cloned());
        let members = numbers.iter().filter_map(|number| waiting.remove(number));
        Some(Group {
            members: members.collect(),
            counters,
            combined: self,
        })
    }
}

/// Writes in one transaction. When it is dropped, its counters are free again.
struct Group<'a> {
    members: Vec<Member>,
    counters: BTreeSet<Counter>,
    combined: &'a Combined,
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        {
            let mut state = self.combined.state();
            for counter in &self.counters {
                state.busy.remove(counter);
            }
        }
        self.combined.ended.notify_waiters();
    }
}

/// Writes the members of a group: in one transaction, without those whose document another writer has changed; one by one
/// if DynamoDB refuses the whole, so that a document that cannot be stored holds back itself alone (G7).
async fn transact(table: &Table, group: &mut Group<'_>, deadline: Instant, meter: &Meter) {
    let mut attempt = 0;
    let mut alone = false;
    while !group.members.is_empty() {
        let count = if alone { 1 } else { group.members.len() };
        let written = match request(table, &group.members[..count]) {
            Ok((documents, others)) => table.transact_many(documents, others, meter).await,
            Err(error) => Transacted::All(Written::Invalid(error)),
        };
        match written {
            Transacted::All(Written::Invalid(_) | Written::Outdated(_)) if count > 1 => alone = true,
            Transacted::All(Written::Busy(_)) if Instant::now() < deadline => {
                meter.note(|report| report.conflicts += 1);
                attempt += 1;
                keep_away(attempt).await;
            }
            Transacted::All(written) => {
                for member in group.members.drain(..count) {
                    // Nobody waits any more when the batch was given up.
                    let _ = member.reply.send(written.clone());
                }
            }
            Transacted::Lost(mut lost) => {
                let members = std::mem::take(&mut group.members);
                for (place, member) in members.into_iter().enumerate() {
                    match lost.remove(&place) {
                        Some(item) => {
                            let _ = member.reply.send(Written::Lost(item));
                        }
                        None => group.members.push(member),
                    }
                }
            }
        }
    }
}

type Items = Vec<TransactWriteItem>;

/// Returns the documents, in the order of the members, and everything else.
fn request(table: &Table, members: &[Member]) -> Result<(Items, Items), String> {
    let mut others = Vec::new();
    let mut sums: BTreeMap<&Counter, BTreeMap<&str, i128>> = BTreeMap::new();
    for member in members {
        others.extend(member.write.others.iter().cloned());
        for (counter, amounts) in &member.write.amounts {
            let sum = sums.entry(counter).or_default();
            for (name, amount) in amounts {
                let sum = sum.entry(name).or_default();
                if is_removed(Safeguard::CombinedTallies) {
                    *sum = 0;
                }
                *sum = sum.saturating_add(*amount);
            }
        }
    }
    for (counter, amounts) in sums {
        others.extend(addition(table, counter, amounts.into_iter())?);
    }
    let documents = members.iter().map(|member| member.write.document.clone());
    Ok((documents.collect(), others))
}

/// Returns the item that adds amounts to a counter; `None` if it adds nothing.
pub(crate) fn addition<'a>(
    table: &Table,
    (pk, sk): &Counter,
    amounts: impl Iterator<Item = (&'a str, i128)>,
) -> Result<Option<TransactWriteItem>, String> {
    let key: Item = crate::item::key(pk.as_str(), sk.as_str());
    let mut update = Update::builder().table_name(&table.name).set_key(Some(key));
    let mut terms = Vec::new();
    for (i, (name, amount)) in amounts.filter(|(_, amount)| *amount != 0).enumerate() {
        update = update
            .expression_attribute_names(format!("#a{i}"), name)
            .expression_attribute_values(format!(":a{i}"), AttributeValue::N(amount.to_string()));
        terms.push(format!("#a{i} :a{i}"));
    }
    if terms.is_empty() {
        return Ok(None);
    }
    let update = update
        .update_expression(format!("ADD {}", terms.join(", ")))
        .build()
        .map_err(|e| e.to_string())?;
    Ok(Some(TransactWriteItem::builder().update(update).build()))
}
