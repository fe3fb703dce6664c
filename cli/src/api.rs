use crate::failure::Failure;
use aws_signature::Signer;
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// The timeout of one attempt of a request; the API's own is shorter.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum number of attempts for a request that is throttled or gets no reply.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A client of the API.
pub(crate) struct Api {
    url: String,
    client: Client,
    signer: Option<Signer>,
}

impl Api {
    pub(crate) fn new(url: &str) -> Result<Self, Failure> {
        let url = url.trim_end_matches('/').to_owned();
        let unusable = |reason: String| Failure::Unreachable {
            url: url.clone(),
            reason,
        };
        let parsed = Url::parse(&url).map_err(|error| unusable(error.to_string()))?;
        if parsed.scheme() == "https" && cfg!(not(feature = "tls")) {
            return Err(Failure::NoTls(url));
        }
        let client = Client::builder().timeout(REQUEST_TIMEOUT);
        // A proxy from the environment is not used for local addresses.
        let here = matches!(parsed.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let client = if here { client.no_proxy() } else { client };
        let client = client.build().map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            url,
            client,
            signer: Signer::of_the_environment(),
        })
    }

    /// Sends a GET.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::GET, path, None).await
    }

    /// Sends a POST with an idempotency key, so that a retry is safe.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Deserializes a reply.
    pub(crate) fn read<T: DeserializeOwned>(&self, answer: &Value) -> Result<T, Failure> {
        T::deserialize(answer).map_err(|error| self.strange(error))
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let key = Uuid::now_v7().to_string();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let (failure, pause) = match self.once(&method, path, body, &key).await {
                Ok(response) if again(&response) => {
                    let pause = retry_after(&response);
                    (self.refusal(response).await, pause)
                }
                Ok(response) if response.status().is_success() => {
                    return response.json().await.map_err(|error| self.strange(error));
                }
                Ok(response) => return Err(self.refusal(response).await),
                Err(failure @ Failure::Unreachable { .. }) => (failure, None),
                Err(failure) => return Err(failure),
            };
            if attempt == ATTEMPTS {
                return Err(failure);
            }
            tokio::time::sleep(pause.unwrap_or_default() + jitter(attempt)).await;
        }
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        key: &str,
    ) -> Result<Response, Failure> {
        let unreachable = |error: reqwest::Error| Failure::Unreachable {
            url: self.url.clone(),
            reason: reason(&error),
        };
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.header("Idempotency-Key", key).json(body);
        }
        let mut request = request.build().map_err(unreachable)?;
        if let Some(signer) = &self.signer {
            signer.sign(&mut request)?;
        }
        self.client.execute(request).await.map_err(unreachable)
    }

    async fn refusal(&self, response: Response) -> Failure {
        let status = response.status().as_u16();
        match response.json::<Value>().await {
            Ok(problem) => Failure::refused(status, &problem),
            Err(error) => self.strange(format_args!("status {status}, {error}")),
        }
    }

    fn strange(&self, reason: impl std::fmt::Display) -> Failure {
        Failure::Strange {
            url: self.url.clone(),
            reason: reason.to_string(),
        }
    }
}

fn again(response: &Response) -> bool {
    matches!(response.status().as_u16(), 429 | 502 | 503 | 504)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

/// Full jitter: requests that were throttled together are not repeated at the same time.
fn jitter(attempt: u32) -> Duration {
    let most = FIRST_PAUSE.saturating_mul(1 << attempt.min(8)).min(LONGEST_PAUSE);
    most.mul_f64(fastrand::f64())
}

/// The innermost cause: "connection refused", not "error sending request".
fn reason(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(cause) = reason.source() {
        reason = cause;
    }
    reason.to_string()
}
