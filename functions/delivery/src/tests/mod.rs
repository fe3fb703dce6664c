//! The delivery service as a whole: requests over HTTP, an emulated DynamoDB, and the commits of orders and tickets.
mod crashes;
mod dispatch;
mod events;
mod fixture;
mod http;
mod interleavings;
mod neighbours;
mod pauses;
mod reactor;
mod stale_rows;
