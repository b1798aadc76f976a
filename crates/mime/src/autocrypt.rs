//! The fields Autocrypt and Autocrypt-Gossip
//! ([Autocrypt Level 1](https://docs.autocrypt.org/level1.html#the-autocrypt-header)): what one field says.
//!
//! Whether the message is one that may say it, and about whom, is for the caller to judge. Nothing here looks into the key.

use crate::transfer::{Base64Decoder, Base64Encoder};
use crate::{Error, Field};
use std::io::{Read, Write};

/// The field about the author, in the header of the message.
pub const AUTOCRYPT: &str = "Autocrypt";

/// The field about a recipient, at the root of an encrypted payload only.
pub const AUTOCRYPT_GOSSIP: &str = "Autocrypt-Gossip";

/// The most octets of a field on the wire, its name, folds and line ends included.
pub const MAX_FIELD: usize = 10 << 10;

/// Whether somebody asks for encryption by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PreferEncrypt {
    /// Nothing is asked for.
    #[default]
    NoPreference,
    /// Encryption, with those who ask for it too.
    Mutual,
}

/// What one field says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Autocrypt {
    /// Whose key it is, as written; holds no white space and is not empty.
    pub addr: String,
    /// What the owner asks for; says nothing in gossip.
    pub prefer_encrypt: PreferEncrypt,
    /// The certificate in binary form, as it was claimed; not empty.
    pub keydata: Vec<u8>,
}

/// Why a field counts as if it were not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// Longer than [`MAX_FIELD`].
    #[error("longer than {MAX_FIELD} octets")]
    TooLong,
    /// Something between the semicolons is no `name=value`.
    #[error("not a list of attributes")]
    Malformed,
    /// An attribute that is not known and whose name has no underscore before it.
    #[error("an unknown critical attribute")]
    Critical,
    /// An attribute that stands twice.
    #[error("an attribute stands twice")]
    Twice,
    /// No addr, or an empty one.
    #[error("no address")]
    NoAddr,
    /// No keydata, or an empty one.
    #[error("no key")]
    NoKeydata,
    /// Something stands behind the keydata.
    #[error("the key is not the last attribute")]
    KeydataNotLast,
    /// The keydata is not base64.
    #[error("the key is not base64")]
    NotBase64,
}

impl Autocrypt {
    /// Reads a field of either name. Attributes whose name begins with an underscore are passed over; white space in
    /// the keydata is folding.
    ///
    /// # Errors
    /// Why it is invalid.
    pub fn parse(field: &Field) -> Result<Self, Invalid> {
        if wire_len(field) > MAX_FIELD {
            return Err(Invalid::TooLong);
        }
        let value = field.value();
        let text = std::str::from_utf8(&value).map_err(|_| Invalid::Malformed)?;
        let (mut addr, mut prefer_encrypt, mut keydata) = (None, None, None);
        let mut attributes = text.split(';');
        for attribute in attributes.by_ref() {
            let (name, value) = attribute.split_once('=').ok_or(Invalid::Malformed)?;
            match name.trim() {
                "addr" => once(&mut addr, value.trim().to_owned())?,
                "prefer-encrypt" => once(&mut prefer_encrypt, preference(value.trim()))?,
                "keydata" => {
                    keydata = Some(decode(value)?);
                    break;
                }
                name if name.starts_with('_') => {}
                _ => return Err(Invalid::Critical),
            }
        }
        if attributes.any(|rest| !rest.trim().is_empty()) {
            return Err(Invalid::KeydataNotLast);
        }
        Ok(Self {
            addr: addr.filter(|addr| is_addr(addr)).ok_or(Invalid::NoAddr)?,
            prefer_encrypt: prefer_encrypt.unwrap_or_default(),
            keydata: keydata.filter(|keydata| !keydata.is_empty()).ok_or(Invalid::NoKeydata)?,
        })
    }

    /// The field Autocrypt, 7-bit and folded.
    ///
    /// # Errors
    /// [`Error::Limit`] when it would be longer than [`MAX_FIELD`], [`Error::Field`] when the address cannot stand in it.
    pub fn to_field(&self) -> Result<Field, Error> {
        self.write(AUTOCRYPT, self.prefer_encrypt)
    }

    /// The field Autocrypt-Gossip, which never holds a preference.
    ///
    /// # Errors
    /// As [`Autocrypt::to_field`].
    pub fn to_gossip_field(&self) -> Result<Field, Error> {
        self.write(AUTOCRYPT_GOSSIP, PreferEncrypt::NoPreference)
    }

    fn write(&self, name: &str, prefer_encrypt: PreferEncrypt) -> Result<Field, Error> {
        let fail = |why| Error::Field { name: name.to_owned(), why };
        if !is_addr(&self.addr) || self.addr.contains(';') {
            return Err(fail("an address that cannot stand in it"));
        }
        if self.keydata.is_empty() {
            return Err(fail("there is no key"));
        }
        let mutual = if prefer_encrypt == PreferEncrypt::Mutual { " prefer-encrypt=mutual;" } else { "" };
        let value = format!("addr={};{mutual} keydata= {}", self.addr, encode(&self.keydata)?);
        let field = Field::structured(name, &value)?;
        if wire_len(&field) > MAX_FIELD {
            return Err(Error::Limit { what: "octets in an Autocrypt field", limit: MAX_FIELD as u64 });
        }
        Ok(field)
    }
}

