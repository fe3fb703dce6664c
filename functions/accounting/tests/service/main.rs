//! Accounting against a real wire: HTTP in front, DynamoDB behind, the commits of consumers and orders from the side.
#![expect(clippy::unwrap_used, reason = "the helpers of tests fail like tests")]

mod effects;
mod fixture;
mod http;
mod reactor;
