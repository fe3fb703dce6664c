//! Rust code that names the events of categories.

use super::template::Values;
use super::workspace::Category;

/// Writes `use contracts::{…};` with these names.
pub(super) fn import(names: impl IntoIterator<Item = String>) -> String {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort();
    names.dedup();
    match &names[..] {
        [one] => format!("use contracts::{one};"),
        _ => format!("use contracts::{{{}}};", names.join(", ")),
    }
}

/// Returns the values that all templates with categories need.
pub(super) fn values(categories: &[Category]) -> Values {
    let each = |text: &dyn Fn(&Category) -> String| categories.iter().map(text).collect::<Vec<_>>();
    Values::default()
        .with("sources", names(categories))
        .with(
            "quoted_sources",
            each(&|category| format!("\"{}\"", category.name)).join(", "),
        )
        .with(
            "source_constants",
            each(&|category| format!("{}::CATEGORY", category.name.snake())).join(", "),
        )
        .with("source_count", categories.len().to_string())
}

/// Joins the names of the categories for a sentence.
pub(super) fn names(categories: &[Category]) -> String {
    let names: Vec<_> = categories.iter().map(|category| category.name.words()).collect();
    match &names[..] {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}

/// Converts `OrderId` to the name of a field: `order_id`.
pub(super) fn id_field(id: &str) -> String {
    let mut field = String::new();
    for letter in id.chars() {
        if letter.is_uppercase() && !field.is_empty() {
            field.push('_');
        }
        field.extend(letter.to_lowercase());
    }
    field
}

/// Converts `order_id` to its name in JSON: `orderId`.
pub(super) fn camel(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |camel, word| {
        let (initial, rest) = word.split_at(1);
        camel + &initial.to_uppercase() + rest
    })
}

/// Writes a match on every type of event. The arm of each category's first type is `of_first`, of its other types `of_others`, and of
/// other categories `elsewhere`.
pub(super) fn each_type(
    categories: &[Category],
    of_first: &dyn Fn(&Category) -> String,
    of_others: &str,
    elsewhere: &str,
) -> String {
    if let [only] = categories {
        return by_type(only, of_first, of_others);
    }
    let arms = categories.iter().map(|category| {
        let types = by_type(category, of_first, of_others);
        format!("{}::CATEGORY => {{\n{types}\n}}", category.name.snake())
    });
    let arms: Vec<_> = arms.collect();
    format!(
        "match event.category() {{\n{}\n// Not one of the sources.\n_ => {elsewhere}\n}}",
        arms.join("\n")
    )
}

fn by_type(category: &Category, of_first: &dyn Fn(&Category) -> String, of_others: &str) -> String {
    let events = &category.events;
    let mut types = category
        .types
        .iter()
        .map(|(kind, _)| format!("{events}::{kind} {{ .. }}"));
    let first = types.next().unwrap_or_default();
    let others: Vec<_> = types.collect();
    let said = of_first(category);
    if others.is_empty() {
        return format!("let {first} = event.decode()?;\n{said}");
    }
    if said == of_others {
        return format!(
            "match event.decode()? {{\n{first}\n| {} => {{ {said} }}\n}}",
            others.join("\n| ")
        );
    }
    format!(
        "match event.decode()? {{\n{first} => {{ {said} }}\n{} => {{ {of_others} }}\n}}",
        others.join("\n| ")
    )
}

/// Names the first golden events of each category, for the tests of a part. `more` is written between a category and its events.
/// Uses three events of a single category and two of each of several, because a law tries every interleaving of them.
pub(super) fn golden(categories: &[Category], more: &dyn Fn(&Category) -> String) -> String {
    let examples = if categories.len() == 1 { 3 } else { 2 };
    let each = categories.iter().map(|category| {
        let Category { name, types, .. } = category;
        let files = types.iter().take(examples).map(|(kind, version)| {
            format!("include_str!(\"../../../../shared/contracts/golden/{name}/{kind}.v{version}.json\"),")
        });
        let files: Vec<_> = files.collect();
        let more = more(category);
        format!(
            "(\n{}::CATEGORY,\n{more}&[\n{}\n],\n),",
            name.snake(),
            files.join("\n")
        )
    });
    each.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(name: &str, types: &[&str]) -> Category {
        Category {
            name: name.parse().unwrap(),
            events: format!("{name}Event"),
            types: types.iter().map(|kind| ((*kind).to_owned(), 1)).collect(),
            id: "Id".to_owned(),
        }
    }

    #[test]
    fn several_categories_are_joined_by_commas_and_a_word() {
        let [a, b, c] = ["order", "courier", "consumer"].map(|name| category(name, &[]));
        assert_eq!(names(std::slice::from_ref(&a)), "order");
        assert_eq!(names(&[a, b, c]), "order, courier and consumer");
    }

    #[test]
    fn id_is_converted_to_a_field_in_rust_and_in_json() {
        assert_eq!(id_field("OrderId"), "order_id");
        assert_eq!(camel("gift_card_id"), "giftCardId");
    }

    #[test]
    fn every_type_is_listed_once() {
        let lamp = category("lamp", &["On", "Off"]);
        let text = each_type(&[lamp], &|_| String::new(), "", "{}");
        assert_eq!(
            text,
            "match event.decode()? {\nlampEvent::On { .. }\n| lampEvent::Off { .. } => {  }\n}"
        );
    }

    #[test]
    fn category_of_one_type_has_no_match() {
        let lamp = category("lamp", &["On"]);
        let text = each_type(&[lamp], &|category| category.name.words(), "", "{}");
        assert_eq!(text, "let lampEvent::On { .. } = event.decode()?;\nlamp");
    }

    #[test]
    fn several_categories_have_an_arm_each() {
        let text = each_type(
            &[category("lamp", &["On"]), category("door", &["Shut"])],
            &|_| String::new(),
            "",
            "{}",
        );
        assert!(
            text.contains("lamp::CATEGORY => {") && text.contains("door::CATEGORY => {"),
            "{text}"
        );
        assert!(text.contains("_ => {}"), "{text}");
    }

    #[test]
    fn import_is_sorted_without_braces_around_one_name() {
        assert_eq!(
            import(["b".to_owned(), "a".to_owned(), "b".to_owned()]),
            "use contracts::{a, b};"
        );
        assert_eq!(import(["a".to_owned()]), "use contracts::a;");
    }
}
