use crate::account::{AccountError, AccountState};
use crate::payment::PaymentDetails;
use crate::service::Accounting;
use axum::extract::State;
use axum::response::Response;
use commit::Event;
use contracts::access::{BY_BACK_OFFICE, BY_CONSUMER_OR_BACK_OFFICE, CONSUMER};
use contracts::{ConsumerId, DeclineReason, Money, OrderEvent, OrderId, PaymentStatus, codes};
use function::Wiring;
use http_api::openapi::{CommandHeaders, CommandProblems, ReadHeaders, ResourceRead};
use http_api::{
    Code, Command, Consistency, Guarded, IfNoneMatch, NoParameters, PathId, Permission, Problem, Query,
    found, ok, problems,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const UNKNOWN_CONSUMER: Code = Code::not_found(codes::UNKNOWN_CONSUMER, "there is no such consumer");
const UNKNOWN_PAYMENT: Code = Code::not_found("UNKNOWN_PAYMENT", "there is no such order");
const PAYMENT_NOT_READY: Code = Code::conflict(
    "PAYMENT_NOT_READY",
    "the order exists but its payment is not decided yet; try again after `Retry-After` seconds",
);

problems!(LimitProblems = CommandProblems, UNKNOWN_CONSUMER);
problems!(GetAccountProblems = ResourceRead, UNKNOWN_CONSUMER);
problems!(
    GetPaymentProblems = ResourceRead,
    UNKNOWN_PAYMENT,
    PAYMENT_NOT_READY
);

/// A request to set a consumer's credit limit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetCreditLimit {
    /// The limit of the open authorizations' sum. Amounts that are already held back stay, even above the limit.
    pub credit_limit: Money,
}

/// The current state of an account.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub struct AccountBody {
    /// The account's consumer.
    pub consumer_id: ConsumerId,
    /// The sum of the open authorizations: the amounts that are held back for open orders.
    pub balance: Money,
    /// The limit of the open authorizations' sum; absent without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_limit: Option<Money>,
    /// The remaining credit, never below zero; absent without a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available_credit: Option<Money>,
    /// The sum of the captured payments.
    pub captured: Money,
    /// The amounts that are held back, by order.
    pub open_authorizations: Vec<OpenAuthorization>,
}

/// The amount that is held back for one order.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenAuthorization {
    /// The order.
    pub order_id: OrderId,
    /// The order's total, including accepted revisions.
    pub amount: Money,
}

/// The payment of an order, as the accounting service stores it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Payment)]
pub struct PaymentBody {
    /// The order's id, which is also the payment's id.
    pub order_id: OrderId,
    /// The consumer who pays.
    pub consumer_id: ConsumerId,
    /// The payment's status.
    pub status: PaymentStatus,
    /// The amount that is held back or was paid. For a declined or reversed payment: the amount that would have been paid.
    pub amount: Money,
    /// Why the payment or its last revision was declined; absent if it was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<DeclineReason>,
    /// The last revision of the order that was answered; absent if there was none.
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
        // A sum above the largest amount is shown as the largest amount.
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
            // The caller looks up the consumer and repeats the command, so this never reaches a client.
            AccountError::NotOpened => Self::internal(error),
        }
    }
}

/// Returns the endpoints of the accounting service.
pub fn router(wiring: &Wiring) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_account).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .routes(routes!(set_limit).allow(BY_BACK_OFFICE))
        .routes(routes!(get_payment).allow(BY_CONSUMER_OR_BACK_OFFICE))
        .with_state(Accounting::new(wiring))
}

/// Sets a consumer's credit limit.
///
/// Without a limit every amount is authorized. A new consumer is found even before its account is opened.
#[utoipa::path(
    post,
    path = "/accounts/{consumerId}/limit",
    tag = "accounting",
    operation_id = "setCreditLimit",
    params(("consumerId" = ConsumerId, Path, description = "The consumer's id, which is the account's."), CommandHeaders),
    request_body = SetCreditLimit,
    responses(
        (status = 200, description = "The account after the change.", body = AccountBody,
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

/// Shows an account.
///
/// Reads the events themselves, so the answer is never older than any token. Costs 1 read unit. A consumer whose account
/// is not opened yet has an account without a limit.
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
    permission: Permission,
    PathId(id): PathId<ConsumerId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    if !permission.covers(CONSUMER, id) {
        return Err(AccountError::UnknownConsumer.into());
    }
    let loaded = accounting.load(id).await?;
    // A stream may exist without an account: with the declined orders of a consumer that does not exist.
    if !loaded.state.opened && !accounting.consumer_exists(id).await? {
        return Err(AccountError::UnknownConsumer.into());
    }
    found(&asked, &loaded, &AccountBody::of(id, &loaded.state))
}

/// Shows the payment of an order.
///
/// Reads the events themselves, so the answer is never older than any token. Costs 1 read unit.
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
    permission: Permission,
    PathId(id): PathId<OrderId>,
    Query(NoParameters {}): Query<NoParameters>,
    // Only checks the token: a damaged one is refused here as everywhere.
    _: Consistency,
    asked: IfNoneMatch,
) -> Result<Response, Problem> {
    let loaded = accounting.payment(id).await?;
    let payment = match loaded.state.0 {
        Some(payment) if permission.covers(CONSUMER, payment.consumer_id) => payment,
        None => return Err(no_payment(&accounting, id, &permission).await),
        Some(_) => return Err(unknown_payment()),
    };
    found(&asked, &loaded, &PaymentBody::of(id, payment))
}

fn unknown_payment() -> Problem {
    UNKNOWN_PAYMENT.problem("There is no such order, so there is no payment.")
}

/// Returns why the payment is missing. A reactor decides payments, so a client that has just ordered may be faster.
/// "Unknown" is reported only after reading the order's first commit (1 RU per 4 KB, in this case alone). A consumer learns nothing
/// about another one's order.
async fn no_payment(accounting: &Accounting, id: OrderId, permission: &Permission) -> Problem {
    let created = match accounting.creation(id).await {
        Ok(created) => created,
        Err(error) => return error.into(),
    };
    match created.as_ref().map(OrderEvent::decode) {
        Some(Ok(OrderEvent::OrderCreated { consumer_id, .. }))
            if permission.covers(CONSUMER, consumer_id) =>
        {
            PAYMENT_NOT_READY
                .problem("The order exists, but its payment is not decided yet. Please try again.")
                .retry_after(1)
        }
        None | Some(Ok(OrderEvent::OrderCreated { .. })) => unknown_payment(),
        Some(Ok(_)) => Problem::internal("an order does not begin with its creation"),
        Some(Err(error)) => Problem::internal(error),
    }
}
