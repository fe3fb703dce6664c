use crate::clock::Clocks;
use crate::hours::open_until;
use crate::view::{AvailableRestaurants, RestaurantRow, partition};
use contracts::restaurant::{DayOfWeek, RestaurantName, TimeOfDay, TimeZoneName};
use contracts::{Address, Moment, RestaurantId, Zip};
use http_api::{Problem, cursor};
use projection::{ReadYourWrites, Row, RowPosition, RowRange, RowsQuery, ViewReader};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use view_function::problem;

/// How many restaurants one Query looks at, open or not. Rows are about 300 bytes: 100 KB, 12 read units. The longest are
/// 3 KB, so that one call gets all of them, under its 1 MB.
pub const ROWS_PER_QUERY: usize = 300;

/// How many Queries a request may make (G13).
const QUERIES: usize = 2;

/// A restaurant that is open.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AvailableRestaurant {
    /// The restaurant.
    restaurant_id: RestaurantId,
    /// Its name.
    name: RestaurantName,
    /// Where it cooks.
    address: Address,
    /// The zone of its wall clock.
    time_zone: TimeZoneName,
    /// When it closes, on its wall clock. What begins at midnight is not looked at: `00:00` may only be the day's end.
    #[schema(value_type = TimeOfDay)]
    open_until: String,
}

/// Where the next page begins: the moment of the first page, a weekday by its place among those of the moment, and the last
/// restaurant of it that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    #[serde(rename = "t")]
    pub(crate) at: Moment,
    #[serde(rename = "d")]
    day: usize,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    after: Option<RestaurantId>,
}

impl Place {
    pub(crate) fn first(at: Moment) -> Self {
        let (day, after) = (0, None);
        Self { at, day, after }
    }
}

/// Up to `limit` restaurants from a place on, and where the next page begins. The page is short when two Queries found no
/// more of them.
pub(crate) async fn search(
    reader: &ViewReader<AvailableRestaurants>,
    zip: &Zip,
    mut place: Place,
    limit: usize,
    mut read: ReadYourWrites,
) -> Result<(Vec<AvailableRestaurant>, Option<Place>), Problem> {
    let mut clocks = Clocks::at(place.at.timestamp());
    let days = clocks.weekdays();
    if place.day >= days.len() {
        return Err(cursor::foreign());
    }
    let mut found = Vec::new();
    for _ in 0..QUERIES {
        let day = days[place.day];
        let query = RowsQuery {
            partition: partition(zip, day),
            range: RowRange::All,
            descending: false,
            limit: ROWS_PER_QUERY,
            start: place.after.map(|id| RowPosition { sort: id.to_string() }),
        };
        let page = reader.rows(&query, &read).await.map_err(problem)?;
        // Who waited once has waited.
        read.wait = None;
        for row in page.rows {
            let (id, open) = look(row, day, &mut clocks)?;
            if found.len() == limit && open.is_some() {
                return Ok((found, Some(place)));
            }
            found.extend(open);
            place.after = Some(id);
        }
        if page.next.is_none() {
            place.day += 1;
            place.after = None;
        }
        if place.day == days.len() {
            return Ok((found, None));
        }
        if found.len() == limit {
            break;
        }
    }
    Ok((found, Some(place)))
}

/// The restaurant of a row, and what to show of it when it is open: when its own clock shows the row's weekday and a time
/// within its hours.
fn look(
    row: Row,
    day: DayOfWeek,
    clocks: &mut Clocks,
) -> Result<(RestaurantId, Option<AvailableRestaurant>), Problem> {
    let restaurant_id = row.sort.parse().map_err(Problem::internal)?;
    let RestaurantRow {
        name,
        address,
        time_zone,
        spans,
    } = serde_json::from_value(row.data).map_err(Problem::internal)?;
    let reading = clocks.reading(&time_zone).filter(|reading| reading.day == day);
    let open_until = reading.and_then(|reading| open_until(&spans, reading.minute));
    let open = open_until.map(|open_until| AvailableRestaurant {
        restaurant_id,
        name,
        address,
        time_zone,
        open_until,
    });
    Ok((restaurant_id, open))
}
