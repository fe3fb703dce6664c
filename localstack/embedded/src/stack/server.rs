//! The HTTP listener.

use super::StartError;
use axum::Router;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a request in progress may take to end when the stack stops.
const GRACE: Duration = Duration::from_secs(2);

/// A running listener.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Binds the port before any slow step, so that a used port is reported at once.
pub(super) async fn bind(host: IpAddr, port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((host, port))
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => StartError::PortTaken { host, port },
            _ => StartError::Listen { host, port, error },
        })
}

impl Server {
    pub(super) fn start(listener: TcpListener, app: Router) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (stop, stopping) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stopping = async move {
                // A dropped sender counts as a request to stop.
                let _ = stopping.await;
            };
            if let Err(error) = axum::serve(listener, app).with_graceful_shutdown(stopping).await {
                tracing::error!(%error, "the HTTP listener ended");
            }
        });
        Ok(Self { address, stop, task })
    }

    /// Returns the URL: an address that listens on all interfaces is reached on loopback.
    pub(super) fn url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}")
    }

    /// Stops the listener; requests that take longer than the grace period are cut off.
    pub(super) async fn stop(self) {
        let _ = self.stop.send(());
        let abort = self.task.abort_handle();
        if tokio::time::timeout(GRACE, self.task).await.is_err() {
            abort.abort();
        }
    }
}
