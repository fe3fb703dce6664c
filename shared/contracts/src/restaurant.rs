//! The events of one restaurant.
