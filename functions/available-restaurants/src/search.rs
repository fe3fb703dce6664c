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

/// The number of restaurants that one Query reads, open or not. Rows are about 300 bytes: 100 KB, 12 read units. The
/// longest rows are 3 KB, so that one call reads all of them, below its limit of 1 MB.
pub const ROWS_PER_QUERY: usize = 300;

/// The maximum number of Queries of a request (G13).
const QUERIES: usize = 2;

/// A restaurant that is open.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AvailableRestaurant {
    /// The restaurant's id.
    restaurant_id: RestaurantId,
    /// The restaurant's name.
    name: RestaurantName,
    /// The restaurant's address.
    address: Address,
    /// The restaurant's time zone.
    time_zone: TimeZoneName,
    /// The closing time, in local time. Hours that begin at midnight are not considered: `00:00` may only be the day's end.
    #[schema(value_type = TimeOfDay)]
    open_until: String,
}

/// The position of the next page: the moment of the first page, the index of a weekday among those of the moment, and the
/// last restaurant of it that was read.
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

/// Returns up to `limit` restaurants from a position on, and the position of the next page. The page is short if two
/// Queries found fewer.
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
        // One wait per request is enough.
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

/// Returns the restaurant of a row, and its listing if it is open: if its local time is on the row's weekday and within
/// its hours.
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
    } = serde_json::from_value(row.data).map_err(|error| Problem::internal(commit::fault(&error)))?;
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
