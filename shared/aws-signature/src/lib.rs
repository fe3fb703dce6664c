//! Signs HTTP requests to a deployment whose API requires AWS_IAM, with the credentials from the environment variables
//! that every AWS tool reads: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`.
//!
//! ```
//! use aws_signature::Signer;
//!
//! let signer = Signer::new("AKIDEXAMPLE", "secret", None, "eu-central-1");
//! let mut request = reqwest::Request::new(
//!     reqwest::Method::GET,
//!     "https://abc.execute-api.eu-central-1.amazonaws.com/v1/orders".parse().unwrap(),
//! );
//! signer.sign(&mut request)?;
//! assert!(request.headers().contains_key("authorization"));
//! # Ok::<(), aws_signature::SignatureError>(())
//! ```

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use reqwest::Request;
use reqwest::header::{HeaderName, HeaderValue};
use std::time::SystemTime;

/// A signer with the credentials of the caller.
#[derive(Debug, Clone)]
pub struct Signer {
    identity: Identity,
    region: String,
}

/// The error when a request cannot be signed because its URL or a credential contains characters that are not allowed
/// in a header.
#[derive(Debug, thiserror::Error)]
#[error("the request cannot be signed: {0}; check the URL and the AWS_… environment variables")]
pub struct SignatureError(String);

impl Signer {
    /// Creates a signer with these credentials.
    #[must_use]
    pub fn new(key_id: &str, secret: &str, session_token: Option<String>, region: &str) -> Self {
        let credentials = Credentials::new(key_id, secret, session_token, None, "environment");
        Self {
            identity: credentials.into(),
            region: region.to_owned(),
        }
    }

    /// Creates a signer with the credentials of the environment, or returns `None` when there are none. The region
    /// defaults to us-east-1.
    #[must_use]
    pub fn of_the_environment() -> Option<Self> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Some(Self::new(
            &set("AWS_ACCESS_KEY_ID")?,
            &set("AWS_SECRET_ACCESS_KEY")?,
            set("AWS_SESSION_TOKEN"),
            set("AWS_REGION").as_deref().unwrap_or("us-east-1"),
        ))
    }

    /// Signs the request for API Gateway. The embedded stack ignores the signature.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn sign(&self, request: &mut Request) -> Result<(), SignatureError> {
        let parameters = SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name("execute-api")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| SignatureError(error.to_string()))?
            .into();
        let body = request
            .body()
            .and_then(reqwest::Body::as_bytes)
            .unwrap_or_default();
        // Only the `host` header is signed: tests send values in other headers that need not be text.
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            std::iter::empty(),
            SignableBody::Bytes(body),
        );
        let signed = signable
            .and_then(|signable| sign(signable, &parameters))
            .map_err(|error| SignatureError(error.to_string()))?;
        let (headers, _) = signed.into_parts().0.into_parts();
        for header in headers {
            let value = HeaderValue::from_str(header.value()).map_err(|e| SignatureError(e.to_string()))?;
            request
                .headers_mut()
                .insert(HeaderName::from_static(header.name()), value);
        }
        Ok(())
    }
}
