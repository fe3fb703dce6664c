//! The view __words__ of the events of __sources__.
//!
//! The view ([`__Name__`]) is a pure fold; the projector writes it, and the query function ([`router`]) only reads it.
//!
//! ```
//! let part = __crate__::part();
//! let sources: Vec<_> = part.subscribers().map(|view| view.sources).collect();
//! assert_eq!(sources, [[__quoted_sources__]]);
//! ```

mod query;
#[cfg(test)]
mod tests;
mod view;

pub use query::router;
pub use view::{__Name__, __Name__Entry};

use function::Part;

/// Describes the view with its projector and its query function.
#[must_use]
pub fn part() -> Part {
    Part::view::<__Name__>(router)
}
