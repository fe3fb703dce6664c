//! The kinds of faults, their rates, and the counts of their occurrences.

use std::collections::BTreeMap;
use std::fmt;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $weight:literal;)*) => {
        /// A kind of fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault { $($(#[$doc])* $name,)* }

        impl Fault {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the name in reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns in how many of 10,000 chances the fault happens at the usual rate.
            fn weight(self) -> u32 {
                match self { $(Self::$name => $weight,)* }
            }
        }
    };
}

faults! {
    /// DynamoDB replied that it was busy, also to every retry of the SDK.
    Throttled = "calls throttled", 120;
    /// The request never arrived.
    RequestLost = "requests lost", 100;
    /// The call was executed and its reply lost.
    ReplyLost = "replies lost after the call was done", 150;
    /// The reply was lost, and the SDK's own retry executed the call again.
    SentTwice = "calls done twice by a retry of the SDK", 150;
    /// A transaction or a write conflicted with another transaction.
    Conflict = "transactions in conflict", 200;
    /// A write or a transaction overlapped with a transaction at one item, and was cancelled. The weight is that of the
    /// transactions that take long enough for it.
    Overlap = "overlapping transactions cancelled", 5000;
    /// A batch was processed in part.
    PartBatch = "batches processed in part", 400;
    /// An eventually consistent read saw an older state.
    StaleRead = "stale reads", 2500;
    /// A call took longer than the queue hides its message.
    SlowCall = "calls that took minutes", 60;
    /// A projector's write was delayed until its generation had been given up.
    Stalled = "writes held until their generation was given up", 0;
    /// The function was killed before a call.
    KilledBefore = "functions killed before a call", 120;
    /// The function was killed after a call.
    KilledAfter = "functions killed after a call", 120;
    /// A function took longer than its timeout.
    TimedOut = "functions timed out", 0;
    /// A record of one item overtook that of another.
    RecordOvertook = "stream records that overtook", 1500;
    /// A shard was split.
    ShardSplit = "shards split", 300;
    /// The relay's success was not recorded, and its batch was delivered again.
    CheckpointLost = "stream batches delivered again", 300;
    /// A failed batch was cut in half.
    Bisected = "stream batches bisected", 0;
    /// Records became too old, were given up and reported to the on-failure destination.
    GivenUp = "stream records given up", 0;
    /// A queue refused everything for minutes or hours.
    QueueRefuses = "queues that refused for a while", 100;
    /// A relay put commits aside so that the other queues went on.
    PutAside = "batches put aside for a queue that refused", 0;
    /// The worker took a dead letter and sent its commits again.
    DeadLetterHealed = "dead letters healed", 0;
    /// A queue refused a message in a successful request.
    MessageRefused = "messages refused inside a success", 400;
    /// A request to a queue failed, and no message was accepted.
    SendFailed = "sends failed", 200;
    /// A request to a queue failed although the messages were accepted.
    SendReplyLost = "sends whose reply was lost", 200;
    /// A queue dropped a message that it had received within five minutes.
    Deduplicated = "messages deduplicated", 0;
    /// A batch of messages was processed, but not deleted from the queue.
    AcknowledgementLost = "message batches not acknowledged", 250;
    /// A message was shown again while its first consumer still processed it.
    VisibilityExpired = "messages delivered again while in work", 0;
    /// A message was received too often.
    DeadLetter = "dead letters", 0;
    /// A command's reply was lost on its way to the client.
    CommandReplyLost = "command replies lost", 800;
    /// A client sent a command twice at once.
    CommandDoubled = "commands sent twice at once", 500;
    /// Two commands conflicted on one stream, or a command conflicted with its own repetition.
    Raced = "appends whose place was taken", 0;
    /// A document's quarantine was lifted after a fix, or before it.
    Poisoned = "documents redriven from quarantine", 0;
    /// DynamoDB refused a write of a table that refused all writes for minutes.
    Outage = "writes refused in an outage", 0;
    /// A source of a document was tried again by itself after technical failures.
    Parked = "parked sources tried again", 0;
    /// A source of a document waited for newer code.
    Newer = "sources that waited for newer code", 0;
    /// The pauses of failed messages were not accepted by the queue.
    PauseRefused = "pauses of messages refused", 400;
    /// All documents of a view were compared with their events while commands continued.
    DeepSweep = "deep sweeps begun", 0;
    /// A worker's read of documents arrived seconds after it had read their events.
    HeldRead = "reads of documents long after their events", 2000;
    /// The schedule continued the rounds of sweeps while commands continued.
    SweepRound = "parts of sweep rounds begun", 0;
    /// A partner of a process never did its step.
    NoAnswer = "steps that never came", 2000;
    /// A deadline of a reactor passed, and its document was rung.
    Deadline = "deadlines that passed", 0;
    /// A generation was started beside the serving one.
    Rebuilt = "rebuilds begun", 0;
    /// Readers were switched to another generation.
    Flipped = "flips", 0;
    /// Readers were switched back to the generation before.
    RolledBack = "rollbacks", 0;
    /// A generation was given up.
    Aborted = "aborts", 0;
    /// The event tables, and the tables of the reactors, were put back to an earlier time.
    EventsPutBack = "event tables put back", 0;
    /// A view's table was put back to an earlier time.
    ViewPutBack = "view tables put back", 0;
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often each fault happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Fault, u64>);

impl Counts {
    pub(crate) fn add(&mut self, fault: Fault, times: u64) {
        if times > 0 {
            *self.0.entry(fault).or_default() += times;
        }
    }

    /// Adds the counts of another run.
    pub fn merge(&mut self, other: &Self) {
        for (fault, times) in &other.0 {
            self.add(*fault, *times);
        }
    }

    /// Returns how often the fault happened.
    #[must_use]
    pub fn of(&self, fault: Fault) -> u64 {
        self.0.get(&fault).copied().unwrap_or(0)
    }
}

/// The rates of faults in one run.
#[derive(Debug, Clone)]
pub(crate) struct Rates {
    /// In percent of the usual rates: 0 in a run without faults.
    percent: u32,
    /// Kinds that do not happen in this run, so that others also happen without them.
    without: Vec<Fault>,
    /// A kind that happens more often.
    favored: Option<Fault>,
}

/// The factor by which it happens more often.
const FAVOR: u32 = 16;

impl Rates {
    pub(crate) fn draw(random: &mut fastrand::Rng) -> Self {
        let percent = [0, 50, 100, 100, 200, 400][random.usize(..6)];
        let without = Fault::ALL
            .iter()
            .copied()
            .filter(|_| random.u8(..4) == 0)
            .collect();
        Self {
            percent,
            without,
            favored: None,
        }
    }

    pub(crate) fn calm() -> Self {
        Self {
            percent: 0,
            without: Vec::new(),
            favored: None,
        }
    }

    /// Increases the rate of this fault, unless this run excludes it.
    pub(crate) fn favor(&mut self, fault: Fault) {
        self.favored = Some(fault);
    }

    /// Returns whether the fault happens now.
    pub(crate) fn happens(&self, fault: Fault, random: &mut fastrand::Rng) -> bool {
        let favor = if self.favored == Some(fault) { FAVOR } else { 1 };
        let chance = fault.weight() * favor * self.percent / 100;
        chance > 0 && random.u32(..10_000) < chance && !self.without.contains(&fault)
    }
}
