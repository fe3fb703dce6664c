//! The demo's HTTP client, with retries like any other client.

use anyhow::{Context, bail};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The timeout of one step, including the events that must precede it.
const PATIENCE: Duration = Duration::from_secs(30);

const CONSISTENCY_TOKEN: &str = "consistency-token";

#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    url: Arc<str>,
    /// The prefix of every idempotency key, which distinguishes two runs on the same data.
    run: Arc<str>,
}

impl Client {
    pub(super) fn new(url: &str) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        Ok(Self {
            http,
            url: url.into(),
            run: uuid::Uuid::now_v7().simple().to_string().into(),
        })
    }

    /// Sends a command until it is accepted. A conflict means that the effects of an earlier step are not there yet; the
    /// idempotency key makes the repetition safe.
    async fn command(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<(Value, String)> {
        let key = format!("{}-{}", self.run, uuid::Uuid::now_v7().simple());
        let deadline = Instant::now() + PATIENCE;
        loop {
            let request = self.http.request(method.clone(), format!("{}{path}", self.url));
            let answer = request.header("idempotency-key", &key).json(body).send().await?;
            let status = answer.status();
            let token = answer
                .headers()
                .get(CONSISTENCY_TOKEN)
                .and_then(|token| token.to_str().ok());
            let token = token.unwrap_or_default().to_owned();
            let text = answer.text().await?;
            if status.is_success() {
                let body = serde_json::from_str(&text);
                let body = body.with_context(|| format!("{method} {path} answered {text}"))?;
                return Ok((body, token));
            }
            let may_pass = matches!(
                status,
                StatusCode::CONFLICT | StatusCode::NOT_FOUND | StatusCode::TOO_MANY_REQUESTS
            ) || status.is_server_error();
            if !may_pass || Instant::now() > deadline {
                bail!("{method} {path} answered {status}: {text}");
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        Ok(self.command(Method::POST, path, body).await?.0)
    }

    /// Sends a POST like [`Self::post`], and returns the token with which a read shows the result.
    pub(super) async fn step(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        Ok(self.command(Method::POST, path, body).await?.1)
    }

    /// Repeats a read until the reply satisfies the condition.
    pub(super) async fn read_until(
        &self,
        path: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        self.read_after(path, &[], wanted).await
    }

    /// Repeats a read like [`Self::read_until`], at least as new as the tokens.
    pub(super) async fn read_after(
        &self,
        path: &str,
        tokens: &[String],
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut request = self.http.get(format!("{}{path}", self.url));
            for token in tokens {
                request = request.header(CONSISTENCY_TOKEN, token);
            }
            let answer = request.send().await?;
            let status = answer.status();
            let text = answer.text().await?;
            if status.is_success() {
                let value = serde_json::from_str(&text)?;
                if wanted(&value) {
                    return Ok(value);
                }
            }
            if Instant::now() > deadline {
                bail!("GET {path} still replies {status}: {text}");
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

/// Returns a text field of a reply.
pub(super) fn text(value: &Value, name: &str) -> anyhow::Result<String> {
    value[name]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("the reply has no {name}: {value}"))
}
