//! The service over HTTP.

use crate::account::{Account, AccountCommand, AccountError, AccountState};
use axum::extract::State;
use axum::response::Response;
use contracts::account::{CATEGORY, Owner};
use contracts::{AccountId, Money};
use event_store::EventStore;
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

type Store = EventStore<Account>;

/// The bank's clerks serve every customer.
const BY_CLERK: Access = Access::to(&[Grant::all("clerk")]);

/// Returns the endpoints of the accounts service.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(open).allow(BY_CLERK))
        .routes(routes!(get).allow(BY_CLERK))
        .routes(routes!(close).allow(BY_CLERK))
        .with_state(wiring.store::<Account>())
}

const UNKNOWN_ACCOUNT: Code = Code::not_found("UNKNOWN_ACCOUNT", "there is no such account");
const ACCOUNT_EXISTS: Code = Code::conflict("ACCOUNT_EXISTS", "the id is taken");
const ACCOUNT_NOT_EMPTY: Code = Code::conflict(
    "ACCOUNT_NOT_EMPTY",
    "the account has a balance, or a transfer from it has not ended",
);

problems!(OpenProblems = CommandProblems, ACCOUNT_EXISTS);
problems!(GetProblems = ResourceRead, UNKNOWN_ACCOUNT);
problems!(
    CloseProblems = CommandProblems,
    UNKNOWN_ACCOUNT,
    ACCOUNT_NOT_EMPTY
);

/// A request to open an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OpenAccount {
    /// The owner.
    owner: Owner,
    /// The amount that is paid in.
    initial_balance: Money,
}

/// The current state of an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
#[serde(rename_all = "camelCase")]
pub struct AccountBody {
    /// The account's id.
    pub account_id: AccountId,
    /// The owner.
    pub owner: Owner,
    /// The balance.
    pub balance: Money,
    /// The sum of the debited amounts of transfers that have not ended. They go to other accounts or are refunded.
    pub in_transfer: Money,
    /// Whether the account is permanently closed.
    pub closed: bool,
}

/// Opens an account.
#[utoipa::path(
    post,
    path = "/accounts",
    tag = "accounts",
    operation_id = "openAccount",
    params(CommandHeaders),
    request_body = OpenAccount,
    responses(
        (status = 201, description = "The account.", body = AccountBody, headers(
            ("Location" = String, description = "The path of the account."),
            ("Consistency-Token" = String, description = "A token for reads that must show this account."),
        )),
        OpenProblems,
    ),
)]
async fn open(State(store): State<Store>, command: Command<OpenAccount>) -> Result<Response, Problem> {
    let id = AccountId::from_uuid(command.new_id(CATEGORY));
    let open = AccountCommand::Open {
        owner: command.body.owner,
        initial_balance: command.body.initial_balance,
    };
    // 1 WU: a PutItem. The id is new, so there is nothing to load.
    let executed = store.create(&id, &open, &command.context).await?;
    Ok(created(
        &format!("/accounts/{id}"),
        &body(id, &executed.state)?,
        &executed,
    ))
}

/// Shows an account.
///
/// Reads the events themselves, so the answer is never older than any token. Costs 1 read unit.
#[utoipa::path(
    get,
    path = "/accounts/{id}",
    tag = "accounts",
    operation_id = "getAccount",
    params(("id" = AccountId, Path, description = "The account."), ReadHeaders),
    responses(
        (status = 200, description = "The account.", body = AccountBody),
        GetProblems,
    ),
)]
async fn get(
    State(store): State<Store>,
    PathId(id): PathId<AccountId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = store.load(&id).await?;
    found(&asked, &loaded, &body(id, &loaded.state)?)
}

/// Closes an account permanently.
///
/// The balance must be 0.00, and no amount may still be refunded to the account. A repeated request succeeds and changes nothing.
#[utoipa::path(
    post,
    path = "/accounts/{id}/close",
    tag = "accounts",
    operation_id = "closeAccount",
    params(("id" = AccountId, Path, description = "The account."), CommandHeaders),
    request_body = NoBody,
    responses(
        (status = 200, description = "The account after the change.", body = AccountBody, headers(
            ("Consistency-Token" = String, description = "A token for reads that must show this change."),
        )),
        CloseProblems,
    ),
)]
async fn close(
    State(store): State<Store>,
    PathId(id): PathId<AccountId>,
    command: Command<NoBody>,
) -> Result<Response, Problem> {
    // 1 RU and 1 WU: a Query and a PutItem, or the PutItem alone when this process has used the stream recently.
    let executed = store
        .execute(&id, &AccountCommand::Close, &command.context)
        .await?;
    Ok(ok(&body(id, &executed.state)?, &executed))
}

fn body(id: AccountId, state: &AccountState) -> Result<AccountBody, Problem> {
    let details = state.details.as_ref().ok_or(AccountError::NotOpened)?;
    Ok(AccountBody {
        account_id: id,
        owner: details.owner.clone(),
        balance: details.balance,
        // A sum above the largest amount is shown as the largest amount.
        in_transfer: Money::from_minor(state.in_transfer()).unwrap_or(Money::MAX),
        closed: details.closed,
    })
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Exists => ACCOUNT_EXISTS.problem(error),
            AccountError::NotOpened => UNKNOWN_ACCOUNT.problem(error),
            AccountError::NotEmpty => ACCOUNT_NOT_EMPTY.problem(error),
            // Only the reactor sends the commands that return these, never a client.
            AccountError::Forgot | AccountError::TooManyOpenTransfers => Self::internal(error),
        }
    }
}
