use crate::overlaps::{Entered, Overlaps};
use crate::plain_http::plain_http;
use aws_sdk_dynamodb::config::http::{HttpRequest, HttpResponse};
use aws_sdk_dynamodb::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Barrier;

/// A transport with faults on request, which no emulator produces. Clones share the plan.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use local_dynamodb::{Fault, Faults, LocalDynamo};
/// let dynamo = LocalDynamo::in_memory().await?;
/// let faults = Faults::default();
/// let client = aws_sdk_dynamodb::Client::from_conf(dynamo.config().http_client(faults.transport()).build());
///
/// faults.next("ListTables", Fault::Throttle);
/// client.list_tables().send().await?;
/// assert_eq!(faults.requests("ListTables").len(), 2, "the SDK tried again");
/// # anyhow::Ok(()) }).unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Faults {
    plan: Arc<Mutex<Plan>>,
}

#[derive(Debug, Default)]
struct Plan {
    faults: VecDeque<(String, Fault)>,
    requests: Vec<(String, String)>,
    overlaps: Overlaps,
}

/// The outcome of a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It takes effect, and its reply is lost.
    CutReply,
    /// It never arrives.
    CutRequest,
    /// It is refused temporarily.
    Throttle,
    /// It fails inside the service.
    InternalError,
    /// It never arrives, and this JSON text is the reply; for partial replies such as `UnprocessedKeys`.
    Answer(String),
    /// It never arrives, and this JSON text, with its `__type`, is the error; for errors with contents, such as
    /// `TransactionCanceledException`.
    Refuse(String),
    /// It waits at this barrier twice before it arrives: a test knows that it is in transit, and decides when it continues.
    Late(Arc<Barrier>),
}

impl Faults {
    /// Plans a fault for the next request of an operation, for example `PutItem`. Several are used in order.
    pub fn next(&self, operation: &str, fault: Fault) {
        self.plan().faults.push_back((operation.to_owned(), fault));
    }

    /// Returns the bodies of all requests of an operation so far, repetitions included.
    #[must_use]
    pub fn requests(&self, operation: &str) -> Vec<String> {
        let plan = self.plan();
        let of_operation = plan.requests.iter().filter(|(name, _)| name == operation);
        of_operation.map(|(_, body)| body.clone()).collect()
    }

    /// Cancels overlapping transactions from now on, as DynamoDB does and the engine does not. Each `TransactWriteItems` holds
    /// its items for at least this long; meanwhile another transaction with one of them, and a single write to one of them, is
    /// refused as a conflict. All clients that share these faults take part. The tables' keys must be `pk` and `sk`.
    pub fn cancel_overlapping_transactions(&self, duration: Duration) {
        self.plan().overlaps.duration = Some(duration);
    }

    /// Returns the number of requests that were refused because they overlapped with a transaction.
    #[must_use]
    pub fn cancelled(&self) -> u64 {
        self.plan().overlaps.cancelled
    }

    /// Returns the transport, for `config().http_client(…)`.
    #[must_use]
    pub fn transport(&self) -> SharedHttpClient {
        SharedHttpClient::new(Transport {
            faults: self.clone(),
            inner: plain_http(),
        })
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, request: &HttpRequest) -> Result<Fault, Entered> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let mut plan = self.plan();
        let planned = plan.faults.iter().position(|(name, _)| *name == operation);
        let fault = planned.and_then(|place| plan.faults.remove(place));
        let fault = match fault {
            Some((_, fault)) => Ok(fault),
            None => Err(plan.overlaps.enter(&operation, &body)),
        };
        plan.requests.push((operation, body));
        fault
    }
}

#[derive(Debug)]
struct Transport {
    faults: Faults,
    inner: SharedHttpClient,
}

impl HttpClient for Transport {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            faults: self.faults.clone(),
            inner: self.inner.http_connector(settings, components),
        })
    }
}

#[derive(Debug)]
struct Connector {
    faults: Faults,
    inner: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let lost = || ConnectorError::io("the connection was cut".into());
        match self.faults.take(&request) {
            Err(Entered::Free) => self.inner.call(request),
            Err(Entered::Cancelled(error)) => HttpConnectorFuture::ready(answer(400, &error)),
            Err(Entered::Holds(hold, duration)) => {
                let inner = self.inner.clone();
                HttpConnectorFuture::new(async move {
                    tokio::time::sleep(duration).await;
                    let reply = inner.call(request).await;
                    drop(hold);
                    reply
                })
            }
            Ok(Fault::CutReply) => {
                let reply = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    reply.await?;
                    Err(lost())
                })
            }
            Ok(Fault::CutRequest) => HttpConnectorFuture::ready(Err(lost())),
            Ok(Fault::Throttle) => {
                let body = r##"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slower"}"##;
                HttpConnectorFuture::ready(answer(400, body))
            }
            Ok(Fault::InternalError) => {
                let body =
                    r##"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"no"}"##;
                HttpConnectorFuture::ready(answer(500, body))
            }
            Ok(Fault::Answer(body)) => HttpConnectorFuture::ready(answer(200, &body)),
            Ok(Fault::Refuse(body)) => HttpConnectorFuture::ready(answer(400, &body)),
            Ok(Fault::Late(barrier)) => {
                let inner = self.inner.clone();
                HttpConnectorFuture::new(async move {
                    barrier.wait().await;
                    barrier.wait().await;
                    inner.call(request).await
                })
            }
        }
    }
}

fn answer(status: u16, body: &str) -> Result<HttpResponse, ConnectorError> {
    let status = status
        .try_into()
        .map_err(|_| ConnectorError::user("not a status".into()))?;
    let mut response = HttpResponse::new(status, SdkBody::from(body));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    Ok(response)
}
