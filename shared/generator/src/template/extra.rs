//! The additions to the template that are written by hand: `template.extra.yaml`.

use super::text::comment;

/// The additions are invalid.
#[derive(Debug, thiserror::Error)]
pub enum ExtraError {
    /// A name is in the generated template already, or twice in the additions.
    #[error("template.extra.yaml adds {name} to {section}, which has one already")]
    Taken {
        /// The section of the template.
        section: String,
        /// The name.
        name: String,
    },
    /// A section that does not allow additions.
    #[error("template.extra.yaml can only add to Parameters, Conditions, Resources and Outputs, not to: {0}")]
    Section(String),
}

const SECTIONS: [&str; 4] = ["Parameters:", "Conditions:", "Resources:", "Outputs:"];

/// Returns the template with the additions at the end of its sections.
pub(super) fn merged(template: &str, extra: &str) -> Result<String, ExtraError> {
    let mut lines: Vec<&str> = template.lines().collect();
    let remark = comment(2, "By hand, from template.extra.yaml.");
    for (section, added) in sections(extra)? {
        let start = lines.iter().position(|line| *line == section);
        let start = start.ok_or_else(|| ExtraError::Section(section.to_owned()))? + 1;
        let end = end(&lines, start);
        let mut names: Vec<&str> = lines[start..end].iter().filter_map(|line| name(line)).collect();
        for name in added.iter().filter_map(|line| name(line)) {
            if names.contains(&name) {
                return Err(ExtraError::Taken {
                    section: section.trim_end_matches(':').to_owned(),
                    name: name.to_owned(),
                });
            }
            names.push(name);
        }
        let added = ["", remark.trim_end()].into_iter().chain(added);
        lines.splice(end..end, added);
    }
    Ok(lines.join("\n") + "\n")
}

/// Returns the sections with their lines, without trailing empty lines.
fn sections(extra: &str) -> Result<Vec<(&str, Vec<&str>)>, ExtraError> {
    let mut sections: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in extra.lines() {
        if line.starts_with(|first: char| !first.is_whitespace() && first != '#') {
            let section = SECTIONS.iter().find(|section| **section == line.trim_end());
            let section = section.ok_or_else(|| ExtraError::Section(line.to_owned()))?;
            sections.push((section, Vec::new()));
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line);
        }
    }
    for (_, lines) in &mut sections {
        while lines.last().is_some_and(|line| line.is_empty()) {
            lines.pop();
        }
    }
    Ok(sections)
}

/// Returns where a section ends: before the comments and empty lines of the next one.
fn end(lines: &[&str], start: usize) -> usize {
    let next = lines[start..]
        .iter()
        .position(|line| line.starts_with(|first: char| first.is_alphabetic()));
    let mut end = next.map_or(lines.len(), |next| start + next);
    while end > start && (lines[end - 1].is_empty() || lines[end - 1].starts_with('#')) {
        end -= 1;
    }
    end
}

/// Returns the name in a line that begins a resource, a parameter or another entry.
fn name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("  ")?;
    let starts = line.starts_with(|first: char| first.is_alphanumeric());
    line.split_once(':').filter(|_| starts).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str =
        "Parameters:\n  Lanes: {Type: Number}\n\n# Resources follow.\nResources:\n  Api:\n    Type: A\n";

    #[test]
    fn additions_are_at_the_end_of_their_section() {
        let extra = "# mine\nResources:\n  Bucket:\n    Type: B\n\nParameters:\n  Size: {Type: Number}\n";
        assert_eq!(
            merged(TEMPLATE, extra).unwrap(),
            "Parameters:\n  Lanes: {Type: Number}\n\n  # By hand, from template.extra.yaml.\n  Size: {Type: Number}\n\n\
             # Resources follow.\nResources:\n  Api:\n    Type: A\n\n  # By hand, from template.extra.yaml.\n  Bucket:\n    \
             Type: B\n"
        );
    }

    #[test]
    fn duplicate_name_is_reported() {
        let error = merged(TEMPLATE, "Resources:\n  Api:\n    Type: B\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "template.extra.yaml adds Api to Resources, which has one already"
        );
    }

    #[test]
    fn other_sections_are_refused() {
        assert!(matches!(
            merged(TEMPLATE, "Globals:\n  A: b\n"),
            Err(ExtraError::Section(_))
        ));
    }
}
