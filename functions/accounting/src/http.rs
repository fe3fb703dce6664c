use crate::account::{AccountError, AccountState};
use crate::payment::PaymentDetails;
use crate::service::Accounting;
use axum::extract::State;
use axum::response::Response;
use contracts::{ConsumerId, DeclineReason, Money, OrderId, PaymentStatus, codes};
use function::Wiring;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{Code, Command, Consistency, IfNoneMatch, PathId, Problem, found, ok, problems};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const UNKNOWN_CONSUMER: Code = Code::not_found(codes::UNKNOWN_CONSUMER, "there is no such consumer");
const UNKNOWN_PAYMENT: Code = Code::not_found("UNKNOWN_PAYMENT", "there is no such order");
const PAYMENT_NOT_READY: Code = Code::conflict(
    "PAYMENT_NOT_READY",
    "the order exists, its payment is about to be decided; try again after `Retry-After` seconds",
);

problems!(LimitProblems = CommandProblems, UNKNOWN_CONSUMER);
problems!(GetAccountProblems = ResourceRead, UNKNOWN_CONSUMER);
problems!(
    GetPaymentProblems = ResourceRead,
    UNKNOWN_PAYMENT,
    PAYMENT_NOT_READY
);

/// What a consumer may spend.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetCreditLimit {
    /// What the open authorizations may add up to. What is already held back stays, even where it is more.
    pub credit_limit: Money,
}

/// An account as it now is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub struct AccountBody {
    /// Whose account it is.
    pub consumer_id: ConsumerId,
    /// What is held back for orders under way: the sum of the open authorizations.
    pub balance: Money,
    /// What the open authorizations may add up to; not there without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Money>,
    /// What is left of the limit, never below zero; not there without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_credit: Option<Money>,
    /// What was paid so far: the sum of the captured payments.
    pub captured: Money,
    /// What is held back for each order.
    pub open_authorizations: Vec<OpenAuthorization>,
}

/// What is held back for one order.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenAuthorization {
    /// The order.
    pub order_id: OrderId,
    /// Its total, with the revisions that were granted.
    pub amount: Money,
}

/// The payment of an order, as accounting has it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Payment)]
pub struct PaymentBody {
    /// The order's id, which is the payment's.
    pub order_id: OrderId,
    /// Who pays.
    pub consumer_id: ConsumerId,
    /// Where it stands.
    pub status: PaymentStatus,
    /// What is held back or was paid; what would have been, when the payment is declined or reversed.
    pub amount: Money,
    /// Why the last answer was no, to the payment itself or to its last revision; not there when it was yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeclineReason>,
    /// The last revision of the order that was answered; not there when there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
}

impl PaymentBody {
    fn of(order_id: OrderId, payment: PaymentDetails) -> Self {
        Self {
            order_id,
            consumer_id: payment.consumer_id,
            status: payment.status,
            amount: payment.amount,
            reason: payment.reason,
            revision: payment.revision,
        }
    }
}

impl AccountBody {
    fn of(consumer_id: ConsumerId, account: &AccountState) -> Self {
        // Sums can be more than the largest amount; they are shown as the largest amount.
        let balance = Money::from_minor(account.held_back()).unwrap_or(Money::MAX);
        let captured = Money::from_minor(account.captured).unwrap_or(Money::MAX);
        Self {
            consumer_id,
            balance,
            credit_limit: account.credit_limit,
            available_credit: account
                .credit_limit
                .map(|limit| limit.checked_sub(balance).unwrap_or(Money::ZERO)),
            captured,
            open_authorizations: account
                .open_authorizations
                .iter()
                .map(|(order_id, open)| OpenAuthorization {
                    order_id: *order_id,
                    amount: open.amount,
                })
                .collect(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::UnknownConsumer => UNKNOWN_CONSUMER.problem(error),
            // Whoever is refused like this asks for the consumer and repeats the command.
            AccountError::NotOpened => Self::internal(error),
        }
    }
}

/// Accounting's part of the API.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_account))
        .routes(routes!(set_limit))
        .routes(routes!(get_payment))
        .with_state(Accounting::new(wiring))
}

/// Set what a consumer may spend.
///
/// Without a limit every amount is authorized. A consumer that was created a moment ago is found, even before its account
/// is opened.
#[utoipa::path(
    post,
    path = "/accounts/{consumerId}/limit",
    tag = "accounting",
    operation_id = "setCreditLimit",
    params(("consumerId" = ConsumerId, Path, description = "The consumer's id, which is the account's."), CommandHeaders),
    request_body = SetCreditLimit,
    responses(
        (status = 200, description = "The account as it now is.", body = AccountBody,
            headers(("Consistency-Token" = String))),
        LimitProblems,
    )
)]
async fn set_limit(
    State(accounting): State<Accounting>,
    PathId(id): PathId<ConsumerId>,
    command: Command<SetCreditLimit>,
) -> Result<Response, Problem> {
    let limit = command.body.credit_limit;
    let executed = accounting.set_limit(id, limit, &command.context).await?;
    Ok(ok(&AccountBody::of(id, &executed.state), &executed))
}

/// Look at an account.
///
/// Read from the events themselves, so it is never older than any token; 1 read unit. A consumer whose account is not
/// opened yet has one without a limit.
#[utoipa::path(
    get,
    path = "/accounts/{consumerId}",
    tag = "accounting",
    operation_id = "getAccount",
    params(("consumerId" = ConsumerId, Path, description = "The consumer's id, which is the account's."), ReadHeaders),
    responses(
        (status = 200, description = "The account.", body = AccountBody),
        GetAccountProblems,
    )
)]
async fn get_account(
    State(accounting): State<Accounting>,
    PathId(id): PathId<ConsumerId>,
    // Only for its check: a damaged token is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = accounting.load(id).await?;
    // A stream may be there without an account: with the declined orders of a consumer that does not exist.
    if !loaded.state.opened && !accounting.consumer_exists(id).await? {
        return Err(AccountError::UnknownConsumer.into());
    }
    found(&asked, &loaded, &AccountBody::of(id, &loaded.state))
}

/// Look at the payment of an order.
///
/// Read from the events themselves, so it is never older than any token; 1 read unit.
#[utoipa::path(
    get,
    path = "/payments/{id}",
    tag = "accounting",
    operation_id = "getPayment",
    params(("id" = OrderId, Path, description = "The order's id."), ReadHeaders),
    responses(
        (status = 200, description = "The payment.", body = PaymentBody),
        GetPaymentProblems,
    )
)]
async fn get_payment(
    State(accounting): State<Accounting>,
    PathId(id): PathId<OrderId>,
    // Only for its check: a damaged token is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = accounting.payment(id).await?;
    let Some(payment) = loaded.state.0 else {
        return Err(no_payment(&accounting, id).await);
    };
    found(&asked, &loaded, &PaymentBody::of(id, payment))
}

/// Why there is no such payment. Payments are decided by a reactor, so a client that has just ordered may be faster:
/// "unknown" is only said after a look at the orders themselves (0.5–1 RU, in this case alone).
async fn no_payment(accounting: &Accounting, id: OrderId) -> Problem {
    match accounting.order_exists(id).await {
        Ok(false) => UNKNOWN_PAYMENT.problem("There is no such order, and so no payment of it."),
        Ok(true) => PAYMENT_NOT_READY
            .problem("The order exists; its payment is about to be decided. Please try again.")
            .retry_after(1),
        Err(error) => error.into(),
    }
}
