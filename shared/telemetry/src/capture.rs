use crate::Metrics;
use std::cell::RefCell;
use std::marker::PhantomData;

thread_local! {
    static CAPTURED: RefCell<Vec<Vec<Metrics>>> = const { RefCell::new(Vec::new()) };
}

/// The events emitted on this thread since [`capture`], until this value is dropped.
#[derive(Debug)]
pub struct Capture {
    depth: usize,
    not_send: PhantomData<*const ()>,
}

/// Captures the events that this thread emits. A test under `#[tokio::test]` runs all of its tasks on one thread, so
/// tests do not see each other's events.
#[must_use]
pub fn capture() -> Capture {
    CAPTURED.with_borrow_mut(|captured| {
        captured.push(Vec::new());
        Capture {
            depth: captured.len(),
            not_send: PhantomData,
        }
    })
}

impl Capture {
    /// Returns all events so far, in order.
    #[must_use]
    pub fn events(&self) -> Vec<Metrics> {
        CAPTURED.with_borrow(|captured| captured.get(self.depth - 1).cloned().unwrap_or_default())
    }

    /// Returns the events with this name so far, in order.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<Metrics> {
        let mut events = self.events();
        events.retain(|event| event.name == name);
        events
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        CAPTURED.with_borrow_mut(|captured| captured.truncate(self.depth - 1));
    }
}

/// Hands the event to the innermost capture of this thread, or returns it when there is none.
pub(crate) fn offer(event: Metrics) -> Option<Metrics> {
    CAPTURED.with_borrow_mut(|captured| match captured.last_mut() {
        Some(events) => {
            events.push(event);
            None
        }
        None => Some(event),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_captured_in_order_until_the_capture_is_dropped() {
        let captured = capture();
        Metrics::event("A").count("N", 1).emit();
        Metrics::event("B").count("N", 2).emit();
        assert_eq!(
            captured.events().iter().map(Metrics::name).collect::<Vec<_>>(),
            ["A", "B"]
        );
        assert_eq!(captured.named("B")[0].sum("N"), 2.0);
        drop(captured);
        assert_eq!(capture().events(), []);
    }

    #[test]
    fn events_of_another_thread_are_not_captured() {
        let captured = capture();
        std::thread::scope(|scope| {
            scope.spawn(|| Metrics::event("Elsewhere").emit());
        });
        assert_eq!(captured.events(), []);
    }
}
