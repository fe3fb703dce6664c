use serde::Deserialize;

/// A subscriber's queue and the categories of events that it consumes.
///
/// In the environment variable `DESTINATIONS`: `[{"subscriber":"order-history","queueUrl":"https://…/order-history.fifo","categories":["order"]}]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Destination {
    /// The subscriber's name, under which its commits are put aside while its queue refuses them.
    #[serde(default)]
    pub subscriber: String,
    /// The URL of the queue.
    pub queue_url: String,
    /// The categories; an empty list means all.
    #[serde(default)]
    pub categories: Vec<String>,
}

impl Destination {
    /// Returns a subscriber's queue with its categories; an empty list means all.
    #[must_use]
    pub fn new(subscriber: &str, queue_url: &str, categories: &[&str]) -> Self {
        Self {
            subscriber: subscriber.to_owned(),
            queue_url: queue_url.to_owned(),
            categories: categories.iter().map(|&category| category.to_owned()).collect(),
        }
    }

    pub(crate) fn wants(&self, category: &str) -> bool {
        self.categories.is_empty() || self.categories.iter().any(|wanted| wanted == category)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_variable_is_parsed() {
        let text = r#"[{"subscriber":"a","queueUrl":"https://q.fifo","categories":["order"]},{"queueUrl":"https://r.fifo"}]"#;
        let destinations: Vec<Destination> = serde_json::from_str(text).unwrap();
        assert_eq!(
            destinations,
            [
                Destination::new("a", "https://q.fifo", &["order"]),
                Destination::new("", "https://r.fifo", &[])
            ]
        );
    }

    #[test]
    fn empty_category_list_means_all() {
        assert!(Destination::new("a", "q", &[]).wants("order"));
        assert!(!Destination::new("a", "q", &["ticket"]).wants("order"));
    }
}
