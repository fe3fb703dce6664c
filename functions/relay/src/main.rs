//! The Lambda function of the relay.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    relay::run().await
}
