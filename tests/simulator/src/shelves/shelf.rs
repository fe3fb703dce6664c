//! A small domain with every feature of views: two sources, an index, derived rows, a journal and tallies.

use commit::Event;
use event_store::Decider;
use projection::{ApplyError, Index, Published, Row, Tally, Uses, View};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "d")]
pub(crate) enum ShelfEvent {
    ShelfFilled { amount: i64, places: BTreeSet<u8> },
    ShelfCleared {},
}

impl Event for ShelfEvent {
    const TYPES: &'static [(&'static str, u32)] = &[("ShelfFilled", 1), ("ShelfCleared", 1)];
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ShelfCommand {
    Fill {
        amount: i64,
        places: BTreeSet<u8>,
    },
    /// Two events: the old things are removed, new ones are added.
    Replace {
        amount: i64,
        places: BTreeSet<u8>,
    },
    Clear,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ShelfState {
    amount: i64,
    commands: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the shelf holds no more than 1000")]
pub(crate) struct Full;

fn decide(state: &ShelfState, command: &ShelfCommand) -> Result<Vec<ShelfEvent>, Full> {
    let filled = |amount: &i64, places: &BTreeSet<u8>| ShelfEvent::ShelfFilled {
        amount: *amount,
        places: places.clone(),
    };
    match command {
        ShelfCommand::Fill { amount, .. } if state.amount + amount > 1_000 => Err(Full),
        ShelfCommand::Fill { amount, places } => Ok(vec![filled(amount, places)]),
        ShelfCommand::Replace { amount, places } => {
            Ok(vec![ShelfEvent::ShelfCleared {}, filled(amount, places)])
        }
        ShelfCommand::Clear if state.amount == 0 => Ok(vec![]),
        ShelfCommand::Clear => Ok(vec![ShelfEvent::ShelfCleared {}]),
    }
}

fn evolve(state: ShelfState, event: &ShelfEvent) -> ShelfState {
    ShelfState {
        amount: match event {
            ShelfEvent::ShelfFilled { amount, .. } => state.amount + amount,
            ShelfEvent::ShelfCleared {} => 0,
        },
        commands: state.commands + 1,
    }
}

macro_rules! side {
    ($name:ident, $category:literal) => {
        #[derive(Debug)]
        pub(crate) struct $name;

        impl Decider for $name {
            type Id = str;
            type Command = ShelfCommand;
            type Event = ShelfEvent;
            type State = ShelfState;
            type Error = Full;
            const CATEGORY: &'static str = $category;
            const STATE_SCHEMA: u32 = 1;

            fn decide(state: &ShelfState, command: &ShelfCommand) -> Result<Vec<ShelfEvent>, Full> {
                decide(state, command)
            }

            fn evolve(state: ShelfState, event: &ShelfEvent) -> ShelfState {
                evolve(state, event)
            }
        }
    };
}
side!(Left, "left");
side!(Right, "right");

/// The contents of a shelf's two sides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shelf {
    id: String,
    sides: BTreeMap<String, Side>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Side {
    amount: i64,
    places: BTreeSet<u8>,
    fillings: u64,
}

pub(crate) struct Shelves;

impl View for Shelves {
    type Document = Shelf;
    const NAME: &'static str = "shelves";
    const SOURCES: &'static [&'static str] = &["left", "right"];
    const USES: Uses = Uses::NOTHING.index().rows().journal().tallies();
    const FILTERS: &'static [&'static str] = &["places"];

    fn apply(shelf: &mut Shelf, event: &Published<'_>) -> Result<(), ApplyError> {
        shelf.id = event.id().to_owned();
        let side = shelf.sides.entry(event.category().to_owned()).or_default();
        match event.decode()? {
            ShelfEvent::ShelfFilled { amount, places } => {
                side.amount += amount;
                side.places.extend(places);
                side.fillings += 1;
            }
            ShelfEvent::ShelfCleared {} => {
                side.amount = 0;
                side.places.clear();
            }
        }
        Ok(())
    }

    fn index(shelf: &Shelf) -> Option<Index> {
        let left = shelf.sides.get("left")?;
        Some(Index {
            partition: "all".to_owned(),
            sort: shelf.id.clone(),
            lean: json!({ "amount": left.amount, "shelf": shelf.id }),
            attributes: [("places".to_owned(), json!(left.amount))].into(),
        })
    }

    fn rows(shelf: &Shelf) -> Vec<Row> {
        let sides = shelf.sides.iter();
        sides
            .flat_map(|(name, side)| side.places.iter().map(move |place| (name, side, place)))
            .map(|(name, side, place)| Row {
                partition: format!("place-{place}"),
                sort: format!("{}-{name}", shelf.id),
                data: json!({ "amount": side.amount }),
            })
            .collect()
    }

    fn journal(shelf: &Shelf, event: &Published<'_>) -> Vec<Row> {
        vec![Row {
            partition: format!("log-{}", shelf.id),
            sort: format!("{}-{:05}", event.category(), event.version),
            data: json!({ "kind": event.event.kind }),
        }]
    }

    fn tallies(shelf: &Shelf) -> Vec<Tally> {
        let sides = shelf.sides.values();
        let amount = sides.clone().map(|side| side.amount).sum();
        let fillings = sides
            .map(|side| i64::try_from(side.fillings).unwrap_or(i64::MAX))
            .sum();
        vec![Tally {
            key: "total".to_owned(),
            amounts: [("amount".to_owned(), amount), ("fillings".to_owned(), fillings)].into(),
        }]
    }

    fn tally_shards(_: &str) -> u32 {
        2
    }
}
