//! The function's set-up; everything else is in the library.

#[tokio::main]
async fn main() -> Result<(), operations::Error> {
    operations::run().await
}
