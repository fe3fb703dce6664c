//! One consumer: a person who may order.

use contracts::ConsumerId;
use contracts::consumer::{CATEGORY, ConsumerEvent, PersonName};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// Events: contracts::consumer.

// State.

/// The state of a consumer; empty before its creation.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsumerState {
    /// The name; `None` before the creation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
}

// Decide.

/// The commands of a consumer.
#[derive(Debug, Clone, PartialEq)]
pub enum ConsumerCommand {
    /// Registers the consumer.
    Create {
        /// The consumer's name.
        name: PersonName,
    },
}

/// Why a consumer refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsumerError {
    /// Another command created a consumer with this id.
    #[error("the consumer exists already")]
    Exists,
}

/// The consumer aggregate.
#[derive(Debug)]
pub struct Consumer;

impl Decider for Consumer {
    type Id = ConsumerId;
    type Command = ConsumerCommand;
    type Event = ConsumerEvent;
    type State = ConsumerState;
    type Error = ConsumerError;

    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(state: &ConsumerState, command: &ConsumerCommand) -> Result<Vec<ConsumerEvent>, ConsumerError> {
        match (command, &state.name) {
            (ConsumerCommand::Create { name }, None) => {
                Ok(vec![ConsumerEvent::ConsumerCreated { name: name.clone() }])
            }
            (ConsumerCommand::Create { .. }, Some(_)) => Err(ConsumerError::Exists),
        }
    }

    fn evolve(_: ConsumerState, event: &ConsumerEvent) -> ConsumerState {
        match event {
            ConsumerEvent::ConsumerCreated { name } => ConsumerState {
                name: Some(name.clone()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_store::testing::given;

    fn jane() -> PersonName {
        PersonName {
            first_name: "Jane".parse().unwrap(),
            last_name: "Doe".parse().unwrap(),
        }
    }

    #[test]
    fn registration_creates_a_consumer() {
        given::<Consumer>([])
            .when(ConsumerCommand::Create { name: jane() })
            .then([ConsumerEvent::ConsumerCreated { name: jane() }]);
    }

    #[test]
    fn existing_id_is_refused() {
        given::<Consumer>([ConsumerEvent::ConsumerCreated { name: jane() }])
            .when(ConsumerCommand::Create { name: jane() })
            .then_error(ConsumerError::Exists);
    }
}
