//! The Lambda function of the relay.

#[tokio::main]
async fn main() -> Result<(), function::lambda::Error> {
    relay::run().await
}
