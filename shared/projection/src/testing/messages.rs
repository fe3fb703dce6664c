use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use commit::{Message, Parcel, lane};

/// Creates a message of a FIFO queue with these commits, in the lane of the first one's aggregate.
///
/// # Panics
/// When there are no commits.
#[must_use]
pub fn message(id: impl Into<String>, receives: u32, commits: Vec<Parcel>) -> SqsMessage {
    let group = lane(commits[0].stream().id(), 4);
    let mut message = SqsMessage::default();
    message.message_id = Some(id.into());
    message.body = serde_json::to_string(&Message::of(commits)).ok();
    message.attributes = [
        ("MessageGroupId".to_owned(), group.to_string()),
        ("ApproximateReceiveCount".to_owned(), receives.to_string()),
    ]
    .into();
    message
}

/// Creates the event that Lambda passes to a function.
#[must_use]
pub fn batch(messages: Vec<SqsMessage>) -> SqsEvent {
    let mut event = SqsEvent::default();
    event.records = messages;
    event
}
