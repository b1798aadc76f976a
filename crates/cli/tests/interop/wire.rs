//! The little of MIME (RFC 2045, 2046) that these tests need, written apart from the library so that it does not share
//! its mistakes.

use mailseal_testkit::personas::Persona;

/// What other programs are given to protect.
pub(crate) const ENTITY: &[u8] =
    b"Content-Type: text/plain; charset=us-ascii\r\n\r\nHello Bob,\r\n\r\nbring the key.\r\n";

/// A message or part: its header and what follows.
pub(crate) struct Entity<'a> {
    header: String,
    body: &'a [u8],
}

/// What a reader sees at the end of every branch of the part tree: the media type and the decoded octets.
pub(crate) type Leaf = (String, Vec<u8>);

impl<'a> Entity<'a> {
    /// Takes octets with CRLF line ends apart.
    pub(crate) fn parse(octets: &'a [u8]) -> Self {
        let end = find(octets, b"\r\n\r\n").unwrap_or_else(|| panic!("no empty line: {}", octets.escape_ascii()));
        let header = String::from_utf8(octets[..end].to_vec()).unwrap().replace("\r\n\t", " ").replace("\r\n ", " ");
        Self { header, body: &octets[end + 4..] }
    }

    /// The value of a header field that is there once.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.header.lines().filter_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then_some(value.trim())
        });
        let value = values.next();
        assert!(values.next().is_none(), "{name} is there twice: {}", self.header);
        value
    }

    /// The media type, in lower case.
    pub(crate) fn media_type(&self) -> String {
        let value = self.field("Content-Type").unwrap_or("text/plain");
        value.split(';').next().unwrap().trim().to_ascii_lowercase()
    }

    /// A parameter of the Content-Type, without quotes.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.field("Content-Type")?.split(';').skip(1).find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
        })
    }

    /// The exact octets of the parts of a multipart.
    pub(crate) fn parts(&self) -> Vec<&'a [u8]> {
        let delimiter = format!("\r\n--{}", self.parameter("boundary").expect("a multipart has a boundary"));
        let delimiter = delimiter.as_bytes();
        // The first delimiter may stand at the start of the body, without a line end before it.
        let mut rest = match self.body.strip_prefix(&delimiter[2..]) {
            Some(rest) => rest,
            None => &self.body[find(self.body, delimiter).expect("a first delimiter") + delimiter.len()..],
        };
        let mut parts = Vec::new();
        while let Some(part) = rest.strip_prefix(b"\r\n") {
            let end = find(part, delimiter).expect("a closing delimiter");
            parts.push(&part[..end]);
            rest = &part[end + delimiter.len()..];
        }
        assert!(rest.starts_with(b"--"), "the last delimiter closes");
        parts
    }

    /// The content of a part that is no multipart, its transfer encoding removed.
    pub(crate) fn content(&self) -> Vec<u8> {
        match self.field("Content-Transfer-Encoding").unwrap_or("7bit").to_ascii_lowercase().as_str() {
            "base64" => base64_decoded(self.body),
            "quoted-printable" => quoted_printable_decoded(self.body),
            "7bit" | "8bit" | "binary" => self.body.to_vec(),
            other => panic!("transfer encoding {other}"),
        }
    }

    /// The leaves of the part tree in their order.
    pub(crate) fn leaves(&self) -> Vec<Leaf> {
        if self.media_type().starts_with("multipart/") {
            return self.parts().into_iter().flat_map(|part| Entity::parse(part).leaves()).collect();
        }
        vec![(self.media_type(), self.content())]
    }
}

/// What is signed and the signature of a multipart/signed message.
pub(crate) fn signed_parts(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let message = Entity::parse(message);
    assert_eq!(message.media_type(), "multipart/signed");
    let [content, signature] = message.parts()[..] else { panic!("two parts") };
    (content.to_vec(), Entity::parse(signature).content())
}

/// The armor of a multipart/encrypted message.
pub(crate) fn encrypted_part(message: &[u8]) -> Vec<u8> {
    let message = Entity::parse(message);
    assert_eq!((message.media_type().as_str(), message.parameter("protocol")), ENCRYPTED);
    let [control, armor] = message.parts()[..] else { panic!("two parts") };
    assert_eq!(Entity::parse(control).content().trim_ascii(), b"Version: 1");
    Entity::parse(armor).content()
}

const ENCRYPTED: (&str, Option<&str>) = ("multipart/encrypted", Some("application/pgp-encrypted"));

/// A message around `content`, which starts with its Content-Type.
pub(crate) fn mail(from: Persona, content: &[u8]) -> Vec<u8> {
    let header = format!(
        "From: {}\r\nTo: Bob <bob@example.org>\r\nSubject: Hello\r\n\
         Date: Mon, 01 Jun 2026 00:00:00 +0000\r\nMIME-Version: 1.0\r\n",
        from.address
    );
    [header.as_bytes(), content].concat()
}

