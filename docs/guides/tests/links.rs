//! Checks that the guides link to sections and files that exist.

use std::path::Path;

const VIEW: Guide = Guide {
    page: include_str!("../../adding-a-view.md"),
    address: "guides/tests/adding_a_view.rs",
    program: include_str!("adding_a_view.rs"),
};

const SERVICE: Guide = Guide {
    page: include_str!("../../adding-a-service.md"),
    address: "guides/tests/adding_a_service.rs",
    program: include_str!("adding_a_service.rs"),
};

/// A page without a program.
const SYSTEM: &str = include_str!("../../a-system-of-your-own.md");

struct Guide {
    page: &'static str,
    /// The address by which the page links to the program.
    address: &'static str,
    program: &'static str,
}

/// Returns text and address of each link of a page.
fn links(page: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    page.split("](")
        .zip(page.split("](").skip(1))
        .filter_map(|(before, after)| {
            let (_, text) = before.rsplit_once('[')?;
            let (address, _) = after.split_once(')')?;
            Some((text, address))
        })
}

impl Guide {
    /// Returns the sections to which the page links. A link whose text is the path leads to the whole program.
    fn linked(&self) -> Vec<&'static str> {
        let sections = links(self.page).filter(|(_, address)| *address == self.address);
        sections
            .map(|(text, _)| text)
            .filter(|text| !text.starts_with('`'))
            .collect()
    }

    fn sections(&self) -> Vec<&'static str> {
        let lines = self.program.lines();
        lines.filter_map(|line| line.strip_prefix("// --- ")).collect()
    }
}

#[test]
fn guide_links_to_all_sections_of_its_program_in_order() {
    for guide in [VIEW, SERVICE] {
        assert!(!guide.sections().is_empty(), "{}", guide.address);
        assert_eq!(guide.linked(), guide.sections(), "{}", guide.address);
    }
}

#[test]
fn every_linked_file_exists() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (_, address) in [VIEW.page, SERVICE.page, SYSTEM].into_iter().flat_map(links) {
        let path = address.split('#').next().unwrap_or_default();
        assert!(docs.join(path).exists(), "{address}");
    }
}
