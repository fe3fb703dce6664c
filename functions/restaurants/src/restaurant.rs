//! One restaurant: what it cooks, when it is open, whom it delivers to.

use contracts::restaurant::{CATEGORY, Menu, OpeningHours, RestaurantEvent, RestaurantName, TimeZoneName};
use contracts::{Address, Zip};
use event_store::Decider;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

// Events: contracts::restaurant.

// State.

/// A restaurant as it now is; nothing before its creation.
///
/// The names are stored in snapshots: a change of their meaning takes a new [`Decider::STATE_SCHEMA`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RestaurantState(pub Option<RestaurantDetails>);

/// What is known of a restaurant that exists.
///
/// All of it is state, because `GET /restaurants/{id}` answers with all of it. A menu of 20 items is about 2 KB, so the
/// snapshot rides on every few commits instead of each; restaurants are read far more often than they change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RestaurantDetails {
    /// Its name.
    pub name: RestaurantName,
    /// Where it cooks.
    pub address: Address,
    /// What it cooks.
    pub menu: Menu,
    /// When it is open, on the wall clock of its time zone.
    pub opening_hours: Vec<OpeningHours>,
    /// The zip codes that it delivers to.
    pub service_area: Vec<Zip>,
    /// The zone of the opening hours.
    pub time_zone: TimeZoneName,
}

// Decide.

/// What can be asked of a restaurant.
#[derive(Debug, Clone, PartialEq)]
pub enum RestaurantCommand {
    /// Join.
    Create(Box<RestaurantDetails>),
    /// Have another menu.
    ReviseMenu(Menu),
}

/// Why a restaurant refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestaurantError {
    /// The id is taken, by another command than this one.
    #[error("the restaurant exists already")]
    Exists,
    /// There is no such restaurant.
    #[error("the restaurant does not exist")]
    NotCreated,
}

/// The restaurant aggregate.
#[derive(Debug)]
pub struct Restaurant;

impl Decider for Restaurant {
    type Command = RestaurantCommand;
    type Event = RestaurantEvent;
    type State = RestaurantState;
    type Error = RestaurantError;

    const CATEGORY: &'static str = CATEGORY;
    const STATE_SCHEMA: u32 = 1;

    fn decide(
        RestaurantState(state): &RestaurantState,
        command: &RestaurantCommand,
    ) -> Result<Vec<RestaurantEvent>, RestaurantError> {
        match (command, state) {
            (RestaurantCommand::Create(details), None) => {
                let details = RestaurantDetails::clone(details);
                Ok(vec![RestaurantEvent::RestaurantCreated {
                    name: details.name,
                    address: details.address,
                    menu: details.menu,
                    opening_hours: details.opening_hours,
                    service_area: details.service_area,
                    time_zone: details.time_zone,
                }])
            }
            (RestaurantCommand::Create(_), Some(_)) => Err(RestaurantError::Exists),
            (RestaurantCommand::ReviseMenu(_), None) => Err(RestaurantError::NotCreated),
            (RestaurantCommand::ReviseMenu(menu), Some(details)) if *menu == details.menu => Ok(vec![]),
            (RestaurantCommand::ReviseMenu(menu), Some(_)) => {
                Ok(vec![RestaurantEvent::RestaurantMenuRevised {
                    menu: menu.clone(),
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
            }),
            RestaurantEvent::RestaurantMenuRevised { menu } => state.map(|details| RestaurantDetails {
                menu: menu.clone(),
                ..details
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::restaurant::MenuItem;
    use event_store::testing::given;

    fn menu(price: &str) -> Menu {
        Menu::new(vec![MenuItem {
            id: "1".parse().unwrap(),
            name: "Chicken Vindaloo".parse().unwrap(),
            price: price.parse().unwrap(),
        }])
        .unwrap()
    }

    fn ajanta() -> RestaurantDetails {
        RestaurantDetails {
            name: "Ajanta".parse().unwrap(),
            address: Address {
                street1: "1 Main Street".parse().unwrap(),
                street2: None,
                city: "Oakland".parse().unwrap(),
                state: "CA".parse().unwrap(),
                zip: "94611".parse().unwrap(),
            },
            menu: menu("12.34"),
            opening_hours: vec![],
            service_area: vec!["94612".parse().unwrap()],
            time_zone: "America/Los_Angeles".parse().unwrap(),
        }
    }

    fn created() -> RestaurantEvent {
        let ajanta = ajanta();
        RestaurantEvent::RestaurantCreated {
            name: ajanta.name,
            address: ajanta.address,
            menu: ajanta.menu,
            opening_hours: ajanta.opening_hours,
            service_area: ajanta.service_area,
            time_zone: ajanta.time_zone,
        }
    }

    fn revised(price: &str) -> RestaurantEvent {
        RestaurantEvent::RestaurantMenuRevised { menu: menu(price) }
    }

    #[test]
    fn a_restaurant_joins() {
        given::<Restaurant>([])
            .when(RestaurantCommand::Create(Box::new(ajanta())))
            .then([created()]);
    }

    #[test]
    fn an_id_is_given_once() {
        given::<Restaurant>([created()])
            .when(RestaurantCommand::Create(Box::new(ajanta())))
            .then_error(RestaurantError::Exists);
    }

    #[test]
    fn a_menu_is_revised() {
        given::<Restaurant>([created()])
            .when(RestaurantCommand::ReviseMenu(menu("13.00")))
            .then([revised("13.00")]);
    }

    #[test]
    fn the_menu_that_it_has_already_changes_nothing() {
        given::<Restaurant>([created(), revised("13.00")])
            .when(RestaurantCommand::ReviseMenu(menu("13.00")))
            .then([]);
    }

    #[test]
    fn an_earlier_menu_may_come_back() {
        given::<Restaurant>([created(), revised("13.00")])
            .when(RestaurantCommand::ReviseMenu(menu("12.34")))
            .then([revised("12.34")]);
    }

    #[test]
    fn a_restaurant_that_does_not_exist_has_no_menu() {
        given::<Restaurant>([])
            .when(RestaurantCommand::ReviseMenu(menu("13.00")))
            .then_error(RestaurantError::NotCreated);
    }
}
