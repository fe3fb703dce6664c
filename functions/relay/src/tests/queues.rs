use crate::{
    Failed, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES, MessageSink, OutgoingMessage, SinkError,
};
use commit::{Message, Parcel};
use projection::operations::Task;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Mutex;

/// The behaviour of a queue in one request.
#[derive(Debug, Clone)]
pub(crate) enum Mood {
    Take,
    /// Accepts the messages except those at these positions (bits).
    Refuse(u16),
    /// Fails, and accepts nothing.
    Fail,
    /// Fails, and has accepted everything: the answer is lost.
    LoseAnswer,
    /// Never answers.
    Hang,
}

/// FIFO queues that check the same limits as SQS, store in order, and drop duplicates.
#[derive(Default)]
pub(crate) struct Queues {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    moods: VecDeque<Mood>,
    always: Option<Mood>,
    stored: BTreeMap<String, Vec<OutgoingMessage>>,
    seen: HashSet<(String, String)>,
    requests: usize,
    /// The queues that accept nothing.
    refusing: HashSet<String>,
    /// What the worker was told; `None` without a worker.
    aside: Option<Vec<Task>>,
}

impl Queues {
    /// Returns queues beside a worker, to which commits can be put aside.
    pub(crate) fn with_worker() -> Self {
        let queues = Self::default();
        queues.state.lock().unwrap().aside = Some(Vec::new());
        queues
    }

    /// Makes a queue, or the worker's (`tasks`), refuse everything from now on, or accept again.
    pub(crate) fn refuse(&self, queue: &str, refuses: bool) {
        let mut state = self.state.lock().unwrap();
        if refuses {
            state.refusing.insert(queue.to_owned());
        } else {
            state.refusing.remove(queue);
        }
    }

    /// Returns what was put aside since the last call.
    pub(crate) fn aside(&self) -> Vec<Task> {
        let mut state = self.state.lock().unwrap();
        state.aside.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(crate) fn with_moods(moods: impl IntoIterator<Item = Mood>) -> Self {
        let state = State {
            moods: moods.into_iter().collect(),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
        }
    }

    pub(crate) fn always(mood: Mood) -> Self {
        let state = State {
            always: Some(mood),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
        }
    }

    pub(crate) fn messages(&self, queue: &str) -> Vec<OutgoingMessage> {
        self.state
            .lock()
            .unwrap()
            .stored
            .get(queue)
            .cloned()
            .unwrap_or_default()
    }

    pub(crate) fn requests(&self) -> usize {
        self.state.lock().unwrap().requests
    }

    /// Returns the parcels of a queue, message by message.
    pub(crate) fn parcels(&self, queue: &str) -> Vec<Parcel> {
        let messages = self.messages(queue);
        let read = |message: &OutgoingMessage| serde_json::from_str::<Message>(&message.body).unwrap();
        messages
            .iter()
            .flat_map(|message| read(message).commits)
            .collect()
    }

    fn receive(&self, queue: &str, batch: Vec<OutgoingMessage>) -> Option<Result<Vec<Failed>, SinkError>> {
        check_as_sqs_does(&batch);
        let mut state = self.state.lock().unwrap();
        state.requests += 1;
        if state.refusing.contains(queue) {
            return Some(Err(SinkError("access denied".into())));
        }
        let mood = state
            .always
            .clone()
            .or_else(|| state.moods.pop_front())
            .unwrap_or(Mood::Take);
        let refused = match mood {
            Mood::Take | Mood::LoseAnswer => 0,
            Mood::Refuse(bits) => bits,
            Mood::Fail => return Some(Err(SinkError("throttled".into()))),
            Mood::Hang => return None,
        };
        let mut failed = Vec::new();
        for (position, message) in batch.into_iter().enumerate() {
            if refused & (1 << position) != 0 {
                failed.push(Failed {
                    id: message.id,
                    code: "Refused".into(),
                    sender_fault: position % 2 == 0,
                });
            } else if state.seen.insert((queue.to_owned(), message.dedup.clone())) {
                state.stored.entry(queue.to_owned()).or_default().push(message);
            }
        }
        match mood {
            Mood::LoseAnswer => Some(Err(SinkError("connection reset".into()))),
            _ => Some(Ok(failed)),
        }
    }
}

fn check_as_sqs_does(batch: &[OutgoingMessage]) {
    assert!((1..=MAX_BATCH_ENTRIES).contains(&batch.len()));
    assert!(batch.iter().map(|m| m.body.len()).sum::<usize>() <= MAX_BATCH_BYTES);
    let ids: HashSet<_> = batch.iter().map(|m| &m.id).collect();
    assert_eq!(ids.len(), batch.len(), "ids within a batch must differ");
    let groups: HashSet<_> = batch.iter().map(|m| &m.group).collect();
    assert_eq!(
        groups.len(),
        batch.len(),
        "a partly accepted batch could reorder a group"
    );
    for message in batch {
        assert!((1..=MAX_MESSAGE_BYTES).contains(&message.body.len()));
        assert!(
            (1..=128).contains(&message.dedup.len()) && message.dedup.bytes().all(|b| b.is_ascii_graphic())
        );
        let forbidden = |c: char| (c < ' ' && !"\t\n\r".contains(c)) || c == '\u{fffe}' || c == '\u{ffff}';
        assert!(!message.body.contains(forbidden));
    }
}

impl MessageSink for &Queues {
    async fn send(&self, queue: &str, batch: Vec<OutgoingMessage>) -> Result<Vec<Failed>, SinkError> {
        match self.receive(queue, batch) {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    async fn put_aside(&self, task: Task) -> Result<(), SinkError> {
        let mut state = self.state.lock().unwrap();
        if state.refusing.contains("tasks") {
            return Err(SinkError("access denied".into()));
        }
        let aside = state.aside.as_mut();
        aside.ok_or_else(|| SinkError("no worker".into()))?.push(task);
        Ok(())
    }
}
