//! The HTTP API of the consumers service.

use crate::consumer::{Consumer, ConsumerCommand, ConsumerError};
use axum::extract::State;
use axum::response::Response;
use contracts::access::{BY_CONSUMER_OR_BACK_OFFICE, CONSUMER};
use contracts::consumer::{CATEGORY, NamePart, PersonName};
use contracts::{ConsumerId, codes};
use event_store::EventStore;
use function::Wiring;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Code, Command, Consistency, Guarded, IfNoneMatch, NoParameters, PathId, Permission, Problem, Query,
    created, found, problems,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The state of the handlers. Cheap to clone.
#[derive(Clone)]
struct ConsumersService {
    /// The consumers.
    consumers: EventStore<Consumer>,
}

/// Returns the service's endpoints and their description.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    let service = ConsumersService {
        consumers: wiring.store(),
    };
    OpenApiRouter::new()
        .routes(routes!(create_consumer).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .routes(routes!(get_consumer).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .with_state(service)
}

const UNKNOWN_CONSUMER: Code = Code::not_found(codes::UNKNOWN_CONSUMER, "there is no such consumer");
const CONSUMER_EXISTS: Code = Code::conflict("CONSUMER_EXISTS", "the consumer exists already");

problems!(CreateProblems = CommandProblems, CONSUMER_EXISTS);
problems!(GetProblems = ResourceRead, UNKNOWN_CONSUMER);

/// A person's name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PersonNameInput {
    /// Given name.
    first_name: NamePart,
    /// Family name.
    last_name: NamePart,
}

/// A request to register a consumer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateConsumer {
    name: PersonNameInput,
}

/// The consumer that was registered.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConsumerCreated {
    consumer_id: ConsumerId,
}

/// A consumer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consumer)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerBody {
    /// The consumer's id, which is also the account's id.
    pub consumer_id: ConsumerId,
    /// The name.
    pub name: PersonName,
}

/// Registers a consumer.
///
/// A consumer registers itself, once, under the consumer id in its credentials. The back office registers any number of consumers.
#[utoipa::path(
    post,
    path = "/consumers",
    tag = "consumers",
    operation_id = "createConsumer",
    params(CommandHeaders),
    request_body = CreateConsumer,
    responses(
        (status = 201, description = "The consumer was registered.", body = ConsumerCreated, headers(
            ("Location" = String, description = "The path of the consumer."),
            ("Consistency-Token" = String, description = "A token for reads that must show this consumer."),
        )),
        CreateProblems,
    ),
)]
async fn create_consumer(
    State(service): State<ConsumersService>,
    permission: Permission,
    command: Command<CreateConsumer>,
) -> Result<Response, Problem> {
    let consumer_id = if permission.is_unlimited() {
        ConsumerId::from_uuid(command.new_id(CATEGORY))
    } else {
        permission.only(CONSUMER)?
    };
    let PersonNameInput {
        first_name,
        last_name,
    } = command.body.name;
    let create = ConsumerCommand::Create {
        name: PersonName {
            first_name,
            last_name,
        },
    };
    // 1 WU: a PutItem. The id is nearly always new, so nothing is loaded before.
    let executed = service
        .consumers
        .create(&consumer_id, &create, &command.context)
        .await?;
    Ok(created(
        &format!("/consumers/{consumer_id}"),
        &ConsumerCreated { consumer_id },
        &executed,
    ))
}

/// Shows a consumer.
///
/// Reads the consumer's own events, so the answer is never older than the last command.
#[utoipa::path(
    get,
    path = "/consumers/{id}",
    tag = "consumers",
    operation_id = "getConsumer",
    params(("id" = ConsumerId, Path, description = "The consumer."), ReadHeaders),
    responses(
        (status = 200, description = "The consumer.", body = ConsumerBody),
        GetProblems,
    ),
)]
async fn get_consumer(
    State(service): State<ConsumersService>,
    permission: Permission,
    PathId(consumer_id): PathId<ConsumerId>,
    Query(NoParameters {}): Query<NoParameters>,
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let unknown = || UNKNOWN_CONSUMER.problem(format_args!("There is no consumer {consumer_id}."));
    if !permission.covers(CONSUMER, consumer_id) {
        return Err(unknown());
    }
    // 1 RU: one consistent Query on the authoritative event table, so no token can be ahead of it.
    let loaded = service.consumers.load(&consumer_id).await?;
    let name = loaded.state.name.clone().ok_or_else(unknown)?;
    found(&asked, &loaded, &ConsumerBody { consumer_id, name })
}

impl From<ConsumerError> for Problem {
    fn from(error: ConsumerError) -> Self {
        match error {
            ConsumerError::Exists => CONSUMER_EXISTS.problem("The consumer exists already."),
        }
    }
}
