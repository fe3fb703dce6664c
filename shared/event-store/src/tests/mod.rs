//! Tests of the event store against a real wire API: DynamoDB in process, or any engine at
//! `BELVEDERE_DYNAMODB_ENDPOINT`.

mod conditions;
mod cost;
mod fixture;
mod histories;
mod idempotency;
mod jar;
mod loading;
mod lost_replies;
mod metrics;
mod on_loaded;
mod put_back;
mod racing;
mod reading;
mod stored_format;
