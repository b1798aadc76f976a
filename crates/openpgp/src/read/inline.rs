//! One block of inline PGP: an armored message, or the cleartext framework (RFC 9580 §7).

use crate::read::{cleartext, detached, open};
use mailseal_core::{Context, Error, Peeled, Sink};

/// Opens a block that has nothing before or after it. Of the cleartext framework the text is written whatever the signatures
/// are worth, since everybody can read it; what cannot be taken apart without doubt is not written.
pub(crate) fn open(block: &[u8], with: &Context<'_>, into: &mut dyn Sink) -> Result<Peeled, Error> {
    if !cleartext::begins(block) {
        return open::open(&mut &block[..], with, into);
    }
    let cleartext = match cleartext::read_alone(block) {
        Ok(cleartext) => cleartext,
        Err(why) => return Ok(refused(&why, into)),
    };
    let mut peeled = detached::detached(&cleartext.text, cleartext.signatures, with)?;
    peeled.defects.extend(cleartext.defects);
    into.write_all(&cleartext.text)?;
    into.commit()?;
    Ok(peeled)
}

fn refused(why: &str, into: &mut dyn Sink) -> Peeled {
    into.rollback();
    let mut peeled = Peeled::default();
    peeled.defects.push(format!("this is no signed text: {why}"));
    peeled
}
