//! Writing: encrypted messages and signatures.

pub(crate) mod armor;
pub(crate) mod encrypt;
pub(crate) mod inline;
pub(crate) mod password;
pub(crate) mod seipd;
pub(crate) mod sign;
