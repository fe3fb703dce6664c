//! The SDK's own client, short-circuited: its inputs are passed to the world without conversion, and the world's results are
//! returned without JSON, signature or socket. The world decides about retries, so that they are derived from the seed.

use super::operation::Operation;
use crate::world::{Broken, World};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextMut, Error, Input, Output,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, disable_interceptor, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse, SerializeRequest, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::{Arc, Mutex, PoisonError};

/// Returns a client of the world's DynamoDB.
pub(crate) fn client(world: &Arc<World>) -> Client {
    let config = Builder::new()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url("http://localhost")
        .allow_no_auth()
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(Wire(Arc::clone(world)))
        .interceptor(Shortcut);
    Client::from_conf(config.build())
}

const NO_HEADERS: &str = "the simulated transport reads no headers";

type Outcome = Result<Output, OrchestratorError<Error>>;

/// The values that are passed between the two ends of one call.
#[derive(Debug, Default, Clone)]
struct Call(Arc<Mutex<(Option<Input>, Option<Outcome>)>>);

impl Call {
    fn with<T>(&self, change: impl FnOnce(&mut (Option<Input>, Option<Outcome>)) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Replaces an operation's serializers, and leaves out the headers that nobody reads: most of a schedule's CPU time is the SDK's own
/// work.
#[derive(Debug)]
struct Shortcut;

#[dyn_dispatch_hint]
impl Intercept for Shortcut {
    fn name(&self) -> &'static str {
        "Shortcut"
    }

    fn modify_before_serialization(
        &self,
        _: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = Call::default();
        let state = cfg.interceptor_state();
        state.store_put(SharedRequestSerializer::new(call.clone()));
        state.store_put(SharedResponseDeserializer::new(call));
        state.store_put(disable_interceptor::<UserAgentInterceptor>(NO_HEADERS));
        state.store_put(disable_interceptor::<InvocationIdInterceptor>(NO_HEADERS));
        state.store_put(disable_interceptor::<RequestInfoInterceptor>(NO_HEADERS));
        state.store_put(disable_interceptor::<ServiceClockSkewInterceptor>(NO_HEADERS));
        Ok(())
    }
}

impl SerializeRequest for Call {
    fn serialize_input(&self, input: Input, _: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        self.with(|call| call.0 = Some(input));
        let mut request = HttpRequest::empty();
        request.add_extension(self.clone());
        Ok(request)
    }
}

impl DeserializeResponse for Call {
    fn deserialize_streaming_with_config(&self, _: &mut HttpResponse, _: &ConfigBag) -> Option<Outcome> {
        self.with(|call| call.1.take())
    }
}

/// The transport.
#[derive(Debug)]
struct Wire(Arc<World>);

impl HttpClient for Wire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self(Arc::clone(&self.0)))
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let world = Arc::clone(&self.0);
        let call = request
            .extension::<Call>()
            .cloned()
            .expect("the serializer added it");
        let input = call.with(|call| call.0.take()).expect("a call is made once");
        HttpConnectorFuture::new(async move {
            let answer = world.call(Operation::read(input)).await;
            let outcome = match answer {
                Ok(answer) => answer.map_err(|refused| OrchestratorError::operation(refused.error)),
                Err(Broken::TimedOut) => return Err(ConnectorError::timeout("no reply in time".into())),
                Err(Broken::Reset) => return Err(ConnectorError::io("the connection was reset".into())),
            };
            call.with(|call| call.1 = Some(outcome));
            let status = 200.try_into().expect("200 is a status");
            Ok(HttpResponse::new(status, SdkBody::empty()))
        })
    }
}
