//! The delivery service against a real wire: HTTP in front, DynamoDB behind, the commits of orders and tickets from the
//! side.
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
