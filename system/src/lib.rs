//! The whole system, one line per part.
//!
//! All programs that run, show or deploy the system use this list. A part describes itself in its own crate.
//!
//! ```
//! let system = system::belvedere();
//! let history = system.subscriber("order-history").expect("the order history is a subscriber");
//! assert!(history.sources.contains(&"order"));
//! assert_eq!(system.owner("payment").map(|table| table.name).as_deref(), Some("accounting-events"));
//! ```

use function::System;

/// The committed description of the API, which `GET /openapi.json` serves.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// Returns the marketplace.
#[must_use]
pub fn belvedere() -> System {
    System::new(
        "Belvedere",
        "Orders of a food delivery marketplace: commands to its services, and queries across them.",
    )
    .version(env!("CARGO_PKG_VERSION"))
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
    .with(api_description::part(OPENAPI))
    .with(relay::part())
}

#[cfg(test)]
mod tests {
    use super::*;
    use generator::Places;
    use std::path::Path;

    fn places() -> Places {
        Places::in_checkout(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
    }

    #[test]
    fn every_named_category_and_part_exists() {
        assert_eq!(belvedere().mistakes(), Vec::<String>::new());
    }

    #[test]
    fn generated_files_are_current() {
        let differences = generator::check(&belvedere(), &places()).unwrap();
        assert!(
            differences.is_empty(),
            "{}\nRun `cargo run -- generate` and commit the result.",
            differences.join("\n")
        );
    }

    #[test]
    fn every_published_category_has_a_subscriber() {
        let system = belvedere();
        for table in system.event_tables() {
            for category in table.categories {
                let mut subscribers = system.subscribers();
                assert!(subscribers.any(|it| it.sources.contains(category)), "{category}");
            }
        }
    }

    #[test]
    fn every_function_has_an_event_even_without_a_story() {
        let folder = tempfile::tempdir().unwrap();
        let events = folder.path().join("events.json");
        std::fs::write(&events, "{}").unwrap();
        let files = generator::files(&belvedere(), &Places { events, ..places() }).unwrap();
        let events = files
            .iter()
            .filter(|file| file.path.starts_with("localstack/events/"));
        assert_eq!(events.count(), belvedere().functions().count());
    }

    #[test]
    fn every_placeholder_of_the_template_is_filled_in() {
        let files = generator::files(&belvedere(), &places()).unwrap();
        let templates: Vec<_> = files
            .iter()
            .filter(|file| file.path.starts_with("template."))
            .collect();
        assert_eq!(templates.len(), 2);
        for template in templates {
            assert!(!template.text.contains('@'), "{}", template.path);
        }
    }

    #[test]
    fn examples_of_operations_name_a_view_and_a_stream_of_this_system() {
        for placeholder in ["view-name", "category#"] {
            assert!(!OPENAPI.contains(placeholder), "{placeholder}");
        }
        assert!(OPENAPI.contains(r#""example": "order-history""#));
        assert!(OPENAPI.contains(r#""example": "order#"#));
    }

    #[test]
    fn relay_of_accounting_serves_subscribers_of_accounts_and_payments() {
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
