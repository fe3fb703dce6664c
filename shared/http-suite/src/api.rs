use crate::target::target;
use aws_signature::Signer;
use function::System;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::sync::OnceLock;

/// A client of one deployment. Every test has its own, because a connection pool ends with the runtime that created it.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    client: Client,
}

impl Api {
    /// Creates a client of the deployment that the suite runs against: what `BELVEDERE_URL` names, or an embedded stack of this
    /// system.
    #[must_use]
    pub fn here(system: fn() -> System) -> Self {
        Self::at(&target(system).base)
    }

    /// Creates a client of this base URL.
    ///
    /// # Panics
    /// When TLS is not available.
    #[must_use]
    pub fn at(base: &str) -> Self {
        // A proxy from the environment is not used for local addresses.
        let client = Client::builder().no_proxy().build().expect("a client");
        Self {
            base: base.to_owned(),
            client,
        }
    }

    /// Creates a request. The path is appended to the base URL, not resolved against it: behind an API gateway the base has a
    /// path of its own, which resolving `/orders` would replace.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When no reply arrives, or a time in it does not have the width that all times of this API have.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let mut request = request.build().expect("a request that can be sent");
        static SIGNER: OnceLock<Option<Signer>> = OnceLock::new();
        if let Some(signer) = SIGNER.get_or_init(Signer::of_the_environment) {
            signer.sign(&mut request).expect("a request that can be signed");
        }
        let what = format!("{} {}", request.method(), request.url());
        let response = match self.client.execute(request).await {
            Ok(response) => response,
            Err(error) => panic!("{what}: no reply: {error:?}"),
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("a whole answer").to_vec();
        let answer = Answer {
            what,
            status,
            headers,
            body,
        };
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let narrow = narrow_time(&json);
        assert_eq!(narrow, None, "a time without three decimals: {answer}");
        answer
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a GET with one header.
    pub async fn get_with(&self, path: &str, header: (&str, &str)) -> Answer {
        self.send(self.request(Method::GET, path).header(header.0, header.1))
            .await
    }

    /// Sends a GET with this `Consistency-Token`.
    pub async fn get_after(&self, path: &str, token: &str) -> Answer {
        self.get_with(path, ("Consistency-Token", token)).await
    }

    /// Sends a POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Sends a POST with a JSON body and an idempotency key.
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        self.send(request.header("Idempotency-Key", key)).await
    }

    /// Sends a PUT with a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// Sends a DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Answer {
    what: String,
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as received.
    pub body: Vec<u8>,
}

impl Answer {
    /// Asserts the status and returns the reply.
    ///
    /// # Panics
    /// When the status is another one; the message shows the whole reply.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// Parses the body.
    ///
    /// # Panics
    /// When it is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(json) => json,
            Err(error) => panic!("not JSON ({error}): {self}"),
        }
    }

    /// Returns a header, if present.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the `Consistency-Token`.
    ///
    /// # Panics
    /// When the reply has none.
    #[track_caller]
    #[must_use]
    pub fn token(&self) -> String {
        match self.header("Consistency-Token") {
            Some(token) => token.to_owned(),
            None => panic!("no Consistency-Token: {self}"),
        }
    }

    /// Returns the `code` of a problem.
    ///
    /// # Panics
    /// When the reply is not `application/problem+json` with the members that RFC 9457 and this API require.
    #[track_caller]
    #[must_use]
    pub fn code(&self) -> String {
        assert_eq!(
            self.header("Content-Type"),
            Some("application/problem+json"),
            "{self}"
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self}");
        assert!(
            problem["title"].is_string() && problem["detail"].is_string(),
            "{self}"
        );
        let code = problem["code"].as_str().unwrap_or_default().to_owned();
        let is_code = |c: char| c.is_ascii_uppercase() || c == '_';
        assert!(!code.is_empty() && code.chars().all(is_code), "{self}");
        code
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{}\n→ {} {:?}\n{body}", self.what, self.status, self.headers)
    }
}

/// Returns a time in UTC that is not written with three decimals. Examples in a description are no times.
fn narrow_time(json: &Value) -> Option<&str> {
    match json {
        Value::String(text) => {
            let places = text.bytes().zip(*b"0000-00-00T00:00:00");
            let is_place = |(byte, place): (u8, u8)| match place {
                b'0' => byte.is_ascii_digit(),
                place => byte == place,
            };
            let is_time = text.len() > 19 && text.ends_with('Z') && places.into_iter().all(is_place);
            (is_time && text.len() != "0000-00-00T00:00:00.000Z".len()).then_some(text)
        }
        Value::Array(values) => values.iter().find_map(narrow_time),
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| !name.starts_with("example"));
            members.map(|(_, value)| value).find_map(narrow_time)
        }
        _ => None,
    }
}

/// Percent-encodes a value of a query string or a segment of a path.
#[must_use]
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}
