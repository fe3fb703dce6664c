//! The acceptance suite, over HTTP. The names of its tests begin with the number in the acceptance list (A1, B3, C12, …).
//!
//! `cargo test -p tests` starts its own embedded stack; `BELVEDERE_URL=… cargo test -p tests` runs the same tests against a
//! deployment. Tests that need the inside of the embedded stack are in [`embedded`]; with a URL they report that they are
//! skipped.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod access;
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
