//! One restaurant: menu, opening hours and delivery area.

use contracts::restaurant::{CATEGORY, Menu, OpeningHours, RestaurantEvent, RestaurantName, TimeZoneName};
use contracts::{Address, RestaurantId, Zip};
use event_store::Decider;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

// Events: contracts::restaurant.

// State.

/// The state of a restaurant; empty before its creation.
///
/// The names are stored in snapshots; a change of their meaning requires a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RestaurantState(pub Option<RestaurantDetails>);

/// The details of a restaurant that exists.
///
/// All of it is state, because `GET /restaurants/{id}` returns all of it. A menu of 20 items is about 2 KB, so the
/// snapshot is attached to every few commits instead of each; restaurants are read far more often than they change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestaurantDetails {
    /// The restaurant's name.
    pub name: RestaurantName,
    /// The restaurant's address.
    pub address: Address,
    /// The restaurant's menu.
    pub menu: Menu,
    /// The opening hours, in local time of the restaurant's time zone.
    pub opening_hours: Vec<OpeningHours>,
    /// The zip codes that the restaurant delivers to.
    pub service_area: Vec<Zip>,
    /// The time zone of the opening hours.
    pub time_zone: TimeZoneName,
    /// Whether the restaurant closed for good. Its existing orders are carried out; new ones are refused.
    pub closed: bool,
}

// Decide.

/// The commands of a restaurant.
#[derive(Debug, Clone, PartialEq)]
pub enum RestaurantCommand {
    /// Adds the restaurant.
    Create(Box<RestaurantDetails>),
    /// Replaces the menu.
    ReviseMenu(Menu),
    /// Replaces the opening hours.
    ChangeHours {
        /// All opening hours after the change.
        opening_hours: Vec<OpeningHours>,
        /// Their time zone; unchanged if `None`.
        time_zone: Option<TimeZoneName>,
    },
    /// Replaces the delivery area with exactly these zip codes.
    ChangeServiceArea(Vec<Zip>),
    /// Closes the restaurant for good.
    Close,
}

/// Why a restaurant refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestaurantError {
    /// Another command created a restaurant with this id.
    #[error("the restaurant exists already")]
    Exists,
    /// The restaurant does not exist.
    #[error("the restaurant does not exist")]
    NotCreated,
    /// The restaurant closed for good and can no longer be changed.
    #[error("the restaurant is closed for good")]
    Closed,
}

/// The restaurant aggregate.
#[derive(Debug)]
pub struct Restaurant;

impl Decider for Restaurant {
    type Id = RestaurantId;
    type Command = RestaurantCommand;
    type Event = RestaurantEvent;
    type State = RestaurantState;
    type Error = RestaurantError;

    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 2;

    fn decide(
        RestaurantState(state): &RestaurantState,
        command: &RestaurantCommand,
    ) -> Result<Vec<RestaurantEvent>, RestaurantError> {
        let Some(details) = state else {
            return match command {
                RestaurantCommand::Create(details) => Ok(vec![created(details)]),
                _ => Err(RestaurantError::NotCreated),
            };
        };
        match command {
            RestaurantCommand::Create(_) => Err(RestaurantError::Exists),
            // The restaurant is in the command's target state already: a success without an event.
            RestaurantCommand::Close if details.closed => Ok(vec![]),
            RestaurantCommand::Close => Ok(vec![RestaurantEvent::RestaurantClosed {}]),
            _ if details.closed => Err(RestaurantError::Closed),

            RestaurantCommand::ReviseMenu(menu) if *menu == details.menu => Ok(vec![]),
            RestaurantCommand::ReviseMenu(menu) => Ok(vec![RestaurantEvent::RestaurantMenuRevised {
                menu: menu.clone(),
            }]),
            RestaurantCommand::ChangeHours {
                opening_hours,
                time_zone,
            } => {
                let time_zone = time_zone.as_ref().unwrap_or(&details.time_zone);
                if (opening_hours, time_zone) == (&details.opening_hours, &details.time_zone) {
                    return Ok(vec![]);
                }
                Ok(vec![RestaurantEvent::RestaurantHoursChanged {
                    opening_hours: opening_hours.clone(),
                    time_zone: time_zone.clone(),
                }])
            }
            RestaurantCommand::ChangeServiceArea(area) if *area == details.service_area => Ok(vec![]),
            RestaurantCommand::ChangeServiceArea(area) => {
                Ok(vec![RestaurantEvent::RestaurantServiceAreaChanged {
                    service_area: area.clone(),
                }])
            }
        }
    }

    fn evolve(RestaurantState(state): RestaurantState, event: &RestaurantEvent) -> RestaurantState {
        RestaurantState(match event {
            RestaurantEvent::RestaurantCreated {
                name,
                address,
                menu,
                opening_hours,
                service_area,
                time_zone,
            } => Some(RestaurantDetails {
                name: name.clone(),
                address: address.clone(),
                menu: menu.clone(),
                opening_hours: opening_hours.clone(),
                service_area: service_area.clone(),
                time_zone: time_zone.clone(),
                closed: false,
            }),
            RestaurantEvent::RestaurantMenuRevised { menu } => state.map(|details| RestaurantDetails {
                menu: menu.clone(),
                ..details
            }),
            RestaurantEvent::RestaurantHoursChanged {
                opening_hours,
                time_zone,
            } => state.map(|details| RestaurantDetails {
                opening_hours: opening_hours.clone(),
                time_zone: time_zone.clone(),
                ..details
            }),
            RestaurantEvent::RestaurantServiceAreaChanged { service_area } => {
                state.map(|details| RestaurantDetails {
                    service_area: service_area.clone(),
                    ..details
                })
            }
            RestaurantEvent::RestaurantClosed {} => state.map(|details| RestaurantDetails {
                closed: true,
                ..details
            }),
        })
    }
}

/// Returns the creation event. A restaurant is created open, whatever `closed` says.
fn created(details: &RestaurantDetails) -> RestaurantEvent {
    let details = details.clone();
    RestaurantEvent::RestaurantCreated {
        name: details.name,
        address: details.address,
        menu: details.menu,
        opening_hours: details.opening_hours,
        service_area: details.service_area,
        time_zone: details.time_zone,
    }
}

#[cfg(test)]
#[path = "restaurant_tests.rs"]
mod tests;
