//! The program as its users meet it: against the whole system, and against a server that answers what the system would
//! rarely.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod program;
mod scripted;
mod system;
mod usage;
