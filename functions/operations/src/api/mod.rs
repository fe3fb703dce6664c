mod answer;
mod ask;
mod codes;
mod differences;
mod names;
mod quarantine;
mod rebuild_body;
mod rebuilds;
mod redrives;
mod sweeps;
mod views;

use crate::{Numbers, Queues};
use ask::Asked;
use codes::UNKNOWN_VIEW;
use function::Wiring;
use futures::future::BoxFuture;
use http_api::{Access, Grant, Guarded, OPERATOR, Problem};
use names::SubscriberName;
use projection::operations::Control;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The subscribers that the API operates.
#[derive(Clone)]
pub struct Operations {
    controls: Arc<BTreeMap<String, Control>>,
    queues: Arc<dyn Queues>,
}

impl Operations {
    /// Returns the operations on these subscribers, with the source of their queues' numbers.
    pub fn new(controls: impl IntoIterator<Item = Control>, queues: Arc<dyn Queues>) -> Self {
        let named = |control: Control| (control.subject().name.clone(), control);
        Self {
            controls: Arc::new(controls.into_iter().map(named).collect()),
            queues,
        }
    }

    fn nothing() -> Self {
        struct NoQueues;
        impl Queues for NoQueues {
            fn numbers(&self) -> BoxFuture<'_, BTreeMap<String, Numbers>> {
                Box::pin(async { BTreeMap::new() })
            }
        }
        Self::new([], Arc::new(NoQueues))
    }

    fn of(&self, name: &SubscriberName) -> Result<Asked<'_>, Problem> {
        let control = self.controls.get(name.as_str());
        control.map(Asked).ok_or_else(|| {
            let detail = format_args!("There is no view or reactor {name}.");
            UNKNOWN_VIEW.problem(detail).field("view")
        })
    }
}

/// Operators only.
const OPERATORS: Access = Access::to(&[Grant::all(OPERATOR)]);

/// The schemas of request bodies whose properties all have defaults: such a body may be absent.
const BODIES_WITH_DEFAULTS: &[&str] = &["StartRebuild", "StartSweep"];

/// Returns the operator's API, `/operations/views/…`, over the [`Operations`] that the wiring shares. Without any, it
/// operates no subscriber.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    routes(wiring.shared().unwrap_or_else(Operations::nothing))
}

/// Returns the same over these operations. Every request may be repeated.
pub fn routes(operations: Operations) -> OpenApiRouter {
    let mut routes = OpenApiRouter::new()
        .routes(routes!(views::list_views).allow(OPERATORS))
        .routes(routes!(rebuilds::list_rebuilds, rebuilds::start_rebuild).allow(OPERATORS))
        .routes(routes!(rebuilds::get_rebuild).allow(OPERATORS))
        .routes(routes!(rebuilds::flip_rebuild).allow(OPERATORS))
        .routes(routes!(rebuilds::roll_back_rebuild).allow(OPERATORS))
        .routes(routes!(rebuilds::abort_rebuild).allow(OPERATORS))
        .routes(routes!(rebuilds::retire_rebuild).allow(OPERATORS))
        .routes(routes!(sweeps::start_sweep).allow(OPERATORS))
        .routes(routes!(sweeps::get_sweep).allow(OPERATORS))
        .routes(routes!(quarantine::list_quarantine).allow(OPERATORS))
        .routes(routes!(redrives::redrive_quarantine).allow(OPERATORS))
        .routes(routes!(redrives::skip_event).allow(OPERATORS))
        .with_state(operations);
    http_api::openapi::let_bodies_be_absent(routes.get_openapi_mut(), BODIES_WITH_DEFAULTS);
    routes
}
