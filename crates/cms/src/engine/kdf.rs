//! Key derivation of elliptic-curve key agreement.

use zeroize::Zeroizing;

use super::{Hash, with_hash};
use crate::Error;

/// ANSI X9.63 key derivation ([SEC 1 §3.6.1](https://www.secg.org/sec1-v2.pdf)), as
/// [RFC 5753 §7.1.5](https://www.rfc-editor.org/rfc/rfc5753#section-7.1.5) uses it: `len` octets from the shared
/// secret `z` and the DER of `ECC-CMS-SharedInfo`.
///
/// # Errors
/// [`Error::Misuse`] if `len` is more than 1024: no key encryption key is that long.
pub fn x963_kdf(hash: Hash, z: &[u8], shared_info: &[u8], len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    if len > 1024 {
        return Err(Error::Misuse("a key encryption key of more than 1024 octets"));
    }
    let mut key = Zeroizing::new(Vec::with_capacity(len + hash.output_len()));
    for counter in 1u32.. {
        if key.len() >= len {
            break;
        }
        let mut context = hash.context();
        context.update(z);
        context.update(&counter.to_be_bytes());
        context.update(shared_info);
        let block = Zeroizing::new(context.finish());
        key.extend_from_slice(&block);
    }
    key.truncate(len);
    Ok(key)
}

/// HKDF ([RFC 5869](https://www.rfc-editor.org/rfc/rfc5869)), extract and expand: `len` octets from the key material
/// `ikm`. A salt that is absent is zeros (§2.2).
///
/// # Errors
/// [`Error::Misuse`] if `len` is more than 1024: no key encryption key is that long.
pub fn hkdf(hash: Hash, salt: Option<&[u8]>, ikm: &[u8], info: &[u8], len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    let too_long = Error::Misuse("a key encryption key of more than 1024 octets");
    if len > 1024 {
        return Err(too_long);
    }
    let mut key = Zeroizing::new(vec![0; len]);
    let expanded = with_hash!(hash, D => hkdf::Hkdf::<D>::new(salt, ikm).expand(info, &mut key));
    if expanded.is_ok() { Ok(key) } else { Err(too_long) }
}

/// PBKDF2 with HMAC ([RFC 8018 §5.2](https://www.rfc-editor.org/rfc/rfc8018#section-5.2)): `len` octets.
///
/// # Errors
/// [`Error::Misuse`] if `len` is more than 1024 or there are no `rounds`.
pub fn pbkdf2(hash: Hash, password: &[u8], salt: &[u8], rounds: u32, len: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    if len > 1024 || rounds == 0 {
        return Err(Error::Misuse("a key of more than 1024 octets or no rounds"));
    }
    let mut key = Zeroizing::new(vec![0; len]);
    with_hash!(hash, D => ::pbkdf2::pbkdf2_hmac::<D>(password, salt, rounds, &mut key));
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::unhex;

    /// ANSI X9.63-2001 KDF vectors of NIST's CAVP (`ansx963_2001.rsp`).
    #[test]
    fn nist_cavp_vectors() {
        let cases = [
            (Hash::Sha256, "96c05619d56c328ab95fe84b18264b08725b85e33fd34f08", "", "443024c3dae66b95e6f5670601558f71"),
            (
                Hash::Sha256,
                "22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d",
                "75eef81aa3041e33b80971203d2c0c52",
                "c498af77161cc59f2962b9a713e2b215152d139766ce34a776df11866a69bf2e52a13d9c7c6fc878c50c5ea0bc7b00e0da2447cfd874f6cf92f30d0097111485500c90c3af8b487872d04685d14c8d1dc8d7fa08beb0ce0ababc11f0bd496269142d43525a78e5bc79a17f59676a5706dc54d54d4d1f0bd7e386128ec26afc21",
            ),
        ];
        for (hash, z, info, expected) in cases {
            let expected = unhex(expected);
            let key = x963_kdf(hash, &unhex(z), &unhex(info), expected.len()).unwrap();
            assert_eq!(*key, expected);
        }
    }

    /// RFC 5869 §A.1 and §A.3: with and without a salt.
    #[test]
    fn rfc5869_vectors() {
        let ikm = [0x0b; 22];
        let salt = unhex("000102030405060708090a0b0c");
        let info = unhex("f0f1f2f3f4f5f6f7f8f9");
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        assert_eq!(*hkdf(Hash::Sha256, Some(&salt), &ikm, &info, 42).unwrap(), unhex(expected));
        let expected = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        assert_eq!(*hkdf(Hash::Sha256, None, &ikm, b"", 42).unwrap(), unhex(expected));
        assert!(hkdf(Hash::Sha256, None, &ikm, b"", 1025).is_err());
    }

    /// RFC 6070 #3, and the key of RFC 3211 §3.2.
    #[test]
    fn pbkdf2_vectors() {
        let key = pbkdf2(Hash::Sha1, b"password", b"salt", 4096, 20).unwrap();
        assert_eq!(*key, unhex("4b007901b765489abead49d926f721d065a429c1"));
        let password = b"All n-entities must communicate with other n-entities via n-1 entiteeheehees";
        let key = pbkdf2(Hash::Sha1, password, &unhex("1234567878563412"), 500, 24).unwrap();
        assert_eq!(*key, unhex("6a8970bf68c92caea84a8df28510858607126380cc47ab2d"));
        assert!(pbkdf2(Hash::Sha1, b"", b"", 0, 20).is_err());
    }

    #[test]
    fn absurd_lengths_are_refused() {
        assert!(x963_kdf(Hash::Sha256, b"z", b"", 1025).is_err());
    }
}
