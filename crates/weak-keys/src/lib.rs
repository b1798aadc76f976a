//! Public keys whose secret anybody can find from the key itself: bad luck, bad generators, bad intentions.
//!
//! Both protocols ask here before a key counts as strong. Nothing but the key is looked at: no list of known keys and no
//! other key, so that Debian's keys of 2008 and keys that share a prime are not found. See `docs/adr/0150`.

mod close;
mod lately;
mod rsa;

pub use rsa::{LEAST_BITS, Weakness, weakness};
