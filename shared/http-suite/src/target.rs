use crate::api::Api;
use embedded::{Stack, StackOptions};
use function::System;
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

/// Where the suite runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The base URL, without a trailing slash. It may have a path, to which every request's path is appended.
    pub base: String,
    /// Whether it was given by `BELVEDERE_URL`: a remote deployment, or an emulator that takes 100 ms per call. Actions that
    /// run a thousand times locally run a few dozen times there.
    pub remote: bool,
}

/// Returns how often to repeat an action: on the embedded stack, and at a URL.
#[must_use]
pub fn times(embedded: usize, remote: usize) -> usize {
    if url().is_some() { remote } else { embedded }
}

/// Returns how often to repeat a slow action: `times` [in full](testkit::in_full), and a fifth of it otherwise, which still
/// detects the usual mistakes.
#[must_use]
pub fn scaled(times: usize) -> usize {
    if testkit::in_full() { times } else { times / 5 }
}

/// Returns the one target of this process: what `BELVEDERE_URL` names, or an embedded stack of this system that is started on the
/// first call and ends with the process.
///
/// # Panics
/// When the embedded stack does not start.
pub fn target(system: fn() -> System) -> &'static Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    TARGET.get_or_init(|| match url() {
        Some(url) => Target {
            base: url.trim_end_matches('/').to_owned(),
            remote: true,
        },
        None => Target {
            base: embedded(system()),
            remote: false,
        },
    })
}

/// The target of a test that sends thousands of requests: an embedded stack of its own, so that its messages delay no other
/// test, or the deployment at the URL.
pub struct Apart {
    /// The deployment.
    pub api: Api,
    _stack: Option<Stack>,
}

impl Apart {
    /// Starts the stack, unless there is a URL.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(system: fn() -> System) -> Self {
        Self::with(system, StackOptions::default()).await
    }

    /// Does the same as [`Self::start`]. On the embedded stack a generation waits for seconds instead of half a minute before
    /// it is built or deleted.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with_short_fences(system: fn() -> System) -> Self {
        let options = StackOptions {
            function_timeout: Duration::from_secs(2),
            ..StackOptions::default()
        };
        Self::with(system, options).await
    }

    async fn with(system: fn() -> System, options: StackOptions) -> Self {
        let stack = match url() {
            Some(_) => None,
            None => Some(
                Stack::start(system(), options)
                    .await
                    .expect("the embedded stack starts on a free port"),
            ),
        };
        let api = stack
            .as_ref()
            .map_or_else(|| Api::here(system), |stack| Api::at(stack.url()));
        Self { api, _stack: stack }
    }
}

/// Returns whether a test that needs more than a URL has to be skipped, and reports a skipped one.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test must be reported")]
pub fn skipped_at_a_url(test: &str, why: &str) -> bool {
    let skipped = url().is_some();
    if skipped {
        eprintln!("SKIPPED {test}: {why}; BELVEDERE_URL names a stack that the suite did not start");
    }
    skipped
}

fn url() -> Option<String> {
    std::env::var("BELVEDERE_URL").ok().filter(|url| !url.is_empty())
}

/// Starts the stack in a thread and runtime of its own: every test has its runtime, and the stack must outlive the first one's.
fn embedded(system: System) -> String {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        runtime.block_on(async {
            let stack = Stack::start(system, StackOptions::default())
                .await
                .expect("the embedded stack starts on a free port");
            send.send(stack.url().to_owned())
                .expect("the caller waits for the address");
            std::future::pending::<()>().await;
        });
    });
    receive.recv().expect("the embedded stack is up")
}
