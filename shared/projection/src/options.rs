/// The limits of an engine's work on a batch.
#[derive(Debug, Clone)]
pub struct Options {
    /// The number of documents of a batch that are handled concurrently.
    pub concurrency: usize,
    /// The number of attempts to write a document that others write too, and to read what DynamoDB left unprocessed in
    /// a batch read.
    pub attempts: u32,
    /// The number of attempts of an effect within one delivery of its message. Without them, a temporary failure would
    /// block its whole lane until the message becomes visible again, which takes minutes. Four attempts take about a
    /// third of a second.
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
