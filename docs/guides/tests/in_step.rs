//! What a guide shows is what its program says.
//!
//! The program is the source. It is cut at its lines `// --- The fold`, and each part is the Rust code under the guide's
//! heading of that name, `## 3. The fold`: one block per part, in the same order, nothing left out. What is not Rust stands
//! in the guide alone. After a change of the program, or of its lines `// ---`:
//!
//! ```sh
//! UPDATE_GUIDES=1 cargo test -p guides --test in_step
//! ```

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;

const HOW: &str = "change the program and run `UPDATE_GUIDES=1 cargo test -p guides --test in_step`";
const MARK: &str = "// --- ";
const FENCE: &str = "```";
const RUST: &str = "```rust";

/// Rust code under a heading.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    heading: String,
    code: String,
}

/// The parts of a program.
fn parts(program: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in program.lines() {
        if let Some(heading) = line.strip_prefix(MARK) {
            let (heading, code) = (heading.to_owned(), String::new());
            parts.push(Part { heading, code });
        } else {
            let part = parts.last_mut().expect("a program begins with a line `// --- `");
            part.code.push_str(line);
            part.code.push('\n');
        }
    }
    for part in &mut parts {
        part.code = format!("{}\n", part.code.trim());
    }
    parts
}

/// A guide: its Rust code, and its text with the code left out.
fn read(guide: &str) -> (Vec<Part>, Vec<String>) {
    let (mut code, mut text): (Vec<Part>, _) = (Vec::new(), vec![String::new()]);
    let (mut heading, mut fence) = ("", None);
    for line in guide.lines() {
        match fence {
            Some(RUST) if line != FENCE => {
                let part = code.last_mut().expect("the fence began it");
                part.code.push_str(line);
                part.code.push('\n');
                continue;
            }
            Some(opened) if line == FENCE => {
                if opened == RUST {
                    text.push(String::new());
                }
                fence = None;
            }
            Some(_) => {}
            None if line.starts_with(FENCE) => {
                if line == RUST {
                    let (heading, code_here) = (heading.to_owned(), String::new());
                    code.push(Part {
                        heading,
                        code: code_here,
                    });
                }
                fence = Some(line);
            }
            None => {
                if let Some(title) = line.strip_prefix("## ") {
                    heading = title.split_once(". ").map_or(title, |(_, title)| title);
                }
            }
        }
        let text = text.last_mut().expect("it begins with one");
        text.push_str(line);
        text.push('\n');
    }
    assert_eq!(fence, None, "a block of code does not end");
    (code, text)
}

/// The text with this code in it.
fn write(text: &[String], code: &[Part]) -> String {
    let code = code.iter().map(|part| part.code.as_str()).chain([""]);
    text.iter()
        .zip(code)
        .map(|(text, code)| format!("{text}{code}"))
        .collect()
}

#[track_caller]
fn in_step(name: &str) {
    let here = env!("CARGO_MANIFEST_DIR");
    let guide_file = format!("{here}/../{name}.md");
    let program = fs::read_to_string(format!("{here}/tests/{}.rs", name.replace('-', "_"))).unwrap();
    let guide = fs::read_to_string(&guide_file).unwrap();
    let (parts, (shown, text)) = (parts(&program), read(&guide));

    let headings = |parts: &[Part]| parts.iter().map(|part| part.heading.clone()).collect::<Vec<_>>();
    assert_eq!(
        headings(&shown),
        headings(&parts),
        "the headings with Rust code in {name}.md (left) are not the lines `{MARK}` of the program (right)"
    );
    if std::env::var_os("UPDATE_GUIDES").is_some() {
        fs::write(&guide_file, write(&text, &parts)).unwrap();
        return;
    }
    for (shown, part) in shown.iter().zip(&parts) {
        assert!(
            shown == part,
            "{name}.md shows other code under {:?}; {HOW}",
            part.heading
        );
    }
}

#[track_caller]
fn every_link_leads_somewhere(name: &str) {
    let docs = format!("{}/..", env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(format!("{docs}/{name}.md")).unwrap();
    let links = guide.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    for (link, _) in links.filter(|(link, _)| !link.starts_with("https://")) {
        let file = link.split('#').next().unwrap();
        assert!(
            fs::exists(format!("{docs}/{file}")).unwrap(),
            "{name}.md: there is no {link}"
        );
    }
}

#[test]
fn every_file_that_a_guide_links_to_is_there() {
    every_link_leads_somewhere("adding-a-view");
    every_link_leads_somewhere("adding-a-service");
}

#[test]
fn the_guide_to_views_shows_the_program_that_is_tested() {
    in_step("adding-a-view");
}

#[test]
fn the_guide_to_services_shows_the_program_that_is_tested() {
    in_step("adding-a-service");
}

const GUIDE: &str =
    "# Soup\n\n## 1. The pot\n\n```sh\ncook\n```\n\nWhy.\n\n```rust\nstruct Pot;\n```\n\nEnd.\n";

#[test]
fn rust_code_is_found_under_its_heading_and_other_code_is_not() {
    let pot = Part {
        heading: "The pot".to_owned(),
        code: "struct Pot;\n".to_owned(),
    };
    assert_eq!(
        parts("// --- The pot\nstruct Pot;\n\n"),
        std::slice::from_ref(&pot)
    );
    assert_eq!(read(GUIDE).0, [pot]);
}

#[test]
fn an_update_replaces_the_code_and_leaves_the_text_alone() {
    let (code, text) = read(GUIDE);
    assert_eq!(write(&text, &code), GUIDE);
    let changed = write(&text, &parts("// --- The pot\nstruct Pan;\n"));
    assert_eq!(changed, GUIDE.replace("Pot;", "Pan;"));
}
