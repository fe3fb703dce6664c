//! The order service's own replica of the menus. A view like any other: fed by the restaurants' events, one document per
//! restaurant.

use contracts::restaurant::{self, Menu, RestaurantEvent, RestaurantName};
use projection::{ApplyError, Published, Uses, View};
use serde::{Deserialize, Serialize};

/// What an order needs to know of a restaurant; nothing of it before the restaurant's creation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MenuReplica {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<RestaurantName>,
    /// What it cooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu: Option<Menu>,
    /// Whether it is closed for good.
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
            // An order may be placed for any time and address; whether that suits the restaurant, its kitchen decides.
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
    fn the_latest_menu_counts() {
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
    fn a_closed_restaurant_stays_known() {
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
    fn every_delivery_gives_the_same_replica() {
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
