//! Sends one destination's messages, each group in order.

use crate::pack::{Groups, batches};
use crate::{MessageSink, OutgoingMessage, backoff};
use futures::stream::{self, StreamExt};
use std::collections::{BTreeSet, HashSet};
use tokio::time::{Instant, sleep, timeout_at};

/// The number of concurrent requests to one queue. The groups of a round differ, so their order does not matter.
const CONCURRENT_REQUESTS: usize = 4;

/// The outcome of one destination's messages.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    pub(crate) sent: u64,
    pub(crate) requests: u64,
    /// The number of refusals; a message that is refused twice counts twice.
    pub(crate) refused: u64,
    pub(crate) unsent: u64,
    /// The indexes of the records that were not sent.
    pub(crate) left: BTreeSet<usize>,
    /// The number of commits that were put aside for the subscriber instead.
    pub(crate) aside: u64,
}

/// How long a queue is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) until: Instant,
    /// Whether a message that was refused is sent again.
    pub(crate) repeats: bool,
}

/// Sends until every message is accepted or the patience leaves no time for another attempt.
///
/// A round sends the first message of every group, at most one of each: a request may be accepted in part, and a later
/// message of a group must not overtake a refused one. After a refusal a group pauses; the others continue.
pub(crate) async fn deliver<S: MessageSink>(
    sink: &S,
    queue_url: &str,
    mut groups: Groups,
    patience: Patience,
) -> Delivery {
    let deadline = patience.until;
    let mut delivery = Delivery::default();
    let mut failures = 0;
    loop {
        let mut resting = BTreeSet::new();
        loop {
            let round: Vec<_> = groups
                .iter()
                .filter(|(lane, _)| !resting.contains(*lane))
                .filter_map(|(lane, messages)| Some((*lane, messages.front()?)))
                .map(|(lane, packed)| (lane, packed.message.clone()))
                .collect();
            if round.is_empty() || Instant::now() >= deadline {
                break;
            }
            let taken = send(sink, queue_url, &round, deadline, &mut delivery).await;
            for (lane, message) in round {
                if taken.contains(&message.id) {
                    groups.entry(lane).and_modify(|messages| {
                        messages.pop_front();
                    });
                } else {
                    resting.insert(lane);
                }
            }
            groups.retain(|_, messages| !messages.is_empty());
        }
        failures += 1;
        let rest = backoff::rest(failures);
        if groups.is_empty() || !patience.repeats || Instant::now() + rest >= deadline {
            break;
        }
        sleep(rest).await;
    }
    let left = groups.values().flatten();
    delivery.unsent = left.clone().count() as u64;
    delivery.left = left.flat_map(|packed| packed.records.iter().copied()).collect();
    delivery
}

/// Sends one round, and returns the ids that were accepted.
async fn send<S: MessageSink>(
    sink: &S,
    queue_url: &str,
    round: &[(u32, OutgoingMessage)],
    deadline: Instant,
    delivery: &mut Delivery,
) -> HashSet<String> {
    let messages = round.iter().map(|(_, message)| message.clone()).collect();
    let requests = batches(messages).into_iter().map(|batch| async move {
        let ids: Vec<String> = batch.iter().map(|message| message.id.clone()).collect();
        (ids, timeout_at(deadline, sink.send(queue_url, batch)).await)
    });
    let mut answers = stream::iter(requests).buffer_unordered(CONCURRENT_REQUESTS);
    let mut taken = HashSet::new();
    while let Some((ids, answer)) = answers.next().await {
        delivery.requests += 1;
        let failed: HashSet<String> = match answer {
            Ok(Ok(failed)) => {
                for entry in &failed {
                    tracing::warn!(
                        queue_url,
                        code = entry.code,
                        sender_fault = entry.sender_fault,
                        "message refused"
                    );
                }
                failed.into_iter().map(|entry| entry.id).collect()
            }
            Ok(Err(error)) => {
                tracing::warn!(queue_url, %error, "request failed");
                ids.iter().cloned().collect()
            }
            Err(_) => {
                tracing::warn!(queue_url, "the queue did not answer before the deadline");
                ids.iter().cloned().collect()
            }
        };
        let (refused, accepted): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| failed.contains(id));
        delivery.refused += refused.len() as u64;
        delivery.sent += accepted.len() as u64;
        taken.extend(accepted);
    }
    taken
}
