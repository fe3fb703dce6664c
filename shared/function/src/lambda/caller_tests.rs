//! Who a function sees behind API Gateway.

use crate::lambda::caller::{name, signed_by, to_context};
use axum::body::to_bytes;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Extension, Json, Router};
use identity::{Caller, CallerId};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Returns the caller that a function sees behind a gateway with this request context, or `null` if it sees none.
async fn seen(identity: Value, authorizer: Value) -> Value {
    let event = json!({
        "resource": "/me", "path": "/me", "httpMethod": "GET",
        "headers": {}, "multiValueHeaders": {},
        "requestContext": {
            "httpMethod": "GET", "path": "/me", "resourcePath": "/me", "stage": "$default", "requestId": "r",
            "identity": identity, "authorizer": authorizer,
        },
        "body": null, "isBase64Encoded": false,
    });
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    let me = async |caller: Option<Extension<Caller>>| Json(caller.map(|Extension(caller)| caller));
    let router = Router::new().route("/me", get(me)).layer(from_fn(name));
    let answer = router.oneshot(request).await.unwrap();
    let bytes = to_bytes(answer.into_body(), 64 * 1024).await.unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn caller_of_the_authorizer_is_seen_as_it_was_named() {
    let caller = Caller::new(CallerId::derive(&["issuer", "jane"])).role("consumer");
    let signed = json!({ "userArn": "arn:aws:iam::1:user/shop" });
    assert_eq!(seen(signed, to_context(&caller)).await, json!(caller));
}

#[tokio::test]
async fn context_that_names_no_caller_is_no_caller() {
    let signed = || json!({ "userArn": "arn:aws:iam::1:user/shop" });
    let damaged = [
        json!({ "caller": "x" }),
        json!({ "caller": 1 }),
        json!({ "claims": { "sub": "jane" } }),
    ];
    for damaged in damaged {
        assert_eq!(seen(signed(), damaged.clone()).await, Value::Null, "{damaged}");
    }
}

#[tokio::test]
async fn caller_with_a_signature_may_do_what_iam_allows() {
    let arn = "arn:aws:iam::1:user/shop";
    let caller = seen(json!({ "userArn": arn }), json!({})).await;
    assert_eq!(caller["unrestricted"], true);
    assert!(!caller.to_string().contains("shop"), "{caller}");
}

#[test]
fn sessions_of_one_role_are_one_caller() {
    let role = "arn:aws:sts::123456789012:assumed-role/Shop";
    let of = |session: &str| signed_by(Some(&format!("{role}/{session}")));
    assert_eq!(of("i-1"), of("i-2"));
    let other = signed_by(Some("arn:aws:sts::123456789012:assumed-role/Kiosk/i-1"));
    assert_ne!(of("i-1"), other);
}

#[test]
fn users_are_different_callers() {
    let of = |user: &str| signed_by(Some(&format!("arn:aws:iam::123456789012:user/{user}")));
    assert_ne!(of("jane"), of("joe"));
}
