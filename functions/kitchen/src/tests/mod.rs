//! The kitchen service as a whole: requests over HTTP, an emulated DynamoDB, and the orders' commits.
mod fixture;
mod http;
mod reactor;
