//! The whole system, one line a part.
//!
//! Everything that runs, shows or deploys the system takes it from here. A part says in its own crate what it is.
//!
//! ```
//! let system = system::belvedere();
//! let history = system.subscriber("order-history").expect("the order history is a subscriber");
//! assert!(history.sources.contains(&"order"));
//! assert_eq!(system.owner("payment").map(|table| table.name).as_deref(), Some("accounting-events"));
//! ```

pub mod generate;

use function::System;
use generate::Places;
use std::path::Path;

/// The marketplace.
#[must_use]
pub fn belvedere() -> System {
    System::new(
        "Belvedere",
        "Orders of a food delivery marketplace: commands to its services, and queries across them.",
    )
    .with(consumers::part())
    .with(restaurants::part())
    .with(orders::part())
    .with(kitchen::part())
    .with(accounting::part())
    .with(delivery::part())
    .with(order_history::part())
    .with(available_restaurants::part())
    .with(kitchen_board::part())
    .with(order_totals::part())
    .with(account_statement::part())
    .with(couriers::part())
    .with(order_composition::part())
    .with(operations::part())
    .with(api_description::part())
    .with(relay::part())
}

/// Where the marketplace's own files are, in its checkout.
#[must_use]
pub fn places(checkout: &Path) -> Places {
    Places {
        root: checkout.to_owned(),
        contracts: checkout.join("shared/contracts"),
        events: checkout.join("system/events.json"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_and_part_that_is_named_is_there() {
        assert_eq!(belvedere().mistakes(), Vec::<String>::new());
    }

    #[test]
    fn what_is_committed_is_what_the_parts_say() {
        let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let differences = generate::check(&belvedere(), &places(&checkout)).unwrap();
        assert!(
            differences.is_empty(),
            "{}\nRun `cargo run -- generate` and commit the result.",
            differences.join("\n")
        );
    }

    #[test]
    fn the_relay_of_accounting_serves_those_who_listen_to_accounts_or_payments() {
        let system = belvedere();
        let table = system.owner("account").unwrap();
        let destinations: Vec<_> = system
            .destinations(&table)
            .map(|(to, wanted)| (to.name, wanted))
            .collect();
        assert_eq!(
            destinations,
            [
                ("orders-reactor", vec!["payment"]),
                ("accounting-reactor", vec!["account"]),
                ("order-history", vec!["payment"]),
                ("account-statement", vec!["account"])
            ]
        );
    }
}
