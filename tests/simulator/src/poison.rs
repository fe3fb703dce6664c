use projection::Published;
use projection::testing::Bug;

/// Every fifth event or so, by its place: a seed that runs again meets it again.
pub(crate) struct EveryFifth;

impl Bug for EveryFifth {
    fn is_met(event: &Published<'_>) -> bool {
        let place = crate::dynamo::hash(&format!("{}#{}", event.commit.stream, event.version));
        place.is_multiple_of(5)
    }
}
