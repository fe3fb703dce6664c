//! The kitchen against a real wire: HTTP in front, DynamoDB behind, the orders' commits from the side.
#![expect(clippy::unwrap_used, reason = "the helpers of tests fail like tests")]

mod fixture;
mod http;
mod reactor;
