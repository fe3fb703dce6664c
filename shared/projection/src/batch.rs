use crate::report::BatchReport;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use commit::{Message, Metadata, Parcel};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A batch of queue messages, grouped by document.
pub(crate) struct Batch {
    messages: Vec<Envelope>,
    unreadable: BTreeSet<usize>,
    /// By document key: the deliveries, in the order of the messages.
    pub(crate) documents: BTreeMap<String, Vec<Delivery>>,
    /// By document key: the messages that request a redrive.
    pub(crate) redrives: BTreeMap<String, Vec<usize>>,
    /// The keys of documents with deadlines that have passed.
    pub(crate) overdue: BTreeSet<String>,
}

/// The part of a message that the response needs.
struct Envelope {
    id: String,
    /// `None` when the message is not from a FIFO queue; it then fails alone.
    group: Option<String>,
}

/// The delivery of a message from which on a source that still fails is parked, which is about twenty seconds after the
/// first one. It does not hold back its lane any longer.
pub(crate) const LAST_TRY: u32 = 4;

/// One commit of a message.
pub(crate) struct Delivery {
    /// The index of the message in the batch.
    pub(crate) message: usize,
    /// The number of times the queue has delivered the message, this time included.
    pub(crate) receives: u32,
    pub(crate) parcel: Parcel,
}

impl Delivery {
    /// Returns the commit's time.
    pub(crate) fn time(&self) -> Timestamp {
        match &self.parcel {
            Parcel::Whole(commit) => commit.time,
            Parcel::Key(key) => key.time,
        }
    }

    /// Returns the commit's metadata; `None` for a key, which has none.
    pub(crate) fn metadata(&self) -> Option<&Metadata> {
        match &self.parcel {
            Parcel::Whole(commit) => Some(&commit.metadata),
            Parcel::Key(_) => None,
        }
    }
}

impl Batch {
    pub(crate) fn read(event: SqsEvent, sources: &[&str], report: &mut BatchReport) -> Self {
        let mut batch = Self {
            messages: Vec::with_capacity(event.records.len()),
            unreadable: BTreeSet::new(),
            documents: BTreeMap::new(),
            redrives: BTreeMap::new(),
            overdue: BTreeSet::new(),
        };
        for (number, message) in event.records.into_iter().enumerate() {
            report.messages += 1;
            let body = message.body.as_deref().unwrap_or_default();
            match serde_json::from_str::<Message>(body) {
                Ok(content) => {
                    let receives = receives(&message);
                    for key in content.redrive {
                        report.redriven += 1;
                        batch.redrives.entry(key).or_default().push(number);
                    }
                    batch.overdue.extend(content.overdue);
                    for parcel in content.commits {
                        report.commits += 1;
                        if !sources.contains(&parcel.stream().category()) {
                            report.foreign += 1;
                            continue;
                        }
                        let key = parcel.stream().id().to_owned();
                        batch.documents.entry(key).or_default().push(Delivery {
                            message: number,
                            receives,
                            parcel,
                        });
                    }
                }
                Err(error) => {
                    tracing::error!(
                        message = message.message_id,
                        error = commit::fault(&error),
                        "a message cannot be read and goes to the dead-letter queue"
                    );
                    report.unreadable += 1;
                    batch.unreadable.insert(number);
                }
            }
            batch.messages.push(Envelope {
                id: message.message_id.unwrap_or_default(),
                group: message.attributes.get("MessageGroupId").cloned(),
            });
        }
        for deliveries in batch.documents.values_mut() {
            straighten(deliveries);
        }
        batch
    }

    /// Returns the response by the FIFO rule: from the first failed message of a group on, every message of the group
    /// is reported. The messages after it were handled too, so that one message never holds back the documents of
    /// others (G7); when they are delivered again, they are duplicates.
    pub(crate) fn response(self, mut failed: BTreeSet<usize>, report: &mut BatchReport) -> SqsBatchResponse {
        failed.extend(self.unreadable);
        let mut response = SqsBatchResponse::default();
        let mut stopped = BTreeSet::new();
        for (number, message) in self.messages.into_iter().enumerate() {
            let after = message
                .group
                .as_ref()
                .is_some_and(|group| stopped.contains(group));
            if after || failed.contains(&number) {
                report.failed += 1;
                stopped.extend(message.group);
                response.add_failure(message.id);
            }
        }
        response
    }
}

pub(crate) fn receives(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// Sorts each source's commits by version within the positions that the source has. A wrong order within one batch then
/// costs no heal, and the sources stay interleaved as they arrived.
fn straighten(deliveries: &mut Vec<Delivery>) {
    let mut places: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, delivery) in deliveries.iter().enumerate() {
        let source = delivery.parcel.stream().category().to_owned();
        places.entry(source).or_default().push(place);
    }
    // The target index of each delivery.
    let mut target = vec![0; deliveries.len()];
    for places in places.into_values() {
        let mut sorted = places.clone();
        sorted.sort_by_key(|place| deliveries[*place].parcel.last());
        for (to, from) in places.into_iter().zip(sorted) {
            target[from] = to;
        }
    }
    let mut placed: Vec<(usize, Delivery)> = target.into_iter().zip(deliveries.drain(..)).collect();
    placed.sort_by_key(|(place, _)| *place);
    deliveries.extend(placed.into_iter().map(|(_, delivery)| delivery));
}