/// Whether it is a field of either name that is longer than [`MAX_FIELD`]: it is never sent.
pub(crate) fn is_too_long(field: &Field) -> bool {
    (field.is(AUTOCRYPT) || field.is(AUTOCRYPT_GOSSIP)) && wire_len(field) > MAX_FIELD
}

/// The length of the field on the wire, where every line ends with CRLF.
fn wire_len(field: &Field) -> usize {
    let raw = field.raw();
    let is_bare = |at: &usize| raw[*at] == b'\n' && (*at == 0 || raw[at - 1] != b'\r');
    raw.len() + (0..raw.len()).filter(is_bare).count()
}

fn is_addr(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn preference(value: &str) -> PreferEncrypt {
    if value == "mutual" { PreferEncrypt::Mutual } else { PreferEncrypt::NoPreference }
}

fn once<T>(attribute: &mut Option<T>, value: T) -> Result<(), Invalid> {
    if attribute.replace(value).is_some() { Err(Invalid::Twice) } else { Ok(()) }
}

fn decode(text: &str) -> Result<Vec<u8>, Invalid> {
    let mut keydata = Vec::new();
    Base64Decoder::strict(text.as_bytes()).read_to_end(&mut keydata).map_err(|_| Invalid::NotBase64)?;
    Ok(keydata)
}

/// base64 in words that each fill a line.
fn encode(keydata: &[u8]) -> Result<String, Error> {
    let mut encoder = Base64Encoder::new(Vec::new());
    encoder.write_all(keydata)?;
    let lines = encoder.finish()?;
    Ok(String::from_utf8_lossy(&lines).replace("\r\n", " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use PreferEncrypt::{Mutual, NoPreference};
    use proptest::prelude::*;

    fn field(value: &str) -> Field {
        Field::from_raw(format!("Autocrypt: {value}\r\n").into_bytes()).unwrap()
    }

    fn parse(value: &str) -> Result<Autocrypt, Invalid> {
        Autocrypt::parse(&field(value))
    }

    fn says(addr: &str, prefer_encrypt: PreferEncrypt, keydata: &[u8]) -> Autocrypt {
        Autocrypt { addr: addr.to_owned(), prefer_encrypt, keydata: keydata.to_vec() }
    }

    /// R128: what is not critical is passed over, a preference that is not known is none.
    #[test]
    fn valid_fields() {
        for (value, prefer_encrypt) in [
            ("addr=a@b; keydata=Zm9v", NoPreference),
            ("addr=a@b; prefer-encrypt=mutual; keydata=Zm9v", Mutual),
            ("prefer-encrypt=mutual;addr=a@b;keydata=Zm9v", Mutual),
            ("addr = a@b ;\r\n\tprefer-encrypt = mutual ;\r\n keydata =\r\n Zm\r\n 9v\r\n ", Mutual),
            ("addr=a@b; prefer-encrypt=MUTUAL; keydata=Zm9v;", NoPreference),
            ("addr=a@b; prefer-encrypt=nopreference; keydata=Zm9v ; ", NoPreference),
            ("_a=; _a=b=c; addr=a@b; _monkey=ignore; keydata=Zm9v", NoPreference),
        ] {
            assert_eq!(parse(value), Ok(says("a@b", prefer_encrypt, b"foo")), "{value}");
        }
        assert_eq!(parse("addr=käse@b; keydata=Zm9vYg==").unwrap(), says("käse@b", NoPreference, b"foob"));
    }

    /// R128: unknown critical attributes, keydata that is not last, and what is no list of attributes.
    #[test]
    fn invalid_fields() {
        for (value, why) in [
            ("addr=a@b; danger=do-not-use; keydata=Zm9v", Invalid::Critical),
            ("addr=a@b; type=1; keydata=Zm9v", Invalid::Critical),
            ("ADDR=a@b; keydata=Zm9v", Invalid::Critical),
            ("=; addr=a@b; keydata=Zm9v", Invalid::Critical),
            ("keydata=Zm9v; addr=a@b", Invalid::KeydataNotLast),
            ("addr=a@b; keydata=Zm9v; _a=b", Invalid::KeydataNotLast),
            ("addr=a@b; keydata=Zm9v; keydata=Zm9v", Invalid::KeydataNotLast),
            ("addr=a@b; addr=a@b; keydata=Zm9v", Invalid::Twice),
            ("prefer-encrypt=mutual; prefer-encrypt=mutual; addr=a@b; keydata=Zm9v", Invalid::Twice),
            ("keydata=Zm9v", Invalid::NoAddr),
            ("addr=; keydata=Zm9v", Invalid::NoAddr),
            ("addr=a@b c@d; keydata=Zm9v", Invalid::NoAddr),
            ("addr=a@b", Invalid::NoKeydata),
            ("addr=a@b; keydata=", Invalid::NoKeydata),
            ("addr=a@b; keydata=Zm9", Invalid::NotBase64),
            ("addr=a@b; keydata=Zm9v!", Invalid::NotBase64),
            ("addr=a@b; keydata=\"Zm9v\"", Invalid::NotBase64),
            ("addr=a@b;; keydata=Zm9v", Invalid::Malformed),
            ("addr=a@b; flag; keydata=Zm9v", Invalid::Malformed),
            ("addr=\"a;b\"@c; keydata=Zm9v", Invalid::Malformed),
            ("", Invalid::Malformed),
        ] {
            assert_eq!(parse(value), Err(why), "{value}");
        }
        let raw = b"Autocrypt: addr=\xff@b; keydata=Zm9v\r\n".to_vec();
        assert_eq!(Autocrypt::parse(&Field::from_raw(raw).unwrap()), Err(Invalid::Malformed));
    }

    /// R128: 10 KiB with everything, counted as it is on the wire, and not an octet more; neither read nor written.
    #[test]
    fn longer_than_10_kib() {
        let start = "Autocrypt: addr=a@b; _pad=; keydata=Zm9v".len();
        for line_end in ["\r\n", "\n"] {
            for (length, result) in [(MAX_FIELD, None), (MAX_FIELD + 1, Some(Invalid::TooLong))] {
                let padding = "x".repeat(length - start - 2);
                let raw = format!("Autocrypt: addr=a@b; _pad={padding}; keydata=Zm9v{line_end}").into_bytes();
                assert_eq!(Autocrypt::parse(&Field::from_raw(raw).unwrap()).err(), result);
            }
        }
        let mut longest = says("a@b", Mutual, &[7; 7300]);
        while longest.to_field().is_ok() {
            longest.keydata.push(7);
        }
        assert!(matches!(longest.to_field(), Err(Error::Limit { .. })));
        longest.keydata.pop();
        let field = longest.to_field().unwrap();
        assert!((MAX_FIELD - 79..=MAX_FIELD).contains(&field.raw().len()), "{}", field.raw().len());
        assert_eq!(Autocrypt::parse(&field), Ok(longest));
    }

    /// R128, R130: the key comes last, on lines of its own; gossip tells no preference.
    #[test]
    fn written_fields() {
        let key = says("alice@example.org", Mutual, &[0; 60]);
        let zeros = "A".repeat(76);
        let raw = |field: Field| String::from_utf8(field.raw().to_vec()).unwrap();
        assert_eq!(
            raw(key.to_field().unwrap()),
            format!("Autocrypt: addr=alice@example.org; prefer-encrypt=mutual; keydata=\r\n {zeros}\r\n AAAA\r\n")
        );
        assert_eq!(
            raw(key.to_gossip_field().unwrap()),
            format!("Autocrypt-Gossip: addr=alice@example.org; keydata=\r\n {zeros}\r\n AAAA\r\n")
        );
    }

    #[test]
    fn what_cannot_be_written() {
        for addr in ["", "a b@c", "a;b@c", "käse@b", "a@b\r\nBcc: c@d", "a@b\0"] {
            assert!(says(addr, NoPreference, b"foo").to_field().is_err(), "{addr:?}");
        }
        assert!(says("a@b", NoPreference, b"").to_gossip_field().is_err());
    }

    proptest! {
        /// R27, R128: what is written is 7-bit, in short lines, and reads as it was meant.
        #[test]
        fn round_trip(
            addr in "[a-z0-9.=_\"-]{1,64}@[a-z0-9.-]{1,100}",
            mutual: bool,
            keydata in proptest::collection::vec(any::<u8>(), 1..4000),
        ) {
            let key = says(&addr, if mutual { Mutual } else { NoPreference }, &keydata);
            let field = key.to_field().unwrap();
            prop_assert!(field.raw().is_ascii());
            prop_assert!(field.raw().split(|&b| b == b'\n').skip(2).all(|line| line.len() <= 78));
            prop_assert_eq!(Autocrypt::parse(&field), Ok(key.clone()));
            let gossip = Autocrypt { prefer_encrypt: NoPreference, ..key.clone() };
            prop_assert_eq!(Autocrypt::parse(&key.to_gossip_field().unwrap()), Ok(gossip));
        }

        /// What is read of any text can be written and reads the same, unless its address has no place in a field.
        #[test]
        fn any_text(value in "(addr=|keydata=|prefer-encrypt=|mutual|_|;|=|@|[A-Za-z0-9+/]{4}| |\r\n |\\PC){0,30}") {
            if let Ok(read) = parse(&value)
                && let Ok(field) = read.to_field()
            {
                prop_assert_eq!(Autocrypt::parse(&field), Ok(read));
            }
        }
    }
}
