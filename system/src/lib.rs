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

    /// Returns what is said about the golden documents after one of them was changed, which is the same as a change of the code
    /// in the other direction.
    fn said_after(file: &str, change: impl FnOnce(&mut serde_json::Value)) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (
            places().root.join("system/documents"),
            root.path().join("system/documents"),
        );
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(&from).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
        let text = std::fs::read_to_string(from.join("order-history.v1.json")).unwrap();
        let mut golden = serde_json::from_str(&text).unwrap();
        change(&mut golden);
        std::fs::write(to.join(file), golden.to_string()).unwrap();
        let places = Places {
            root: root.path().to_owned(),
            ..places()
        };
        let mut said = generator::check(&belvedere(), &places).unwrap();
        said.retain(|line| line.starts_with("system/documents/"));
        said
    }

    /// The document of the order in the golden history.
    fn order(golden: &mut serde_json::Value) -> &mut serde_json::Value {
        &mut golden["story"]["ord_0193a5b2c4d67e8f9a0b1c2d3e4f5061"]["document"]["order"]
    }

    #[test]
    fn deployment_changed_form_of_a_view_is_reported_with_what_to_do() {
        let said = said_after("order-history.v1.json", |golden| {
            order(golden)["noLongerStored"] = "x".into();
        });
        assert_eq!(said.len(), 2, "{said:#?}");
        assert!(said[0].contains("it is read as something else"), "{}", said[0]);
        assert!(said[1].contains("/document/order/noLongerStored"), "{}", said[1]);
        assert!(
            said[1].contains("`belvedere rebuild order-history`"),
            "{}",
            said[1]
        );
    }

    #[test]
    fn deployment_document_that_would_be_quarantined_is_reported() {
        let said = said_after("order-history.v1.json", |golden| {
            let status = order(golden).as_object_mut().unwrap().remove("status");
            assert!(status.is_some(), "an order has a status");
        });
        assert!(said[0].contains("cannot read the document"), "{said:#?}");
        assert!(said[0].contains("would be quarantined"), "{said:#?}");
    }

    #[test]
    fn deployment_old_form_is_still_read_beside_the_current_one() {
        // The form before has a field that this code does not know; the current one is the second.
        let said = said_after("order-history.v2.json", |_| {});
        assert_eq!(said, Vec::<String>::new());
        let said = said_after("order-history.v2.json", |golden| {
            order(golden)["status"] = "NO_STATUS_OF_AN_ORDER".into();
        });
        assert!(
            said[0].starts_with("system/documents/order-history.v2.json"),
            "{said:#?}"
        );
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
