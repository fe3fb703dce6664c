//! Accounting against a real wire: HTTP in front, DynamoDB behind, the commits of consumers and orders from the side.
mod effects;
mod fixture;
mod http;
mod reactor;
