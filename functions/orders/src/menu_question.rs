//! Questions that an order asks of a restaurant's menu.

use crate::menus::{MenuReplica, OrderMenus};
use crate::order_error::Unorderable;
use contracts::RestaurantId;
use contracts::restaurant::{self, Menu, RestaurantName};
use http_api::Problem;
use http_api::codes::INVALID_CONSISTENCY_TOKEN;
use projection::{Fresh, ReadError, ReadYourWrites, ViewReader};

/// Returns the result of `question` on the restaurant's menu, with the restaurant's name, or why nothing can be ordered
/// there.
///
/// Costs half a read unit if the replica has the answer. Reports "unknown" only after updating the replica's document
/// from the restaurant's own events: one more Query (1 RU per 4 KB). Reports "closed" at once, because no later event
/// reverts it.
///
/// # Errors
/// A [`Problem`] if the replica cannot be read or `token` is foreign.
pub(crate) async fn ask<T>(
    menus: &ViewReader<OrderMenus>,
    restaurant_id: RestaurantId,
    token: ReadYourWrites,
    question: impl Fn(&Menu) -> Result<T, Unorderable>,
) -> Result<Result<(RestaurantName, T), Unorderable>, Problem> {
    let mut read = token;
    let mut answer = Err(Unorderable::UnknownRestaurant(restaurant_id));
    loop {
        let fresh = match menus.get(&restaurant_id.to_string(), &read).await {
            Ok(Some(fresh)) => fresh,
            Ok(None) => break,
            // No newer version exists than the one that the refusal is based on.
            Err(ReadError::ForeignToken { .. })
                if matches!(answer, Err(Unorderable::UnknownMenuItem { .. })) =>
            {
                break;
            }
            Err(error) => return Err(unreadable(error)),
        };
        let Fresh {
            document:
                MenuReplica {
                    name: Some(name),
                    menu: Some(menu),
                    closed,
                },
            versions,
            ..
        } = fresh
        else {
            break;
        };
        if closed {
            return Ok(Err(Unorderable::RestaurantClosed(restaurant_id)));
        }
        answer = question(&menu).map(|found| (name, found));
        if !matches!(answer, Err(Unorderable::UnknownMenuItem { .. })) {
            break;
        }
        // The item may be on a menu that the replica has not seen yet: request one version more than it has.
        let version = versions.get(restaurant::CATEGORY).copied().unwrap_or_default() + 1;
        read.positions = vec![(stream(restaurant_id)?, version)];
    }
    Ok(answer)
}

fn unreadable(error: ReadError) -> Problem {
    match error {
        ReadError::ForeignToken { .. } => INVALID_CONSISTENCY_TOKEN
            .problem("This token is not one of ours.")
            .field("Consistency-Token"),
        other => Problem::unavailable(other),
    }
}

fn stream(restaurant_id: RestaurantId) -> Result<commit::StreamId, Problem> {
    commit::StreamId::new(restaurant::CATEGORY, &restaurant_id.to_string()).map_err(Problem::internal)
}
