//! The shared parts of the projector and the query function of every view.
//!
//! A view's crate has its fold, its queries, and a [`Part`](function::Part) that names both.
//!
//! ```
//! use axum::extract::State;
//! use axum::response::Response;
//! use commit::Event;
//! use function::{Part, Wiring};
//! use http_api::{Access, Consistency, Guarded, IfNoneMatch, Problem, Query};
//! use projection::{ApplyError, Filter, Index, IndexQuery, Published, Uses, View, ViewReader};
//! use serde::{Deserialize, Serialize};
//! use serde_json::{Value, json};
//! use std::collections::BTreeMap;
//! use utoipa_axum::{router::OpenApiRouter, routes};
//! use view_function::{Limit, Paging, answer_by_content};
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(tag = "t", content = "d")]
//! enum LampEvent {
//!     SwitchedOn { room: String },
//! }
//! impl Event for LampEvent {
//!     const TYPES: &'static [(&'static str, u32)] = &[("SwitchedOn", 1)];
//! }
//!
//! /// The lamps that are on, by room.
//! struct Lamps;
//! impl View for Lamps {
//!     type Document = Option<(String, String)>;
//!     const NAME: &'static str = "lamps";
//!     const SOURCES: &'static [&'static str] = &["lamp"];
//!     const USES: Uses = Uses::NOTHING.index();
//!
//!     fn apply(lamp: &mut Self::Document, event: &Published<'_>) -> Result<(), ApplyError> {
//!         let LampEvent::SwitchedOn { room } = event.decode()?;
//!         *lamp = Some((room, event.id().to_owned()));
//!         Ok(())
//!     }
//!     fn index(lamp: &Self::Document) -> Option<Index> {
//!         let (room, id) = lamp.clone()?;
//!         let attributes = BTreeMap::new();
//!         Some(Index { partition: room, lean: json!({ "lampId": id }), sort: id, attributes })
//!     }
//! }
//!
//! #[derive(Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct ListParameters {
//!     room: String,
//!     #[serde(default)]
//!     limit: Limit,
//!     cursor: Option<String>,
//! }
//!
//! #[derive(Serialize)]
//! #[serde(rename_all = "camelCase")]
//! struct LampPage {
//!     lamps: Vec<Value>,
//!     #[serde(skip_serializing_if = "Option::is_none")]
//!     next_cursor: Option<String>,
//! }
//!
//! #[utoipa::path(get, path = "/lamps", responses((status = 200)))]
//! async fn list_lamps(
//!     State(reader): State<ViewReader<Lamps>>,
//!     Query(parameters): Query<ListParameters>,
//!     consistency: Consistency,
//!     asked: IfNoneMatch,
//! ) -> Result<Response, Problem> {
//!     let ListParameters { room, limit, cursor } = parameters;
//!     let paging = Paging::new("lamps", &[&room], limit, cursor);
//!     let query = IndexQuery {
//!         limit: paging.limit() as usize,
//!         start: paging.start()?,
//!         partition: room,
//!         lower: None,
//!         upper: None,
//!         descending: false,
//!         filter: Filter::default(),
//!     };
//!     let (lamps, next_cursor) = paging.list(&reader, &query, consistency).await?;
//!     answer_by_content(&asked, &LampPage { lamps, next_cursor })
//! }
//!
//! fn router(wiring: &Wiring) -> OpenApiRouter {
//!     OpenApiRouter::new()
//!         .routes(routes!(list_lamps).allow(Access::ANYBODY))
//!         .with_state(wiring.reader::<Lamps>())
//! }
//!
//! fn part() -> Part {
//!     Part::view::<Lamps>(router)
//! }
//!
//! # use axum::body::{Body, to_bytes};
//! # use tower::ServiceExt;
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dynamo = local_dynamodb::LocalDynamo::in_memory().await?;
//! for table in part().tables() {
//!     table.create(&dynamo.client()).await?;
//! }
//! let wiring = Wiring::new(dynamo.client()).events("lamp", "lamp-events").documents("lamps", "lamps");
//! let (router, _) = router(&wiring).split_for_parts();
//! let request = http::Request::get("/lamps?room=kitchen&limit=5").body(Body::empty())?;
//! let answer = http_api::finish(router).oneshot(request).await?;
//! assert_eq!(to_bytes(answer.into_body(), 1024).await?, r#"{"lamps":[]}"#);
//! # Ok(())
//! # }
//! ```

mod answer;
mod paging;

pub use answer::{answer_by_content, answer_document, answer_with_token, problem, read_your_writes};
pub use http_api::NoParameters;
pub use paging::{DEFAULT_LIMIT, Limit, MAX_LIMIT, Paging};
