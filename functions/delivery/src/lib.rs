pub mod courier;
pub mod delivery;
