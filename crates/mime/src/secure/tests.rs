//! What is written is recognised, octet for octet; what is nearly so is not.

use super::*;
use crate::{Limits, Tree};
use std::io::Read;

const PGP: SignatureBody<'_> = SignatureBody {
    media_type: "application/pgp-signature",
    file_name: "signature.asc",
    description: Some("OpenPGP digital signature"),
    octets: b"-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n",
    encoding: SignatureEncoding::Armored,
};

const OUTER: &[u8] = b"From: a@example.org\r\nSubject: x\r\n";

fn parse(message: &[u8]) -> Tree {
    Tree::parse(&message, &Limits::default()).unwrap()
}

fn signed(entity: &[u8], signature: &SignatureBody<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write_signed(&mut out, OUTER, "pgp-sha256", &|out| out.write_all(entity), signature, "bound").unwrap();
    out
}

fn read(mut input: impl Read) -> Vec<u8> {
    let mut out = Vec::new();
    input.read_to_end(&mut out).unwrap();
    out
}

/// R2, R11, R30, R32, R33: the octets that were signed are the octets that are verified.
#[test]
fn signed_octets_come_back() {
    for entity in [
        "\r\n",
        "\r\ntext",
        "Content-Type: text/plain\r\n\r\ntext\r\n",
        "A: b\r\n\r\n\r\n\r\n",
        "\r\n--bound \r\n--boundary\r\n",
    ] {
        let entity = entity.replace("--bound \r\n", "--bound x\r\n");
        let message = signed(entity.as_bytes(), &PGP);
        let tree = parse(&message);
        let Some(Secured::Signed(found)) = recognise(&tree, 0) else { panic!("not recognised") };
        assert_eq!(
            (found.protocol.as_str(), &found.micalg[..]),
            ("application/pgp-signature", &["pgp-sha256".to_owned()][..])
        );
        assert_eq!(read(signed_content(&message, found.range.clone())), entity.as_bytes());
        // R3: the same for a copy with LF line ends.
        let lf = String::from_utf8(message.clone()).unwrap().replace("\r\n", "\n").into_bytes();
        let Some(Secured::Signed(found_lf)) = recognise(&parse(&lf), 0) else { panic!("not recognised") };
        assert_eq!(read(signed_content(&lf, found_lf.range)), entity.as_bytes());
        assert_eq!(
            read(tree.decoded(&message, found.signature)),
            b"-----BEGIN PGP SIGNATURE-----\r\n\r\nabc\r\n-----END PGP SIGNATURE-----"
        );
        assert_eq!(tree.root().header.get("MIME-Version").unwrap().text(), "1.0");
        assert!(tree.parts().iter().all(|part| part.defects.is_empty()));
    }
}

/// R41, R44
#[test]
fn signed_in_base64() {
    let octets: Vec<u8> = (0..=255).collect();
    let body = SignatureBody {
        media_type: "application/pkcs7-signature",
        file_name: file_name(FileKind::Signature),
        description: None,
        octets: &octets,
        encoding: SignatureEncoding::Base64,
    };
    let message = signed(b"\r\nx\r\n", &body);
    let tree = parse(&message);
    let Some(Secured::Signed(found)) = recognise(&tree, 0) else { panic!("not recognised") };
    assert_eq!(read(tree.decoded(&message, found.signature)), octets);
    assert!(String::from_utf8_lossy(&message).contains("protocol=\"application/pkcs7-signature\""));
    assert!(String::from_utf8_lossy(&message).contains("filename=\"smime.p7s\""));
    let several = String::from_utf8_lossy(&message).replace("pgp-sha256", "SHA-256, sha1");
    let Some(Secured::Signed(found)) = recognise(&parse(several.as_bytes()), 0) else { panic!("not recognised") };
    assert_eq!(found.micalg, ["sha-256", "sha1"]);
}

/// R29
#[test]
fn encrypted() {
    let control = Control {
        media_type: "application/pgp-encrypted",
        description: Some("PGP/MIME version identification"),
        text: "Version: 1",
        data_file_name: "encrypted.asc",
    };
    let mut message = Vec::new();
    write_encrypted(&mut message, OUTER, &control, &mut |out| out.write_all(b"-----BEGIN\nx\n"), "bound").unwrap();
    let tree = parse(&message);
    let Some(Secured::Encrypted(found)) = recognise(&tree, 0) else { panic!("not recognised") };
    assert_eq!(found, Encrypted { protocol: "application/pgp-encrypted".to_owned(), control: 1, data: 2 });
    assert_eq!(control_version(&message, &tree, found.control).unwrap().as_deref(), Some("1"));
    assert_eq!(read(tree.decoded(&message, found.data)), b"-----BEGIN\r\nx\r\n");
    for (from, to) in [("Version: 1", "Version 1"), ("Version: 1", "Version: 1\r\nVersion: 2"), ("Version: 1", "")] {
        let other = String::from_utf8_lossy(&message).replace(from, to).into_bytes();
        assert_eq!(control_version(&other, &parse(&other), 1).unwrap(), None, "{to}");
    }
}

