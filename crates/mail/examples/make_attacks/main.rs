//! Makes the messages of `testdata/attacks/`: the attack classes of docs/attacks.md and honest mail of the same shape.
//!
//! Only what is missing is made, since encryption is random and the table `cases.tsv` beside them is written by hand.
//! Needs gpg 2.2 and openssl 3. `testdata/make.sh` runs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a program for the test data stops where it must")]

mod asn1;
mod authors;
mod ciphertext;
mod confusion;
mod envelopes;
mod grammar;
mod kit;
mod packets;
mod signatures;

fn main() {
    confusion::make();
    authors::make();
    ciphertext::make();
    envelopes::make();
    signatures::make();
    grammar::make();
}
