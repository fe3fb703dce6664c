//! The kitchen's functions on Lambda.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    kitchen::run().await
}