/// multipart/signed of RFC 3156 §5 around armor.
pub(crate) fn pgp_signed(content: &[u8], armor: &[u8], micalg: &str) -> Vec<u8> {
    let part = [b"Content-Type: application/pgp-signature\r\n\r\n", &crlf(armor)[..]].concat();
    signed("application/pgp-signature", micalg, content, &part)
}

/// multipart/encrypted of RFC 3156 §4 around armor.
pub(crate) fn pgp_encrypted(armor: &[u8]) -> Vec<u8> {
    let head = "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"=-=\"\r\n\r\n\
                --=-=\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n\
                --=-=\r\nContent-Type: application/octet-stream\r\n\r\n";
    [head.as_bytes(), &crlf(armor), b"\r\n--=-=--\r\n"].concat()
}

/// multipart/signed of RFC 8551 §3.5.3 around the DER of a signature.
pub(crate) fn smime_signed(content: &[u8], signature: &[u8], micalg: &str) -> Vec<u8> {
    let head =
        "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    signed("application/pkcs7-signature", micalg, content, &[head, &base64(signature)].concat().into_bytes())
}

/// application/pkcs7-mime of RFC 8551 §3.2 around DER.
pub(crate) fn smime(smime_type: &str, cms: &[u8]) -> Vec<u8> {
    format!(
        "Content-Type: application/pkcs7-mime; smime-type={smime_type}; name=\"smime.p7m\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}",
        base64(cms)
    )
    .into_bytes()
}

fn signed(protocol: &str, micalg: &str, content: &[u8], signature: &[u8]) -> Vec<u8> {
    let head = format!(
        "Content-Type: multipart/signed; protocol=\"{protocol}\"; micalg={micalg}; boundary=\"=-\"\r\n\r\n--=-\r\n"
    );
    [head.as_bytes(), content, b"\r\n--=-\r\n", signature, b"\r\n--=---\r\n"].concat()
}

/// ASCII armor of RFC 9580 §6.2 around binary packets.
pub(crate) fn armor(packets: &[u8]) -> Vec<u8> {
    format!("-----BEGIN PGP MESSAGE-----\r\n\r\n{}-----END PGP MESSAGE-----\r\n", base64(packets)).into_bytes()
}

/// Line ends as mail has them on its way.
pub(crate) fn crlf(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    for &octet in octets {
        if octet == b'\n' && out.last() != Some(&b'\r') {
            out.push(b'\r');
        }
        out.push(octet);
    }
    out
}

/// The octets with one bit of the octet at `at` turned over.
pub(crate) fn changed(octets: &[u8], at: usize) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[at] ^= 1;
    octets
}

/// Where `needle` first starts.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn base64(octets: &[u8]) -> String {
    let mut out = String::new();
    for line in octets.chunks(48) {
        for three in line.chunks(3) {
            let bits = three.iter().fold(0u32, |bits, &octet| bits << 8 | u32::from(octet)) << (8 * (3 - three.len()));
            for place in 0..4 {
                let digit = ALPHABET[(bits >> (18 - 6 * place) & 63) as usize];
                out.push(if place <= three.len() { char::from(digit) } else { '=' });
            }
        }
        out.push_str("\r\n");
    }
    out
}

pub(crate) fn base64_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for octet in text.iter().filter(|octet| !octet.is_ascii_whitespace() && **octet != b'=') {
        let digit = ALPHABET.iter().position(|digit| digit == octet).expect("only base64");
        bits = bits << 6 | u32::try_from(digit).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 255) as u8);
        }
    }
    out
}

fn quoted_printable_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        match (octet, after) {
            (b'=', [b'\r', b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => {
                let hexadecimal = String::from_utf8(vec![*high, *low]).unwrap();
                out.push(u8::from_str_radix(&hexadecimal, 16).unwrap());
                rest = after;
            }
            _ => out.push(octet),
        }
    }
    out
}

#[test]
fn what_is_put_together_is_taken_apart() {
    use mailseal_testkit::personas::ALICE;
    for octets in [&b""[..], b"\xff", b"ab", b"abc", b"abcd", &[0x5a; 100]] {
        assert_eq!(base64_decoded(base64(octets).as_bytes()), octets);
    }
    assert_eq!(base64(b"ab"), "YWI=\r\n");
    assert_eq!(quoted_printable_decoded(b"a=20=\r\nb=C3=BC\r\n"), "a b\u{fc}\r\n".as_bytes());
    let content = b"Content-Type: text/plain\r\n\r\nHello\r\n";
    assert_eq!(
        signed_parts(&mail(ALICE, &smime_signed(content, b"DER", "sha-256"))),
        (content.to_vec(), b"DER".to_vec())
    );
    assert_eq!(encrypted_part(&mail(ALICE, &pgp_encrypted(b"armor\n"))), b"armor\r\n");
}
