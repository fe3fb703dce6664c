//! The acceptance suite, over HTTP. A test is named by what it shows, as the acceptance list names it (A1, B3, C12, …).
//!
//! `cargo test -p tests` starts its own embedded stack; `BELVEDERE_URL=… cargo test -p tests` runs the
//! same tests against a deployment. What needs the inside of the embedded stack is in [`embedded`] and says that it is left
//! out when there is a URL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api_description;
mod cancelling;
mod delivering;
mod embedded;
mod end_to_end;
mod hostile_commands;
mod hostile_input;
mod idempotency;
mod operating;
mod order_history;
mod paging;
mod reading;
mod restaurants;
mod revising;
mod views;
