//! Tests of the program from the outside: against the whole system, and against a server with scripted replies that the system
//! gives rarely.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod program;
mod scripted;
mod system;
mod usage;
