//! What is signed or encrypted, from standard input.

use crate::refusal::refusal;
use mailseal_openpgp::stateless::{Content, Error};
use sop::Result;
use std::cell::RefCell;
use std::io::{self, Read, Write};

/// A stream, read once, from where it stands to its end.
pub(crate) struct Stream<'d>(RefCell<&'d mut (dyn Read + Send + Sync)>);

impl<'d> Stream<'d> {
    pub(crate) fn new(data: &'d mut (dyn Read + Send + Sync)) -> Stream<'d> {
        Stream(RefCell::new(data))
    }
}

impl Content for Stream<'_> {
    fn write_to(&self, mut out: &mut dyn Write) -> io::Result<()> {
        io::copy(&mut **self.0.borrow_mut(), &mut out).map(|_| ())
    }
}

/// The whole of a text.
///
/// # Errors
/// `EXPECTED_TEXT` where it is not UTF-8.
pub(crate) fn text(data: &mut (dyn Read + Send + Sync)) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    data.read_to_end(&mut text)?;
    match std::str::from_utf8(&text) {
        Ok(_) => Ok(text),
        Err(_) => Err(refusal(Error::NotText)),
    }
}
