//! The kitchen against a real wire: HTTP in front, DynamoDB behind, the orders' commits from the side.
mod fixture;
mod http;
mod reactor;
