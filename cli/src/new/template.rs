/// A file of a template: its path in the output, and its text.
pub(super) type Template = (&'static str, &'static str);

/// Includes the files of a folder of `templates/`.
macro_rules! files {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $folder, "/", $path)))),+]
    };
}

pub(super) const VIEW: &[Template] = files![
    "view":
    "Cargo.toml",
    "src/lib.rs",
    "src/main.rs",
    "src/query.rs",
    "src/tests/http.rs",
    "src/tests/mod.rs",
    "src/tests/view.rs",
    "src/view.rs",
];

/// The events of a service: golden files, schemas, and the module.
pub(super) const CONTRACTS: &[Template] = files![
    "contracts":
    "golden/__category__/__Category__Closed.v1.json",
    "golden/__category__/__Category__Created.v1.json",
    "golden/__category__/__Category__Renamed.v1.json",
    "schemas/__category__/__Category__Closed.v1.json",
    "schemas/__category__/__Category__Created.v1.json",
    "schemas/__category__/__Category__Renamed.v1.json",
    "src/__module__.rs",
];

pub(super) const SERVICE: &[Template] = files![
    "service":
    "Cargo.toml",
    "src/__module__.rs",
    "src/http.rs",
    "src/lib.rs",
    "src/main.rs",
    "src/tests/http.rs",
    "src/tests/mod.rs",
    "src/tests/rules.rs",
];

/// The additional files of a service with a reactor.
pub(super) const REACTOR: &[Template] = files![
    "reactor":
    "src/reactor.rs",
    "src/tests/reactor.rs",
];

/// A workspace with no service and no view.
pub(super) const SYSTEM: &[Template] = files![
    "system":
    ".github/workflows/ci.yml",
    ".gitignore",
    "Cargo.toml",
    "README.md",
    "localstack/__name__/Cargo.toml",
    "localstack/__name__/src/main.rs",
    "localstack/run",
    "shared/contracts/Cargo.toml",
    "shared/contracts/src/lib.rs",
    "shared/contracts/src/tests/mod.rs",
    "system/Cargo.toml",
    "system/events.json",
    "system/src/lib.rs",
    "tests/Cargo.toml",
    "tests/http/main.rs",
];

/// The values of the placeholders of a template: `__name__` is replaced by the value of `name`.
#[derive(Debug, Default, Clone)]
pub(super) struct Values(Vec<(String, String)>);

impl Values {
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.push((format!("__{name}__"), value.into()));
        self
    }

    /// Fills the values into a template. A line that consists of a placeholder with an empty value is omitted. A value of several
    /// lines is indented like its placeholder.
    pub(super) fn fill(&self, template: &str) -> String {
        let lines = template.lines().filter_map(|line| self.filled(line));
        lines.map(|line| line + "\n").collect()
    }

    fn filled(&self, line: &str) -> Option<String> {
        let indentation = &line[..line.len() - line.trim_start().len()];
        let mut filled = line.to_owned();
        for (placeholder, value) in &self.0 {
            let value = value.trim_end().replace('\n', &format!("\n{indentation}"));
            filled = filled.replace(placeholder, &value);
        }
        (line.trim().is_empty() || !filled.trim().is_empty()).then_some(filled)
    }
}

/// Returns whether the templates use this word themselves, which makes it unusable as a name.
pub(super) fn uses(templates: &[Template], word: &str) -> bool {
    let texts = templates.iter().map(|(_, text)| *text);
    let mut words =
        texts.flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric() && letter != '_'));
    words.any(|other| other == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_their_empty_lines_omitted() {
        let values = Values::default()
            .with("name", "soup")
            .with("nothing", "")
            .with("two", "a\nb");
        let filled = values.fill("the __name__\n\n__nothing__\n  __two__\n");
        assert_eq!(filled, "the soup\n\n  a\n  b\n");
    }

    #[test]
    fn only_whole_words_are_found() {
        assert!(uses(VIEW, "Index") && !uses(VIEW, "Inde"));
    }
}
