//! The whole system, one line per part.
//!
//! All programs that run, show or deploy the system use this list. A part describes itself in its own crate.
//!
//! ```
//! let system = system::money_transfer();
//! assert_eq!(system.owner("account").map(|table| table.name).as_deref(), Some("accounts-events"));
//! ```

use function::System;

/// The committed description of the API, which `GET /openapi.json` serves.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// Returns the system.
#[must_use]
pub fn money_transfer() -> System {
    System::new(
        "Money transfer",
        "Commands to the services, and queries across them.",
    )
    .version(env!("CARGO_PKG_VERSION"))
    .with(accounts::part())
    .with(account_balance::part())
    .with(transfers::part())
    .with(account_statement::part())
    .with(operations::part())
    .with(api_description::part(OPENAPI))
    .with(relay::part())
}

#[cfg(test)]
mod tests {
    use super::*;
    use generator::Places;
    use std::path::Path;

    #[test]
    fn every_named_category_and_part_exists() {
        assert_eq!(money_transfer().mistakes(), Vec::<String>::new());
    }

    #[test]
    fn every_published_category_has_a_subscriber() {
        let system = money_transfer();
        for table in system.event_tables() {
            for category in table.categories {
                let mut subscribers = system.subscribers();
                assert!(subscribers.any(|it| it.sources.contains(category)), "{category}");
            }
        }
    }

    #[test]
    fn generated_files_are_current() {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let differences = generator::check(&money_transfer(), &Places::in_checkout(checkout)).unwrap();
        assert!(
            differences.is_empty(),
            "{}\nRun `cargo run -- generate` and commit the result.",
            differences.join("\n")
        );
    }
}
