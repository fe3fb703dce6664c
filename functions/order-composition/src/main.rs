//! The order composition on Lambda.

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    order_composition::run().await
}
