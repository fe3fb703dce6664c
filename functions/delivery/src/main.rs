//! The delivery's functions on Lambda.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    delivery::run().await
}
