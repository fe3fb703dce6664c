//! The service over HTTP.

use crate::transfer::{Transfer, TransferCommand, TransferError, TransferState};
use axum::extract::State;
use axum::response::Response;
use contracts::transfer::CATEGORY;
use contracts::{AccountId, Money, RejectionReason, TransferId, TransferStatus};
use event_store::EventStore;
use function::Wiring;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Access, Code, Command, Consistency, Grant, Guarded, IfNoneMatch, NoParameters, PathId, Problem, Query,
    created, found, problems,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

type Store = EventStore<Transfer>;

/// The bank's clerks serve every customer.
const BY_CLERK: Access = Access::to(&[Grant::all("clerk")]);

/// Returns the endpoints of the transfers service.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(create).allow(BY_CLERK))
        .routes(routes!(get).allow(BY_CLERK))
        .with_state(wiring.store::<Transfer>())
}

const UNKNOWN_TRANSFER: Code = Code::not_found("UNKNOWN_TRANSFER", "there is no such transfer");
const TRANSFER_EXISTS: Code = Code::conflict("TRANSFER_EXISTS", "the id is taken");
const SAME_ACCOUNT: Code = Code::unprocessable("SAME_ACCOUNT", "a transfer must have two different accounts");
const NO_AMOUNT: Code = Code::unprocessable("NO_AMOUNT", "the amount of a transfer must be more than 0.00");

problems!(
    CreateProblems = CommandProblems,
    TRANSFER_EXISTS,
    SAME_ACCOUNT,
    NO_AMOUNT
);
problems!(GetProblems = ResourceRead, UNKNOWN_TRANSFER);

/// A request to transfer an amount.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateTransfer {
    /// The source account.
    from: AccountId,
    /// The target account; must not be the source account.
    to: AccountId,
    /// The amount; must be more than 0.00.
    amount: Money,
}

/// The current state of a transfer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transfer)]
#[serde(rename_all = "camelCase")]
pub struct TransferBody {
    /// The transfer's id.
    pub transfer_id: TransferId,
    /// The source account.
    pub from: AccountId,
    /// The target account.
    pub to: AccountId,
    /// The amount.
    pub amount: Money,
    /// The transfer's status.
    pub status: TransferStatus,
    /// Why an account rejected the transfer; absent if none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RejectionReason>,
}

/// Creates a transfer.
///
/// The accounts answer later. A created transfer can still fail, because an account does not exist or the balance is insufficient; its
/// `status` then shows the result.
#[utoipa::path(
    post,
    path = "/transfers",
    tag = "transfers",
    operation_id = "createTransfer",
    params(CommandHeaders),
    request_body = CreateTransfer,
    responses(
        (status = 201, description = "The transfer.", body = TransferBody, headers(
            ("Location" = String, description = "The path of the transfer."),
            ("Consistency-Token" = String, description = "A token for reads that must show this transfer."),
        )),
        CreateProblems,
    ),
)]
async fn create(State(store): State<Store>, command: Command<CreateTransfer>) -> Result<Response, Problem> {
    let id = TransferId::from_uuid(command.new_id(CATEGORY));
    let CreateTransfer { from, to, amount } = command.body;
    // 1 WU: a PutItem. The id is new, so there is nothing to load.
    let create = TransferCommand::Create { from, to, amount };
    let executed = store.create(&id, &create, &command.context).await?;
    Ok(created(
        &format!("/transfers/{id}"),
        &body(id, &executed.state)?,
        &executed,
    ))
}

/// Shows a transfer.
///
/// Reads the events themselves, so the answer is never older than any token. Costs 1 read unit.
#[utoipa::path(
    get,
    path = "/transfers/{id}",
    tag = "transfers",
    operation_id = "getTransfer",
    params(("id" = TransferId, Path, description = "The transfer."), ReadHeaders),
    responses(
        (status = 200, description = "The transfer.", body = TransferBody),
        GetProblems,
    ),
)]
async fn get(
    State(store): State<Store>,
    PathId(id): PathId<TransferId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = store.load(&id).await?;
    found(&asked, &loaded, &body(id, &loaded.state)?)
}

fn body(id: TransferId, TransferState(state): &TransferState) -> Result<TransferBody, Problem> {
    let details = state.as_ref().ok_or(TransferError::NotCreated)?;
    Ok(TransferBody {
        transfer_id: id,
        from: details.from,
        to: details.to,
        amount: details.amount,
        status: details.status,
        reason: details.reason,
    })
}

impl From<TransferError> for Problem {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Exists => TRANSFER_EXISTS.problem(error),
            TransferError::NotCreated => UNKNOWN_TRANSFER.problem(error),
            TransferError::SameAccount => SAME_ACCOUNT.problem(error).field("to"),
            TransferError::NoAmount => NO_AMOUNT.problem(error).field("amount"),
            // Only the reactor records answers, never a client.
            TransferError::Contradiction => Self::internal(error),
        }
    }
}
