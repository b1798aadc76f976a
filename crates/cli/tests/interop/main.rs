//! Whole mail between mailseal and the programs of other people, in both directions: one file a program.
//!
//! What is ours is always the program as people run it. What a message holds is taken apart and put together by
//! [`wire`], which shares nothing with the library. [`table`] writes down what was seen to work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "../common/mod.rs"]
mod common;

mod bouncy_castle;
mod correspondent;
mod gpg;
mod gpgsm;
mod mutt;
mod notmuch;
mod nss;
mod openpgpjs;
mod openssl;
mod openssl36;
mod ours;
mod python;
mod reader;
mod rnp;
mod stateless;
mod table;
mod twins;
mod unobtrusive;
mod wire;
