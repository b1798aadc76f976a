//! Keys from passphrases: PBKDF2 ([RFC 8018 §5.2](https://www.rfc-editor.org/rfc/rfc8018#section-5.2)) and scrypt
//! ([RFC 7914](https://www.rfc-editor.org/rfc/rfc7914)), as an AlgorithmIdentifier names them.

use super::work::Work;
use const_oid::ObjectIdentifier;
use der::Sequence;
use der::asn1::OctetStringRef;
use mailseal_cms::engine::Hash;
use mailseal_core::Error;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

/// `id-PBKDF2` (RFC 8018 App. A.2).
pub(super) const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
/// `id-scrypt` (RFC 7914 §7).
const SCRYPT: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");
/// `rsadsi digestAlgorithm`: the arcs of the HMACs (RFC 8018 App. B.1) are below it.
const HMACS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2");

/// The most octets of memory for scrypt.
const SCRYPT_MEMORY: u64 = 512 << 20;

/// `PBKDF2-params` (RFC 8018 App. A.2) with a salt that is written out.
#[derive(Sequence)]
pub(super) struct Pbkdf2Params<'a> {
    pub(super) salt: &'a OctetStringRef,
    pub(super) iterations: u32,
    pub(super) key_length: Option<u16>,
    pub(super) prf: Option<AlgorithmIdentifierRef<'a>>,
}

/// `scrypt-params` (RFC 7914 §7).
#[derive(Sequence)]
struct ScryptParams<'a> {
    salt: &'a OctetStringRef,
    cost: u64,
    block_size: u32,
    parallelization: u32,
    key_length: Option<u16>,
}

/// The HMACs of RFC 8018 App. B.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hmac {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512_224,
    Sha512_256,
}

impl Hmac {
    /// The HMAC of an object identifier.
    ///
    /// # Errors
    /// [`Error::Unsupported`] with the identifier.
    pub(super) fn from_oid(oid: ObjectIdentifier) -> Result<Hmac, Error> {
        match (oid.parent(), oid.arcs().last()) {
            (Some(HMACS), Some(7)) => Ok(Hmac::Sha1),
            (Some(HMACS), Some(8)) => Ok(Hmac::Sha224),
            (Some(HMACS), Some(9)) => Ok(Hmac::Sha256),
            (Some(HMACS), Some(10)) => Ok(Hmac::Sha384),
            (Some(HMACS), Some(11)) => Ok(Hmac::Sha512),
            (Some(HMACS), Some(12)) => Ok(Hmac::Sha512_224),
            (Some(HMACS), Some(13)) => Ok(Hmac::Sha512_256),
            _ => Err(Error::Unsupported(format!("HMAC {oid}"))),
        }
    }

    /// The HMAC with a hash; none for MD5.
    pub(super) fn of_hash(hash: Hash) -> Option<Hmac> {
        match hash {
            Hash::Sha1 => Some(Hmac::Sha1),
            Hash::Sha224 => Some(Hmac::Sha224),
            Hash::Sha256 => Some(Hmac::Sha256),
            Hash::Sha384 => Some(Hmac::Sha384),
            Hash::Sha512 => Some(Hmac::Sha512),
            _ => None,
        }
    }

    fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
        match self {
            Hmac::Sha1 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, iterations, key),
            Hmac::Sha224 => pbkdf2::pbkdf2_hmac::<sha2::Sha224>(password, salt, iterations, key),
            Hmac::Sha256 => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, iterations, key),
            Hmac::Sha384 => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, salt, iterations, key),
            Hmac::Sha512 => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, iterations, key),
            Hmac::Sha512_224 => pbkdf2::pbkdf2_hmac::<sha2::Sha512_224>(password, salt, iterations, key),
            Hmac::Sha512_256 => pbkdf2::pbkdf2_hmac::<sha2::Sha512_256>(password, salt, iterations, key),
        }
    }
}

/// `len` octets from `password` by the function that `algorithm` names. A `keyLength` that is there must be `len`.
///
/// # Errors
/// [`Error::Unsupported`] with the identifier of what is not known, [`Error::Malformed`], [`Error::Limit`] for absurd work.
pub(super) fn derive(
    algorithm: &AlgorithmIdentifierRef<'_>,
    password: &[u8],
    len: usize,
    work: &mut Work,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut key = Zeroizing::new(vec![0; len]);
    match algorithm.oid {
        PBKDF2 => {
            let params = pbkdf2_params(algorithm)?;
            check_length(params.key_length, len)?;
            let prf = params.prf.map_or(Ok(Hmac::Sha1), |prf| Hmac::from_oid(prf.oid))?;
            // One run for every block of output, and two hashes a round (RFC 8018 §5.2).
            work.spend(params.iterations.into())?;
            prf.pbkdf2(password, params.salt.as_bytes(), params.iterations, &mut key);
        }
        SCRYPT => {
            let params: ScryptParams<'_> = parameters(algorithm)?;
            check_length(params.key_length, len)?;
            let scrypt = scrypt_work(&params, work)?;
            scrypt::scrypt(password, params.salt.as_bytes(), &scrypt, &mut key)
                .map_err(|_| malformed("scrypt does not give a key of that length"))?;
        }
        oid => return Err(Error::Unsupported(format!("key derivation {oid}"))),
    }
    Ok(key)
}

