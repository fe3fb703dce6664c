use super::caller;
use crate::{Asking, CallError, Neighbour, Reply};
use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::encodings::Body;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::StatusCode;
use http_api::CONSISTENCY_TOKEN;
use serde_json::{Value, json};

/// A service's command function, which is invoked directly.
///
/// It is not called through the API, because the function would need the API's address and the API needs the function, and a
/// second gateway call would be billed. The role may invoke exactly these functions. This code ensures that only GETs are sent
/// (`docs/decisions/composition.md`).
#[derive(Debug, Clone)]
pub struct LambdaNeighbour {
    client: Client,
    function: String,
}

impl LambdaNeighbour {
    /// Creates a client of this function, given by name or ARN.
    #[must_use]
    pub fn new(client: Client, function: impl Into<String>) -> Self {
        Self {
            client,
            function: function.into(),
        }
    }

    async fn invoke(&self, path: &str, asking: &Asking) -> Result<Reply, CallError> {
        let answer = self
            .client
            .invoke()
            .function_name(&self.function)
            .payload(Blob::new(request(path, asking).to_string()))
            .send()
            .await
            .map_err(|error| CallError(DisplayErrorContext(error).to_string()))?;
        if let Some(error) = answer.function_error {
            return Err(CallError(format!("{} ended with {error}", self.function)));
        }
        reply(answer.payload.unwrap_or_else(|| Blob::new([])).as_ref())
    }
}

impl Neighbour for LambdaNeighbour {
    fn get<'a>(&'a self, path: &'a str, asking: &'a Asking) -> BoxFuture<'a, Result<Reply, CallError>> {
        Box::pin(self.invoke(path, asking))
    }
}

/// Builds the event that API Gateway would send for a GET, after its authorizer has named this caller.
fn request(path: &str, asking: &Asking) -> Value {
    let Asking {
        caller,
        correlation_id,
    } = asking;
    json!({
        "resource": path,
        "path": path,
        "httpMethod": "GET",
        "headers": { "accept": "application/json", "x-correlation-id": correlation_id },
        "multiValueHeaders": {
            "accept": ["application/json"],
            "x-correlation-id": [correlation_id],
        },
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": "GET",
            "path": path,
            "stage": "composition",
            "requestId": correlation_id,
            "identity": { "sourceIp": "127.0.0.1" },
            "authorizer": caller::to_context(caller),
        },
        "body": null,
        "isBase64Encoded": false,
    })
}

fn reply(payload: &[u8]) -> Result<Reply, CallError> {
    let answer: ApiGatewayProxyResponse = serde_json::from_slice(payload).map_err(|error| {
        CallError(format!(
            "the function's reply is not an HTTP response: {}",
            commit::fault(&error)
        ))
    })?;
    let status = u16::try_from(answer.status_code)
        .ok()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| CallError(format!("{} is not an HTTP status", answer.status_code)))?;
    let body = match answer.body {
        None | Some(Body::Empty) => Bytes::new(),
        Some(Body::Text(text)) => text.into(),
        Some(Body::Binary(bytes)) => bytes.into(),
        Some(_) => {
            return Err(CallError(
                "the function's body has an unknown encoding".to_owned(),
            ));
        }
    };
    let token = [&answer.headers, &answer.multi_value_headers];
    let token = token
        .into_iter()
        .find_map(|headers| headers.get(CONSISTENCY_TOKEN))
        .cloned();
    Ok(Reply { status, token, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::apigw::ApiGatewayProxyRequest;
    use http::HeaderValue;
    use identity::{Caller, CallerId};

    #[test]
    fn request_has_the_form_of_a_rest_api_event() {
        let asking = Asking {
            caller: Caller::new(CallerId::named("x")).role("consumer"),
            correlation_id: "c-1".to_owned(),
        };
        let sent = request("/tickets/ord_1", &asking);
        let read: ApiGatewayProxyRequest = serde_json::from_value(sent).unwrap();
        assert_eq!(read.path.as_deref(), Some("/tickets/ord_1"));
        assert_eq!(read.http_method, http::Method::GET);
        assert_eq!(read.headers["x-correlation-id"], "c-1");
    }

    #[test]
    fn reply_has_status_and_body() {
        let payload =
            br#"{"statusCode":404,"headers":{},"multiValueHeaders":{"consistency-token":["t"]},"body":"{}","isBase64Encoded":false}"#;
        let expected = Reply {
            status: StatusCode::NOT_FOUND,
            token: Some(HeaderValue::from_static("t")),
            body: Bytes::from_static(b"{}"),
        };
        assert_eq!(reply(payload), Ok(expected));
    }

    #[test]
    fn malformed_reply_is_an_error() {
        for payload in [
            &b""[..],
            b"null",
            b"{}",
            br#"{"errorMessage":"x"}"#,
            br#"{"statusCode":7,"headers":{},"multiValueHeaders":{}}"#,
        ] {
            assert!(reply(payload).is_err(), "{}", String::from_utf8_lossy(payload));
        }
    }
}
