//! The accounting's functions on Lambda.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    accounting::run().await
}
