//! The service through its router, with its replica and its reactor, against a DynamoDB in this process.

mod app;
mod bad_input;
mod cancelling;
mod placing;
mod repeating;
mod revising;
mod settling;
