//! Serves the health check and the API's description on Lambda.

#[tokio::main]
async fn main() -> Result<(), function::lambda::Error> {
    function::lambda::run(api_description::part(system::OPENAPI)).await
}
