use crate::movement::Movement;
use crate::view::AccountStatement;
use axum::extract::State;
use axum::response::Response;
use contracts::AccountId;
use function::Wiring;
use http_api::openapi::{PageRead, ReadHeaders};
use http_api::{Access, Consistency, Grant, Guarded, IfNoneMatch, PathId, Problem, Query};
use projection::{RowRange, RowsQuery, ViewReader};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use view_function::{Limit, Paging, answer_by_content, problem, read_your_writes};

/// The bank's clerks serve every customer.
const BY_CLERK: Access = Access::to(&[Grant::all("clerk")]);

/// Returns the read-only endpoint `GET /accounts/{id}/statement`.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_statement).allow(BY_CLERK))
        .with_state(wiring.reader::<AccountStatement>())
}

/// The parameters of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query, style = Form)]
struct StatementParameters {
    /// The maximum number of movements on a page.
    #[serde(default)]
    #[param(required = false, inline)]
    limit: Limit,
    /// The `nextCursor` of the previous page. It is valid only for this account.
    cursor: Option<String>,
}

/// One page of a statement.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StatementPage {
    /// The movements, newest first.
    #[schema(value_type = Vec<Movement>)]
    movements: Vec<Value>,
    /// The cursor of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Lists an account's movements.
///
/// Movements are listed newest first, each with the balance after it. A movement never changes; the end of a transfer is a movement of
/// its own. The statement of an account that was never opened is empty, or lists the transfers that the account rejected.
///
/// Costs one Query, half a read unit per 4 KB: about 300 bytes per movement. With a `Consistency-Token` of the account it costs twice
/// that, one more call, and one Query on the event table if the view is behind.
#[utoipa::path(
    get,
    path = "/accounts/{id}/statement",
    tag = "account statement",
    operation_id = "getAccountStatement",
    params(("id" = AccountId, Path, description = "The account."), StatementParameters, ReadHeaders),
    responses(
        (status = 200, description = "The movements.", body = StatementPage),
        PageRead,
    )
)]
async fn get_statement(
    State(reader): State<ViewReader<AccountStatement>>,
    PathId(id): PathId<AccountId>,
    Query(StatementParameters { limit, cursor }): Query<StatementParameters>,
    consistency: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let partition = id.to_string();
    let paging = Paging::new("movements", &[&partition], limit, cursor);
    let query = RowsQuery {
        partition,
        // The document is in the same partition, but sorts before all digits, so the Query does not read it and it costs nothing.
        range: RowRange::Between {
            lower: Some("0".to_owned()),
            upper: None,
        },
        descending: true,
        limit: paging.limit() as usize,
        start: paging.start()?,
    };
    let page = reader
        .rows(&query, &read_your_writes(consistency))
        .await
        .map_err(problem)?;
    let next_cursor = paging.next(page.next.as_ref())?;
    let movements = page.rows.into_iter().map(|row| row.data).collect();
    answer_by_content(
        &asked,
        &StatementPage {
            movements,
            next_cursor,
        },
    )
}
