use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use commit::{Commit, Parcel};
use projection::testing::{batch, message};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::VecDeque;

/// A plan for the delivery of a history's commits to a subscriber. Each list is used cyclically.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The fate of each commit, and how many places late it arrives.
    pub(crate) fates: Vec<(Fate, usize)>,
    /// The numbers of commits per message.
    pub(crate) messages: Vec<usize>,
    /// The numbers of messages per batch.
    pub(crate) batches: Vec<usize>,
    /// The fate of each batch's acknowledgement.
    pub(crate) crashes: Vec<Crash>,
    /// Whether a batch is handled concurrently with the next one.
    pub(crate) together: Vec<bool>,
    /// The batch from which on the subscriber's bug is fixed.
    pub(crate) fixed: Option<Index>,
    /// The number of generations that are updated.
    pub(crate) generations: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    Once,
    Twice,
    /// Lost; a later commit or the sweep detects it.
    Dropped,
    /// Sent as a key, as when it is too large for a message.
    Key,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Crash {
    Acknowledged,
    /// The function crashed after its writes; the batch is delivered again at once.
    Again,
    /// The function crashed after its writes, and the visibility timeout is long; the batch is delivered again after
    /// all others.
    Late,
}

pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    let fate = prop_oneof![
        5 => Just(Fate::Once),
        2 => Just(Fate::Twice),
        2 => Just(Fate::Dropped),
        1 => Just(Fate::Key),
    ];
    let late = prop_oneof![3 => Just(0), 1 => 1..8_usize];
    let crash = prop_oneof![
        4 => Just(Crash::Acknowledged),
        1 => Just(Crash::Again),
        1 => Just(Crash::Late),
    ];
    (
        prop::collection::vec((fate, late), 1..16),
        prop::collection::vec(1..=3_usize, 1..4),
        prop::collection::vec(1..=4_usize, 1..4),
        prop::collection::vec(crash, 1..5),
        prop::collection::vec(prop::bool::weighted(0.25), 1..4),
        prop::option::weighted(0.3, any::<Index>()),
        prop_oneof![4 => Just(1_u64), 1 => Just(2_u64)],
    )
        .prop_map(
            |(fates, messages, batches, crashes, together, fixed, generations)| Plan {
                fates,
                messages,
                batches,
                crashes,
                together,
                fixed,
                generations,
            },
        )
}

impl Plan {
    /// Returns the batches in the order in which they are handled.
    pub(crate) fn schedule(&self, history: &[Commit]) -> VecDeque<SqsEvent> {
        let mut deliveries: Vec<(usize, Parcel)> = Vec::new();
        for (place, commit) in history.iter().enumerate() {
            let (fate, late) = self.fates[place % self.fates.len()];
            let whole = || Parcel::Whole(commit.clone());
            match fate {
                Fate::Once => deliveries.push((place + late, whole())),
                Fate::Twice => deliveries.extend([(place, whole()), (place + late, whole())]),
                Fate::Dropped => {}
                Fate::Key => deliveries.push((place + late, Parcel::Key(commit.key()))),
            }
        }
        deliveries.sort_by_key(|(place, _)| *place);
        let mut parcels = deliveries.into_iter().map(|(_, parcel)| parcel);
        let mut messages = (0..).map_while(|number| {
            let size = self.messages[number % self.messages.len()];
            let parcels: Vec<Parcel> = parcels.by_ref().take(size).collect();
            (!parcels.is_empty()).then(|| message(format!("m{number}"), 1, parcels))
        });
        let (mut soon, mut late) = (VecDeque::new(), VecDeque::new());
        for number in 0.. {
            let size = self.batches[number % self.batches.len()];
            let messages: Vec<SqsMessage> = messages.by_ref().take(size).collect();
            if messages.is_empty() {
                break;
            }
            let event = batch(messages);
            soon.push_back(event.clone());
            match self.crashes[number % self.crashes.len()] {
                Crash::Acknowledged => {}
                Crash::Again => soon.push_back(event),
                Crash::Late => late.push_back(event),
            }
        }
        soon.append(&mut late);
        soon
    }
}
