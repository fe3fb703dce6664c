//! The relay through its public interface, with queues in memory that misbehave.
#![expect(clippy::unwrap_used, reason = "the helpers of tests fail like tests")]

mod relaying {
    pub(crate) mod by_hand;
    pub(crate) mod properties;
    pub(crate) mod queues;
    pub(crate) mod records;
    pub(crate) mod sizes;
}
