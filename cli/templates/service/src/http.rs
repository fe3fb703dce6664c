//! The HTTP endpoints of the service.

use crate::__module__::{__Category__, __Category__Command, __Category__Error, __Category__State};
use axum::extract::State;
use axum::response::Response;
use contracts::__module__::{CATEGORY, __Category__Name};
use contracts::__Id__;
use event_store::{CommandContext, EventStore};
use function::Wiring;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Access, Code, Command, Consistency, Grant, Guarded, IfNoneMatch, NoBody, NoParameters, PathId, Problem,
    Query, created, found, ok, problems,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

type Store = EventStore<__Category__>;

/// Who may use these endpoints: callers with the role `staff`.
const BY_STAFF: Access = Access::to(&[Grant::all("staff")]);

/// Returns the service's endpoints and their description.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create).allow(BY_STAFF))
        .routes(routes!(get).allow(BY_STAFF))
        .routes(routes!(rename).allow(BY_STAFF))
        .routes(routes!(close).allow(BY_STAFF))
        .with_state(wiring.store::<__Category__>())
}

const UNKNOWN___CATEGORY__: Code = Code::not_found("UNKNOWN___CATEGORY__", "nothing exists under this id");
const __CATEGORY___EXISTS: Code = Code::conflict("__CATEGORY___EXISTS", "the id is already in use");
const __CATEGORY___CLOSED: Code = Code::conflict("__CATEGORY___CLOSED", "it is closed and cannot be changed");

problems!(CreateProblems = CommandProblems, __CATEGORY___EXISTS);
problems!(GetProblems = ResourceRead, UNKNOWN___CATEGORY__);
problems!(RenameProblems = CommandProblems, UNKNOWN___CATEGORY__, __CATEGORY___CLOSED);
problems!(CloseProblems = CommandProblems, UNKNOWN___CATEGORY__);

/// A request to create a new __thing__.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Create__Category__ {
    /// The name.
    name: __Category__Name,
}

/// A request to change the name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rename__Category__ {
    /// The new name.
    name: __Category__Name,
}

/// The current state of one __thing__.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = __Category__)]
#[serde(rename_all = "camelCase")]
pub struct __Category__Body {
    /// The id.
    pub __id_field__: __Id__,
    /// The name.
    pub name: __Category__Name,
    /// Whether it is closed, which is permanent.
    pub closed: bool,
}

/// Creates a new __thing__.
#[utoipa::path(
    post,
    path = "/__name__",
    tag = "__words__",
    operation_id = "create__Category__",
    params(CommandHeaders),
    request_body = Create__Category__,
    responses(
        (status = 201, description = "The __thing__ was created.", body = __Category__Body, headers(
            ("Location" = String, description = "Its path."),
            ("Consistency-Token" = String, description = "A token for reads that must show it."),
        )),
        CreateProblems,
    ),
)]
async fn create(State(store): State<Store>, command: Command<Create__Category__>) -> Result<Response, Problem> {
    let id = __Id__::from_uuid(command.new_id(CATEGORY));
    let create = __Category__Command::Create { name: command.body.name };
    // 1 WU: a PutItem. The id is new, so there is nothing to load.
    let executed = store.create(&id, &create, &command.context).await?;
    Ok(created(&format!("/__name__/{id}"), &body(id, &executed.state)?, &executed))
}

/// Shows one __thing__.
///
/// Reads its own events, so the answer is never older than the last command.
#[utoipa::path(
    get,
    path = "/__name__/{id}",
    tag = "__words__",
    operation_id = "get__Category__",
    params(("id" = __Id__, Path, description = "The id."), ReadHeaders),
    responses(
        (status = 200, description = "The current state.", body = __Category__Body),
        GetProblems,
    ),
)]
async fn get(
    State(store): State<Store>,
    PathId(id): PathId<__Id__>,
    Query(NoParameters {}): Query<NoParameters>,
    // Extracted only to refuse a damaged token, as all other reads do.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    // 1 RU: one consistent Query.
    let loaded = store.load(&id).await?;
    found(&asked, &loaded, &body(id, &loaded.state)?)
}

/// Changes the name of one __thing__.
///
/// A repetition succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/__name__/{id}/rename",
    tag = "__words__",
    operation_id = "rename__Category__",
    params(("id" = __Id__, Path, description = "The id."), CommandHeaders),
    request_body = Rename__Category__,
    responses(
        (status = 200, description = "The current state.", body = __Category__Body, headers(
            ("Consistency-Token" = String, description = "A token for reads that must show this name."),
        )),
        RenameProblems,
    ),
)]
async fn rename(
    State(store): State<Store>,
    PathId(id): PathId<__Id__>,
    command: Command<Rename__Category__>,
) -> Result<Response, Problem> {
    let rename = __Category__Command::Rename { name: command.body.name };
    carry_out(&store, id, &rename, &command.context).await
}

/// Closes one __thing__ permanently.
///
/// A repetition succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/__name__/{id}/close",
    tag = "__words__",
    operation_id = "close__Category__",
    params(("id" = __Id__, Path, description = "The id."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The current state.", body = __Category__Body, headers(
            ("Consistency-Token" = String, description = "A token for reads that must show it as closed."),
        )),
        CloseProblems,
    ),
)]
async fn close(
    State(store): State<Store>,
    PathId(id): PathId<__Id__>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    carry_out(&store, id, &__Category__Command::Close, &command.context).await
}

/// Executes a command. Costs 1 RU and 1 WU: a Query and a PutItem, or only the PutItem when this process has used the
/// stream recently.
async fn carry_out(
    store: &Store,
    id: __Id__,
    command: &__Category__Command,
    context: &CommandContext,
) -> Result<Response, Problem> {
    let executed = store.execute(&id, command, context).await?;
    Ok(ok(&body(id, &executed.state)?, &executed))
}

fn body(id: __Id__, __Category__State(state): &__Category__State) -> Result<__Category__Body, Problem> {
    let details = state.as_ref().ok_or(__Category__Error::NotCreated)?;
    Ok(__Category__Body {
        __id_field__: id,
        name: details.name.clone(),
        closed: details.closed,
    })
}

impl From<__Category__Error> for Problem {
    fn from(error: __Category__Error) -> Self {
        match error {
            __Category__Error::Exists => __CATEGORY___EXISTS.problem(&error),
            __Category__Error::NotCreated => UNKNOWN___CATEGORY__.problem(&error),
            __Category__Error::Closed => __CATEGORY___CLOSED.problem(&error),
        }
    }
}
