//! Keyboxes: the files `pubring.kbx` in which GnuPG keeps certificates of both protocols side by side (GnuPG,
//! `kbx/keybox-blob.c`).

use crate::Error;

const WHAT: &str = "keybox";

/// The length and the type of a blob.
const FRAME: usize = 5;

/// The fields of a blob with a certificate up to its list of keys.
const FIELDS: usize = 20;

/// The checksum at the end of a blob.
const SUM: usize = 20;

/// Whose certificate a [`KeyboxBlob`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyboxKind {
    /// A transferable public key (RFC 9580 §10.1), binary.
    OpenPgp,
    /// A certificate of RFC 5280, DER.
    X509,
}

/// One certificate of a keybox. Its lengths were checked, its content was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyboxBlob<'a> {
    /// What the content is said to be.
    pub kind: KeyboxKind,
    /// The certificate.
    pub content: &'a [u8],
    /// The octets that the checksum is over.
    pub summed: &'a [u8],
    /// The checksum: SHA-1, or four zero octets and MD5 in old files. `gpgsm` changes flags without making it again, so
    /// it says nothing of [`KeyboxKind::X509`].
    pub sum: &'a [u8],
}

/// The certificates of a keybox in their order, without those that were deleted; `None` when `encoded` is no keybox.
///
/// # Errors
/// [`Error::Malformed`] for a length that runs out of the file or its blob.
pub fn keybox(encoded: &[u8]) -> Option<Result<Vec<KeyboxBlob<'_>>, Error>> {
    is_keybox(encoded).then(|| blobs(encoded))
}

/// Whether the first blob is a keybox's header.
fn is_keybox(encoded: &[u8]) -> bool {
    encoded.get(4) == Some(&1) && encoded.get(8..12) == Some(b"KBXf")
}

fn blobs(encoded: &[u8]) -> Result<Vec<KeyboxBlob<'_>>, Error> {
    let mut blobs = Vec::new();
    let mut rest = encoded;
    while !rest.is_empty() {
        let length = number(rest, 0).filter(|length| *length >= FRAME);
        let blob = length.and_then(|length| rest.get(..length)).ok_or_else(|| broken("a blob", encoded, rest))?;
        rest = &rest[blob.len()..];
        let kind = match blob[4] {
            2 => KeyboxKind::OpenPgp,
            3 => KeyboxKind::X509,
            _ => continue, // the header, what was deleted, what is not known
        };
        blobs.push(certificate(kind, blob).ok_or_else(|| broken("the certificate in a blob", encoded, rest))?);
    }
    Ok(blobs)
}

fn certificate(kind: KeyboxKind, blob: &[u8]) -> Option<KeyboxBlob<'_>> {
    let (summed, sum) = blob.split_at_checked(blob.len().checked_sub(SUM)?)?;
    let start = number(summed, 8).filter(|start| *start >= FIELDS)?;
    let content = summed.get(start..start.checked_add(number(summed, 12)?)?)?;
    Some(KeyboxBlob { kind, content, summed, sum })
}

/// Four octets, big-endian.
fn number(octets: &[u8], at: usize) -> Option<usize> {
    let octets = octets.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(octets)).ok()
}

fn broken(what: &str, encoded: &[u8], rest: &[u8]) -> Error {
    Error::malformed(WHAT, format!("the length of {what} before octet {}", encoded.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [u8; 32] = {
        let mut header = [0; 32];
        (header[3], header[4], header[5]) = (32, 1, 1);
        (header[8], header[9], header[10], header[11]) = (b'K', b'B', b'X', b'f');
        header
    };

    /// A blob of a certificate with these offsets.
    fn blob(kind: u8, start: u32, length: u32, content: &[u8]) -> Vec<u8> {
        let mut blob = vec![0, 0, 0, 0, kind, 1, 0, 0];
        blob.extend(start.to_be_bytes());
        blob.extend(length.to_be_bytes());
        blob.extend([0, 0, 0, 28]);
        blob.extend(content);
        blob.extend([0x55; SUM]);
        let length = u32::try_from(blob.len()).unwrap().to_be_bytes();
        blob[..4].copy_from_slice(&length);
        blob
    }

    fn read(blobs: &[Vec<u8>]) -> Result<Vec<(KeyboxKind, Vec<u8>)>, Error> {
        let encoded = [HEADER.to_vec(), blobs.concat()].concat();
        let found = keybox(&encoded).unwrap()?;
        Ok(found.iter().map(|blob| (blob.kind, blob.content.to_vec())).collect())
    }

    #[test]
    fn what_was_deleted_is_left_out() {
        let found =
            read(&[blob(2, 20, 3, b"pgp"), blob(0, 0, 0, b"gone"), vec![0, 0, 0, 5, 0], blob(3, 21, 3, b" der")]);
        let expected = [(KeyboxKind::OpenPgp, b"pgp".to_vec()), (KeyboxKind::X509, b"der".to_vec())];
        assert_eq!(found.unwrap(), expected);
        assert_eq!(read(&[]).unwrap(), []);
    }

    #[test]
    fn other_files_are_none() {
        for other in [&b""[..], b"-----BEGIN PGP PUBLIC KEY BLOCK-----", &[0x99, 1, 2], &HEADER[..11]] {
            assert!(keybox(other).is_none());
        }
    }

    /// No length leads out of its blob, into the checksum, or to no end.
    #[test]
    fn hostile_lengths() {
        let whole = blob(2, 20, 3, b"pgp");
        for (start, length) in [(20, 4), (0, 3), (19, 3), (20, u32::MAX), (u32::MAX, 3), (u32::MAX, u32::MAX), (24, 0)]
        {
            assert!(read(&[blob(2, start, length, b"pgp")]).is_err(), "{start} {length}");
        }
        for length in [0, 1, 4, 5, 39, u32::MAX] {
            let mut bad = whole.clone();
            bad[..4].copy_from_slice(&length.to_be_bytes());
            assert!(read(&[bad]).is_err(), "{length}");
        }
        for end in 1..whole.len() {
            assert!(read(&[whole[..end].to_vec()]).is_err(), "{end}");
        }
    }
}
