//! The OpenPGP certificates of a GnuPG keybox, `pubring.kbx`.

use mailseal_core::{Error, KeyboxBlob, KeyboxKind};
use sequoia_openpgp::types::HashAlgorithm;

/// The packets of one certificate, if they are whole.
pub(crate) type Packets<'a> = Result<&'a [u8], Error>;

/// The packets of each OpenPGP certificate; `None` when `encoded` is no keybox. A blob whose checksum is wrong is an error of
/// its own, so that one that a disk spoilt doesn't hide the others.
///
/// # Errors
/// [`Error::Malformed`] when its lengths are wrong: nothing in it can be told apart then.
pub(crate) fn certificates(encoded: &[u8]) -> Option<Result<Vec<Packets<'_>>, Error>> {
    let blobs = match mailseal_core::keybox(encoded)? {
        Ok(blobs) => blobs,
        Err(error) => return Some(Err(error)),
    };
    let ours = blobs.into_iter().filter(|blob| blob.kind == KeyboxKind::OpenPgp);
    Some(Ok(ours.map(|blob| if is_whole(&blob) { Ok(blob.content) } else { Err(spoilt()) }).collect()))
}

fn spoilt() -> Error {
    Error::malformed("keybox", "a checksum is wrong")
}

/// Whether the checksum is right. It guards against accidents: who can write the file can make it anew.
fn is_whole(blob: &KeyboxBlob<'_>) -> bool {
    let is = |hash, expected: &[u8]| digest(hash, blob.summed).is_some_and(|digest| digest == expected);
    is(HashAlgorithm::SHA1, blob.sum)
        || blob.sum.strip_prefix(&[0; 4]).is_some_and(|expected| is(HashAlgorithm::MD5, expected))
}

/// None where this build does not know the hash.
fn digest(hash: HashAlgorithm, octets: &[u8]) -> Option<Vec<u8>> {
    let mut context = hash.context().ok()?.for_digest();
    context.update(octets);
    context.into_digest().ok()
}
