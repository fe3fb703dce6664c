//! The simulator's own DynamoDB, its schedules, and that it notices a broken engine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dynamodb;
#[cfg(feature = "mutations")]
mod mutations;
mod schedules;
