//! Compatibility that other programs rely on: the JSON Schemas of the published events, and every event version ever
//! written.

mod compatibility;
mod golden;
mod schemas;

use crate::{
    AccountEvent, ConsumerEvent, CourierEvent, DeliveryEvent, OrderEvent, PaymentEvent, RestaurantEvent,
    TicketEvent,
};
use commit::{CodecError, Event, EventData};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

/// The events of one category, with their types erased.
struct Category {
    name: &'static str,
    types: &'static [(&'static str, u32)],
    /// Decodes a stored event and encodes it again.
    recode: fn(&EventData) -> Result<EventData, CodecError>,
    schema: Value,
    components: Vec<(String, RefOr<Schema>)>,
}

fn category<E: Event + ToSchema>(name: &'static str) -> Category {
    let mut components = Vec::new();
    E::schemas(&mut components);
    Category {
        name,
        types: E::TYPES,
        recode: |stored| E::decode(stored)?.encode(),
        schema: serde_json::to_value(<E as PartialSchema>::schema()).unwrap(),
        components,
    }
}

fn categories() -> Vec<Category> {
    vec![
        category::<AccountEvent>(crate::account::CATEGORY),
        category::<ConsumerEvent>(crate::consumer::CATEGORY),
        category::<CourierEvent>(crate::courier::CATEGORY),
        category::<DeliveryEvent>(crate::delivery::CATEGORY),
        category::<OrderEvent>(crate::order::CATEGORY),
        category::<PaymentEvent>(crate::payment::CATEGORY),
        category::<RestaurantEvent>(crate::restaurant::CATEGORY),
        category::<TicketEvent>(crate::ticket::CATEGORY),
    ]
}

/// Returns the path of `folder/{category}/{Type}.v{version}.json` in this crate.
fn file(folder: &str, category: &str, kind: &str, version: u32) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .join(category)
        .join(format!("{kind}.v{version}.json"))
}
