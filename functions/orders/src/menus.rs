//! The orders service's own replica of the menus. It is a view like any other: it consumes the restaurants' events and
//! has one document per restaurant.

use contracts::restaurant::{self, Menu, RestaurantEvent, RestaurantName};
use projection::{ApplyError, Published, Uses, View};
use serde::{Deserialize, Serialize};

/// The data that an order needs of a restaurant; empty before the restaurant's creation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MenuReplica {
    /// The restaurant's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<RestaurantName>,
    /// The restaurant's menu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu: Option<Menu>,
    /// Whether the restaurant is closed for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// The view `order-menus`.
#[derive(Debug)]
pub struct OrderMenus;

impl View for OrderMenus {
    type Document = MenuReplica;

    const NAME: &'static str = "order-menus";
    const SOURCES: &'static [&'static str] = &[restaurant::CATEGORY];
    const USES: Uses = Uses::NOTHING;

    fn apply(document: &mut MenuReplica, event: &Published<'_>) -> Result<(), ApplyError> {
        match event.decode()? {
            RestaurantEvent::RestaurantCreated { name, menu, .. } => {
                *document = MenuReplica {
                    name: Some(name),
                    menu: Some(menu),
                    closed: false,
                };
            }
            RestaurantEvent::RestaurantMenuRevised { menu } => document.menu = Some(menu),
            RestaurantEvent::RestaurantClosed {} => document.closed = true,
            // An order may be placed for any time and address; the kitchen decides whether they suit the restaurant.
            RestaurantEvent::RestaurantHoursChanged { .. }
            | RestaurantEvent::RestaurantServiceAreaChanged { .. } => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_commits::commit;
    use fixtures::{menu, restaurant_created};

    #[test]
    fn latest_menu_replaces_the_previous_one() {
        let document = projection::testing::fold::<OrderMenus>(&[
            commit(
                "restaurant#rst_1",
                1,
                &restaurant_created("Ajanta", menu(&[("1", "12.34")])),
            ),
            commit(
                "restaurant#rst_1",
                2,
                &RestaurantEvent::RestaurantMenuRevised {
                    menu: menu(&[("1", "13.00")]),
                },
            ),
        ]);
        assert_eq!(document.name.unwrap().as_str(), "Ajanta");
        assert_eq!(document.menu, Some(menu(&[("1", "13.00")])));
    }

    #[test]
    fn closed_restaurant_keeps_its_menu() {
        let document = projection::testing::fold::<OrderMenus>(&[
            commit(
                "restaurant#rst_1",
                1,
                &restaurant_created("Ajanta", menu(&[("1", "12.34")])),
            ),
            commit("restaurant#rst_1", 2, &RestaurantEvent::RestaurantClosed {}),
        ]);
        assert_eq!(
            (document.menu, document.closed),
            (Some(menu(&[("1", "12.34")])), true)
        );
    }

    #[test]
    fn replica_does_not_depend_on_delivery() {
        projection::testing::assert_commutes::<OrderMenus>(&[
            commit(
                "restaurant#rst_1",
                1,
                &restaurant_created("Ajanta", menu(&[("1", "12.34")])),
            ),
            commit(
                "restaurant#rst_1",
                2,
                &RestaurantEvent::RestaurantMenuRevised {
                    menu: menu(&[("1", "13.00")]),
                },
            ),
        ]);
    }
}
