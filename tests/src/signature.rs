use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use reqwest::Request;
use reqwest::header::{HeaderName, HeaderValue};
use std::sync::OnceLock;
use std::time::SystemTime;

/// Who calls a deployment whose API wants AWS_IAM, taken from the environment as every AWS tool does.
#[derive(Debug)]
struct Signer {
    identity: Identity,
    region: String,
}

impl Signer {
    fn of_the_environment() -> Option<Self> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let credentials = Credentials::new(
            set("AWS_ACCESS_KEY_ID")?,
            set("AWS_SECRET_ACCESS_KEY")?,
            set("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        Some(Self {
            identity: credentials.into(),
            region: set("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
        })
    }
}

/// Signs the request when the environment holds credentials. The embedded stack has no use for a signature and ignores it.
pub(crate) fn add_signature(request: &mut Request) {
    static SIGNER: OnceLock<Option<Signer>> = OnceLock::new();
    let Some(signer) = SIGNER.get_or_init(Signer::of_the_environment) else {
        return;
    };
    let parameters = SigningParams::builder()
        .identity(&signer.identity)
        .region(&signer.region)
        .name("execute-api")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .expect("every parameter is set")
        .into();
    let body = request
        .body()
        .and_then(reqwest::Body::as_bytes)
        .unwrap_or_default();
    // Only the host is signed along: what this suite sends in other headers need not even be text.
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.url().as_str(),
        std::iter::empty(),
        SignableBody::Bytes(body),
    );
    let signed = signable
        .and_then(|signable| sign(signable, &parameters))
        .expect("a request that can be signed");
    let (headers, _) = signed.into_parts().0.into_parts();
    for header in headers {
        let value = HeaderValue::from_str(header.value()).expect("a signature is plain text");
        request
            .headers_mut()
            .insert(HeaderName::from_static(header.name()), value);
    }
}
