//! Who calls a function behind API Gateway.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use identity::{Caller, CallerId};
use lambda_http::request::RequestContext;
use serde_json::{Value, json};

/// The entry of an authorizer's context that holds the caller, as JSON in a text: a context has no nested values.
const CALLER: &str = "caller";

/// Adds the [`Caller`] to a request.
///
/// Without an authorizer's context, the route asks for an IAM signature: policies decide who may call what, so such a caller may
/// use every operation. So may whoever calls a route that asks for nothing, which no generated template has. A context that names
/// no caller names nobody.
pub(super) async fn name(mut request: Request, next: Next) -> Response {
    if let Some(RequestContext::ApiGatewayV1(context)) = request.extensions().get() {
        let authorized = &context.authorizer.fields;
        let caller = match authorized.get(CALLER) {
            Some(Value::String(text)) => serde_json::from_str(text).ok(),
            None if authorized.is_empty() => Some(signed_by(context.identity.user_arn.as_deref())),
            _ => None,
        };
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
    }
    next.run(request).await
}

/// Returns the context that an authorizer returns for this caller.
pub(super) fn to_context(caller: &Caller) -> Value {
    json!({ CALLER: json!(caller).to_string() })
}

/// Returns the caller with this ARN. The session of an assumed role is left out: a program whose credentials were renewed, or
/// another copy of it, is the same caller and may repeat a command.
pub(super) fn signed_by(arn: Option<&str>) -> Caller {
    let id = arn.map_or_else(
        || CallerId::named("iam"),
        |arn| CallerId::derive(&["iam", without_session(arn)]),
    );
    Caller::unrestricted(id)
}

fn without_session(arn: &str) -> &str {
    match arn.rsplit_once('/') {
        Some((role, _)) if arn.contains(":assumed-role/") => role,
        _ => arn,
    }
}
