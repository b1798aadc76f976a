//! What was seen to work, one row a feature: as the tests of the other programs write it down.

pub(crate) use mailseal_testkit::table::{lacks, reads, writes};