/// R40, R41, R43
#[test]
fn opaque() {
    let mut message = Vec::new();
    let name = file_name(FileKind::Message);
    let data = vec![7; 100_000];
    write_opaque(&mut message, OUTER, "application/pkcs7-mime", "authEnveloped-data", name, &mut |out| {
        out.write_all(&data)
    })
    .unwrap();
    let tree = parse(&message);
    let expect = Opaque {
        media_type: "application/pkcs7-mime".to_owned(),
        smime_type: Some("authEnveloped-data".to_owned()),
        name: Some("smime.p7m".to_owned()),
    };
    assert_eq!(recognise(&tree, 0), Some(Secured::Opaque(expect)));
    assert_eq!(read(tree.decoded(&message, 0)), data);
    assert!(String::from_utf8_lossy(&message).contains("name=\"smime.p7m\""));
    let older = String::from_utf8_lossy(&message).replace("pkcs7-mime", "x-pkcs7-mime");
    assert!(matches!(recognise(&parse(older.as_bytes()), 0), Some(Secured::Opaque(_))));
}

/// R12, R13: nearly right is malformed, and so no layer.
#[test]
fn nearly_secured_is_malformed() {
    let good = String::from_utf8(signed(b"\r\nx\r\n", &PGP)).unwrap();
    for (from, to) in [
        ("\r\n--bound--", "\r\n--bound\r\n\r\nthird\r\n--bound--"),
        ("Content-Type: application/pgp-signature", "Content-Type: text/plain"),
        ("protocol=\"application/pgp-signature\"", "protocol=\"application/pkcs7-signature\""),
        (";\r\n\tprotocol=\"application/pgp-signature\"", ""),
        ("boundary=\"bound\"", "boundary=\"bound\"; boundary=\"bound\""),
        ("micalg=\"pgp-sha256\"", "micalg=\"pgp-sha256\"; micalg=\"pgp-sha1\""),
        ("boundary=\"bound\"", "x=\"bound\""),
        (
            "MIME-Version: 1.0\r\n",
            "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Type: multipart/signed\r\n",
        ),
        ("MIME-Version: 1.0\r\n", "Content-Transfer-Encoding: base64\r\n"),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good, "{from}");
        let tree = parse(bad.as_bytes());
        let found = recognise(&tree, 0);
        assert!(!matches!(found, Some(Secured::Signed(_))), "{to}: {found:?}");
        assert!(found.is_none() || matches!(found, Some(Secured::Malformed(_))));
    }
    assert_eq!(recognise(&parse(b"Content-Type: text/plain\n\n"), 0), None);
    assert_eq!(recognise(&parse(b"Content-Type: text/plain\n\n"), 7), None);
    let swapped = b"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/octet-stream\n\nx\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b--\n";
    assert!(matches!(recognise(&parse(swapped), 0), Some(Secured::Malformed(_))));
}

#[test]
fn misuse_is_an_error() {
    let write = |outer: &[u8], body: &SignatureBody<'_>, boundary: &str| {
        write_signed(&mut Vec::new(), outer, "x", &|_| Ok(()), body, boundary)
    };
    assert!(write(OUTER, &PGP, "b").is_ok());
    assert!(write(b"", &PGP, "b").is_ok());
    assert!(write(OUTER, &PGP, &boundary().unwrap()).is_ok());
    for boundary in ["", "b ", "b\r\n", "b\"", &"b".repeat(71)] {
        assert!(write(OUTER, &PGP, boundary).is_err());
    }
    assert!(write(b"Content-Type: text/plain\r\n", &PGP, "b").is_err());
    assert!(write(b"Subject: x\r\n\r\n", &PGP, "b").is_err());
    assert!(write(b"no field\r\n", &PGP, "b").is_err());
    assert!(write(OUTER, &SignatureBody { octets: b"\xff", ..PGP }, "b").is_err());
    assert!(write(OUTER, &SignatureBody { file_name: "a\r\nb", ..PGP }, "b").is_err());
}
