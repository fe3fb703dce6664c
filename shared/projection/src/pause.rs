use crate::batch::receives;
use aws_lambda_events::event::sqs::SqsMessage;
use commit::Message;
use settings::{FIRST_RETRY, LONGEST_RETRY, RETRY_FACTOR};
use std::time::Duration;

/// Returns how long a queue hides a message that a [`BatchHandler`](crate::BatchHandler) reported as failed: a second
/// after its first delivery, then four times as long each time, up to 15 minutes; [`scattered`], because messages of a batch fail
/// together.
///
/// Without it the queue would hide the message, and with it its whole group, for the queue's visibility timeout of
/// minutes, whether the cause lasts a moment or an hour. A message that cannot be read is not hidden: it only has to
/// become a dead letter, for which its group need not wait.
#[must_use]
pub fn pause(message: &SqsMessage) -> Duration {
    let body = message.body.as_deref().unwrap_or_default();
    if serde_json::from_str::<Message>(body).is_err() {
        return Duration::ZERO;
    }
    let before = receives(message).saturating_sub(1);
    scattered(grown(FIRST_RETRY, RETRY_FACTOR, before, LONGEST_RETRY))
}

/// Returns the pause after this many earlier ones, each of which was `factor` times as long as the one before it.
pub(crate) fn grown(first: Duration, factor: u32, earlier: u32, longest: Duration) -> Duration {
    first.saturating_mul(factor.saturating_pow(earlier)).min(longest)
}

/// Takes up to a quarter off a pause, so that what failed at the same moment is not tried again at the same moment.
pub(crate) fn scattered(pause: Duration) -> Duration {
    let millis = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(fastrand::u64(millis - millis / 4..=millis))
}

#[cfg(test)]
mod tests {
    use super::*;
    use settings::MAX_RECEIVE_COUNT;

    fn received(times: u32, body: &str) -> SqsMessage {
        let mut message = SqsMessage::default();
        message.body = Some(body.to_owned());
        message.attributes = [("ApproximateReceiveCount".to_owned(), times.to_string())].into();
        message
    }

    #[test]
    fn f11_pauses_are_short_at_first_and_grow() {
        let longest = [1, 4, 16, 64, 256, 900, 900];
        for (times, seconds) in (1..).zip(longest) {
            let pause = pause(&received(times, r#"{"commits":[]}"#));
            let longest = Duration::from_secs(seconds);
            assert!(longest * 3 / 4 <= pause && pause <= longest, "{times}: {pause:?}");
        }
    }

    #[test]
    fn f10_all_deliveries_of_a_message_take_longer_than_forty_minutes() {
        let pauses = (1..MAX_RECEIVE_COUNT).map(|times| pause(&received(times, r#"{"commits":[]}"#)));
        let together: Duration = pauses.sum();
        assert!(together > Duration::from_secs(40 * 60), "{together:?}");
    }

    #[test]
    fn f11_unreadable_message_is_not_hidden() {
        assert_eq!(pause(&received(1, "?")), Duration::ZERO);
    }
}
