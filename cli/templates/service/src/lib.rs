//! The __words__ service.
//!
//! It has its own event table and one aggregate ([`__Category__`]). It publishes [`__Category__Event`](contracts::__Category__Event)s
//! and __listens__.
//!
//! ```
//! use event_store::testing::given;
//! use __crate__::{__Category__, __Category__Command, __Category__Error};
//!
//! given::<__Category__>([])
//!     .when(__Category__Command::Close)
//!     .then_error(__Category__Error::NotCreated);
//! ```

mod http;
mod __module__;
__reactor_module__
#[cfg(test)]
mod tests;

pub use http::{__Category__Body, router};
pub use __module__::{__Category__, __Category__Command, __Category__Details, __Category__Error, __Category__State};
__reactor_exports__

use function::__part_types__;

/// Describes the __words__ service.
#[must_use]
pub fn part() -> Part {
    Part::service("__name__", &[contracts::__module__::CATEGORY])
        .commands(router)
        __reacts__
}
