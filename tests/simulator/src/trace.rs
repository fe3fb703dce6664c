use std::fmt::{Arguments, Write};

/// The events of a run, in order: always as a hash, and as text if requested.
#[derive(Debug)]
pub(crate) struct Trace {
    hash: u64,
    line: String,
    text: Option<String>,
    events: u64,
}

impl Trace {
    pub(crate) fn new(readable: bool) -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            line: String::new(),
            text: readable.then(String::new),
            events: 0,
        }
    }

    /// Adds one event. It must be identical in all runs of a seed: no random id, no wall-clock time.
    pub(crate) fn note(&mut self, at: u64, event: Arguments<'_>) {
        self.line.clear();
        let _ = write!(self.line, "{at:>9} {event}");
        for byte in self.line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        self.events += 1;
        if let Some(text) = &mut self.text {
            text.push_str(&self.line);
            text.push('\n');
        }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}
