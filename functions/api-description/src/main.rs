//! The Lambda function that describes the API.

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    api_description::run().await
}
