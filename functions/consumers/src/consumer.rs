//! One consumer: somebody who may order.

use contracts::ConsumerId;
use contracts::consumer::{CATEGORY, ConsumerEvent, PersonName};
use event_store::Decider;
use serde::{Deserialize, Serialize};

// Events: contracts::consumer.

// State.

/// A consumer as it now is; nothing before its creation.
///
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsumerState {
    /// The name, once there is a consumer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
}

// Decide.

/// What can be asked of a consumer.
#[derive(Debug, Clone, PartialEq)]
pub enum ConsumerCommand {
    /// Register.
    Create {
        /// Under this name.
        name: PersonName,
    },
}

/// Why a consumer refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsumerError {
    /// The id is taken, by another command than this one.
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
    fn whoever_registers_is_a_consumer() {
        given::<Consumer>([])
            .when(ConsumerCommand::Create { name: jane() })
            .then([ConsumerEvent::ConsumerCreated { name: jane() }]);
    }

    #[test]
    fn an_id_is_given_once() {
        given::<Consumer>([ConsumerEvent::ConsumerCreated { name: jane() }])
            .when(ConsumerCommand::Create { name: jane() })
            .then_error(ConsumerError::Exists);
    }
}
