//! The function's set-up; everything else is in the library.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    order_history::run().await
}
