//! Runs the functions of operations on Lambda. They fold every view, so their program is built with the system.

#[tokio::main]
async fn main() -> Result<(), function::lambda::Error> {
    operations::run(&system::money_transfer()).await
}
