//! Tests of the embedded stack from the outside: as a library, and as a program.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod api;
mod choreography;
mod filling;
mod interleavings;
mod logs;
mod lost_replies;
mod operations;
mod process;
mod program;
mod put_back;
mod stack;