/// The parameters of PBKDF2.
pub(super) fn pbkdf2_params<'a>(algorithm: &AlgorithmIdentifierRef<'a>) -> Result<Pbkdf2Params<'a>, Error> {
    let params: Pbkdf2Params<'_> = parameters(algorithm)?;
    if params.iterations == 0 {
        return Err(malformed("no rounds"));
    }
    Ok(params)
}

/// Parameters that scrypt takes and that are worth waiting for.
fn scrypt_work(params: &ScryptParams<'_>, work: &mut Work) -> Result<scrypt::Params, Error> {
    let (n, r, p) = (params.cost, u64::from(params.block_size), u64::from(params.parallelization));
    let blocks = n.saturating_mul(r);
    if blocks.saturating_mul(128) > SCRYPT_MEMORY || r.saturating_mul(p).saturating_mul(128) > SCRYPT_MEMORY {
        return Err(Error::Limit { what: "octets of memory for key derivation", limit: SCRYPT_MEMORY });
    }
    // Each of them is four Salsa20/8 cores, about what a round of PBKDF2 costs.
    work.spend(blocks.saturating_mul(p))?;
    let bad = || malformed("scrypt parameters");
    if !n.is_power_of_two() || n < 2 {
        return Err(bad());
    }
    let log_n = u8::try_from(n.ilog2()).map_err(|_| bad())?;
    scrypt::Params::new(log_n, params.block_size, params.parallelization).map_err(|_| bad())
}

fn parameters<'a, T: der::Decode<'a> + der::DecodeValue<'a> + der::FixedTag>(
    algorithm: &AlgorithmIdentifierRef<'a>,
) -> Result<T, Error> {
    let parameters = algorithm.parameters.ok_or_else(|| malformed("no parameters"))?;
    parameters.decode_as().map_err(|_| malformed("bad parameters"))
}

fn check_length(told: Option<u16>, len: usize) -> Result<(), Error> {
    match told {
        Some(told) if usize::from(told) != len => Err(malformed("a key of another length than the cipher's")),
        _ => Ok(()),
    }
}

fn malformed(why: &'static str) -> Error {
    Error::malformed("key derivation", why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::Decode;
    use mailseal_cms::ber::encode;

    fn derive_with(params: &[&[u8]], oid: ObjectIdentifier, len: usize) -> Result<Vec<u8>, Error> {
        let params = encode::constructed(encode::SEQUENCE, params);
        let der = encode::constructed(encode::SEQUENCE, &[&encode::oid(oid), &params]);
        let algorithm = AlgorithmIdentifierRef::from_der(&der).unwrap();
        derive(&algorithm, b"password", len, &mut Work::new()).map(|key| key.to_vec())
    }

    fn hex(octets: &[u8]) -> String {
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// RFC 6070 §2 and RFC 7914 §11 and §12.
    #[test]
    fn known_answers() {
        let salt = encode::tlv(encode::OCTET_STRING, b"salt");
        let key = derive_with(&[&salt, &[2, 1, 2]], PBKDF2, 20).unwrap();
        assert_eq!(hex(&key), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
        // N = 1024, r = 8, p = 16.
        let nacl = encode::tlv(encode::OCTET_STRING, b"NaCl");
        let key = derive_with(&[&nacl, &[2, 2, 4, 0], &[2, 1, 8], &[2, 1, 16]], SCRYPT, 64).unwrap();
        assert!(hex(&key).starts_with("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"));
    }

    /// Attack 23: what would take hours or all memory is refused before it begins.
    #[test]
    fn absurd_work_is_refused() {
        let salt = encode::tlv(encode::OCTET_STRING, b"salt");
        let limit = |params: &[&[u8]], oid| matches!(derive_with(params, oid, 32), Err(Error::Limit { .. }));
        let most = &[2, 5, 0, 0xff, 0xff, 0xff, 0xff];
        assert!(limit(&[&salt, most], PBKDF2));
        assert!(limit(&[&salt, &[2, 9, 0, 0x80, 0, 0, 0, 0, 0, 0, 0], &[2, 1, 8], &[2, 1, 1]], SCRYPT));
        assert!(limit(&[&salt, &[2, 1, 2], most, most], SCRYPT));
        assert!(limit(&[&salt, &[2, 3, 1, 0, 0], &[2, 1, 8], &[2, 2, 4, 0]], SCRYPT));
        for params in [[0_u8, 8, 1], [1, 8, 1], [3, 8, 1], [2, 0, 1], [2, 8, 0]] {
            let [n, r, p] = params.map(|value| [2, 1, value]);
            let refused = derive_with(&[&salt, &n, &r, &p], SCRYPT, 32);
            assert!(matches!(refused, Err(Error::Malformed { .. })), "{params:?}");
        }
        assert!(matches!(derive_with(&[&salt, &[2, 1, 0]], PBKDF2, 32), Err(Error::Malformed { .. })));
        assert!(matches!(derive_with(&[&salt, &[2, 1, 1], &[2, 1, 16]], PBKDF2, 32), Err(Error::Malformed { .. })));
    }
}
