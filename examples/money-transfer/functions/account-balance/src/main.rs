//! Runs the functions on Lambda; everything else is in the library.

#[tokio::main]
async fn main() -> Result<(), function::lambda::Error> {
    function::lambda::run(account_balance::part()).await
}
