//! The accounting service as a whole: requests over HTTP, an emulated DynamoDB, and the commits of consumers and orders.
mod effects;
mod fixture;
mod http;
mod reactor;
