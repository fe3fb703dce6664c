//! How long an order waits for each step. These are the settings of the marketplace; a change takes effect when the order
//! changes next, or when its deadline of before the change passes.

use jiff::SignedDuration;

/// How long a restaurant has to accept a ticket, from its confirmation, and again from each answer to a request to revise or
/// cancel its order. Then the order is cancelled.
pub const ACCEPTANCE: SignedDuration = SignedDuration::from_mins(15);

/// How long kitchen and accounting have to answer a request to cancel or revise. Then the request is refused with
/// [`NOT_ANSWERED`]. Both answer within a second; it takes longer only while a service does not work, so this is longer than the
/// pauses between its own attempts.
pub const ANSWER: SignedDuration = SignedDuration::from_mins(20);

/// How long after the food should be ready an order may be without delivery. Nothing is done then, but the metric `Overdue`
/// counts the order until it is delivered: only people know where the food is.
pub const DELIVERY: SignedDuration = SignedDuration::from_hours(2);

/// The reason of a request that was refused because nobody answered it in time.
pub const NOT_ANSWERED: &str = "NOT_ANSWERED";
