//! What other programs rely on: the JSON Schemas of the published events, and every version of an event ever written.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod compatibility;
mod golden;
mod schemas;

use commit::{CodecError, Event, EventData};
use contracts::{
    AccountEvent, ConsumerEvent, CourierEvent, DeliveryEvent, OrderEvent, PaymentEvent, RestaurantEvent,
    TicketEvent,
};
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
        category::<AccountEvent>(contracts::account::CATEGORY),
        category::<ConsumerEvent>(contracts::consumer::CATEGORY),
        category::<CourierEvent>(contracts::courier::CATEGORY),
        category::<DeliveryEvent>(contracts::delivery::CATEGORY),
        category::<OrderEvent>(contracts::order::CATEGORY),
        category::<PaymentEvent>(contracts::payment::CATEGORY),
        category::<RestaurantEvent>(contracts::restaurant::CATEGORY),
        category::<TicketEvent>(contracts::ticket::CATEGORY),
    ]
}

/// `folder/{category}/{Type}.v{version}.json` of this crate.
fn file(folder: &str, category: &str, kind: &str, version: u32) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(folder)
        .join(category)
        .join(format!("{kind}.v{version}.json"))
}
