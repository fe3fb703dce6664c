use crate::view::{AccountBalance, BalanceEntry};
use axum::extract::State;
use axum::response::Response;
use contracts::AccountId;
use contracts::account::Owner;
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders, ResourceRead};
use http_api::{Access, Code, Consistency, Grant, Guarded, IfNoneMatch, PathId, Problem, Query, problems};
use projection::{Filter, IndexQuery, ViewReader};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{
    Limit, NoParameters, Paging, answer_by_content, answer_document, problem, read_your_writes,
};

/// The bank's clerks serve every customer.
const BY_CLERK: Access = Access::to(&[Grant::all("clerk")]);

/// Returns the read-only endpoints `GET /accounts` and `GET /accounts/{id}/balance`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_accounts).allow(BY_CLERK))
        .routes(routes!(get_balance).allow(BY_CLERK))
        .with_state(wiring.reader::<AccountBalance>())
}

const UNKNOWN_ACCOUNT: Code = Code::not_found("UNKNOWN_ACCOUNT", "there is no such account");

problems!(BalanceProblems = ResourceRead, UNKNOWN_ACCOUNT);

/// The parameters of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct ListParameters {
    /// The owner.
    #[param(example = "Ada Lovelace")]
    owner: Owner,
    /// The maximum number of accounts on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only for this owner.
    cursor: Option<String>,
}

/// One page of an owner's accounts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccountPage {
    /// The accounts. A page may be short, or even empty, and still not be the last one.
    #[schema(value_type = Vec<BalanceEntry>)]
    accounts: Vec<Value>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists an owner's accounts with their balances.
///
/// Accounts are listed by id, including closed ones. Costs at most two Queries on the index, half a read unit per 4 KB, and one or two
/// more per account that a `Consistency-Token` names.
#[utoipa::path(
    get,
    path = "/accounts",
    tag = "account balance",
    operation_id = "listAccounts",
    params(ListParameters, ReadHeaders),
    responses(
        (status = 200, description = "The accounts.", body = AccountPage),
        PageRead,
    )
)]
async fn list_accounts(
    State(reader): State<ViewReader<AccountBalance>>,
    Query(ListParameters { owner, limit, cursor }): Query<ListParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let partition = owner.to_string();
    let paging = Paging::new("accounts", &[&partition], limit, cursor);
    let query = IndexQuery {
        partition,
        lower: None,
        upper: None,
        descending: false,
        limit: paging.limit() as usize,
        filter: Filter::default(),
        start: paging.start()?,
    };
    let (accounts, next_cursor) = paging.list(&reader, &query, consistency).await?;
    answer_by_content(
        &asked,
        &AccountPage {
            accounts,
            next_cursor,
        },
    )
}

/// Shows an account's balance.
///
/// Costs half a read unit, and one Query on the event table for a `Consistency-Token` that the view has not caught up with.
#[utoipa::path(
    get,
    path = "/accounts/{id}/balance",
    tag = "account balance",
    operation_id = "getAccountBalance",
    params(("id" = AccountId, Path, description = "The account."), ReadHeaders),
    responses(
        (status = 200, description = "The balance.", body = BalanceEntry),
        BalanceProblems,
    )
)]
async fn get_balance(
    State(reader): State<ViewReader<AccountBalance>>,
    PathId(id): PathId<AccountId>,
    Query(NoParameters {}): Query<NoParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let unknown = || {
        UNKNOWN_ACCOUNT
            .problem(format_args!("There is no account {id}."))
            .field("id")
    };
    let key = id.to_string();
    let fresh = reader.get(&key, &read_your_writes(consistency)).await;
    let fresh = fresh.map_err(problem)?.ok_or_else(unknown)?;
    let entry = fresh.document.as_ref().ok_or_else(unknown)?;
    answer_document(&key, &fresh, &asked, entry)
}
