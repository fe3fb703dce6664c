//! The function's set-up; everything else is in the library.

#[tokio::main]
async fn main() -> Result<(), view_function::Error> {
    view_function::run(order_totals::router).await
}
