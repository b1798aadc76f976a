//! What goes out: mail, words for people, JSON.

pub(crate) mod colour;
pub(crate) mod escape;
pub(crate) mod file;
pub(crate) mod inspection;
pub(crate) mod json;
pub(crate) mod talk;
mod unfinished;
pub(crate) mod words;
