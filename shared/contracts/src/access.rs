//! The roles of the marketplace, and the rules that several services use.
//!
//! A role for its own things holds their ids: a consumer its own id, restaurant staff the ids of its restaurants, a courier its
//! own id.

use identity::{Access, Grant};

/// The kind of what a consumer holds.
pub const CONSUMER: &str = crate::consumer::CATEGORY;
/// The kind of what restaurant staff holds.
pub const RESTAURANT: &str = crate::restaurant::CATEGORY;
/// The kind of what a courier holds.
pub const COURIER: &str = crate::courier::CATEGORY;

/// A consumer, for what is its own.
pub const CONSUMERS: Grant = Grant::own("consumer", CONSUMER);
/// The staff of a restaurant, for what belongs to its restaurants.
pub const RESTAURANT_STAFF: Grant = Grant::own("restaurant-staff", RESTAURANT);
/// A courier, for itself and the deliveries that it carries.
pub const COURIERS: Grant = Grant::own("courier", COURIER);
/// The back office: registers consumers, creates and closes restaurants, creates couriers, sets credit limits, and reads everything of
/// the business.
pub const BACK_OFFICE: Grant = Grant::all("back-office");

/// The back office only.
pub const BY_BACK_OFFICE: Access = Access::to(&[BACK_OFFICE]);
/// Commands of consumers.
pub const BY_CONSUMER: Access = Access::to(&[CONSUMERS]);
/// What a consumer and the back office may do or see.
pub const BY_CONSUMER_OR_BACK_OFFICE: Access = Access::to(&[CONSUMERS, BACK_OFFICE]);
/// Commands of restaurant staff.
pub const BY_RESTAURANT: Access = Access::to(&[RESTAURANT_STAFF]);
/// What restaurant staff and the back office may do or see.
pub const BY_RESTAURANT_OR_BACK_OFFICE: Access = Access::to(&[RESTAURANT_STAFF, BACK_OFFICE]);
/// Commands of couriers.
pub const BY_COURIER: Access = Access::to(&[COURIERS]);
/// What a courier and the back office may do or see.
pub const BY_COURIER_OR_BACK_OFFICE: Access = Access::to(&[COURIERS, BACK_OFFICE]);
