//! Runs the functions of operations on Lambda. They fold every view, so their binary is built here and not in their crate.

#[tokio::main]
async fn main() -> Result<(), function::lambda::Error> {
    operations::run(&system::belvedere()).await
}
