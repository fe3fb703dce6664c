//! Runs the relay of an event table on Lambda.

#[tokio::main]
async fn main() -> Result<(), function::lambda::Error> {
    relay::run().await
}
