/// How an engine works through a batch.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many documents of a batch are handled at once.
    pub concurrency: usize,
    /// How often a document's write is tried when others write it too, and how often a batch read asks for what DynamoDB
    /// left unprocessed.
    pub attempts: u32,
    /// How often an effect is tried within one delivery of its message. What failed for a moment would otherwise hold its
    /// whole lane for as long as the queue hides a message, which is minutes. Four take about a third of a second.
    pub effect_tries: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 32,
            attempts: 8,
            effect_tries: 4,
        }
    }
}
