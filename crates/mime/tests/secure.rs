//! Real messages, signed in form: what is verified is what was signed (R2, R3, R12, R25, R33).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use mailseal_mime::prepare::{Options, prepare};
use mailseal_mime::secure::{
    Secured, SignatureBody, SignatureEncoding, boundary, recognise, signed_content, write_signed,
};
use mailseal_mime::{Limits, Tree};
use std::io::Read;

mod vectors;

fn verified(message: &[u8], name: &str) -> Vec<u8> {
    let tree = Tree::parse(&message, &Limits::default()).unwrap();
    let Some(Secured::Signed(signed)) = recognise(&tree, 0) else { panic!("{name}: {:?}", recognise(&tree, 0)) };
    let mut octets = Vec::new();
    signed_content(&message, signed.range).read_to_end(&mut octets).unwrap();
    octets
}

#[test]
fn corpora_signed_in_form() {
    let files = vectors::files();
    if files.is_empty() {
        return;
    }
    let signature = SignatureBody {
        media_type: "application/pgp-signature",
        file_name: "signature.asc",
        description: None,
        octets: b"-----BEGIN PGP SIGNATURE-----\n",
        encoding: SignatureEncoding::Armored,
    };
    let mut signed = 0;
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(tree) = Tree::parse(&bytes, &Limits::default()) else { continue };
        let Ok(prepared) = prepare(&bytes, &tree, 0, &Options::default()) else { continue };
        let mut entity = Vec::new();
        prepared.write_to(&mut entity).unwrap();
        let mut message = Vec::new();
        let body = |out: &mut dyn std::io::Write| prepared.write_to(out);
        write_signed(&mut message, b"From: a@b\r\n", "pgp-sha256", &body, &signature, &boundary().unwrap()).unwrap();
        let name = path.display().to_string();
        assert!(verified(&message, &name) == entity, "{name}");
        let lf: Vec<u8> = message.iter().copied().filter(|&b| b != b'\r').collect();
        assert!(verified(&lf, &name) == entity, "{name} with LF");
        signed += 1;
    }
    assert!(signed > 400, "{signed}");
}

/// The secured parts of the corpora are recognised; the malformed ones are known one by one.
#[test]
fn corpora_recognised() {
    let files = vectors::files();
    let (mut signed, mut encrypted, mut opaque, mut malformed) = (0, 0, 0, Vec::new());
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let Ok(tree) = Tree::parse(&bytes, &Limits::default()) else { continue };
        for index in 0..tree.parts().len() {
            match recognise(&tree, index) {
                None => {}
                Some(Secured::Signed(_)) => signed += 1,
                Some(Secured::Encrypted(_)) => encrypted += 1,
                Some(Secured::Opaque(_)) => opaque += 1,
                Some(Secured::Malformed(why)) => malformed.push((path.file_name().unwrap().to_owned(), why)),
            }
        }
    }
    if files.is_empty() {
        return;
    }
    assert!(signed >= 30 && encrypted >= 35 && opaque >= 6, "{signed} {encrypted} {opaque}");
    let expect = ["openpgp-encrypted-noData.mbox", "openpgp-signed-mailinglist+additional-children.mbox"];
    assert_eq!(malformed.len(), expect.len(), "{malformed:?}");
    for ((file, why), expect) in malformed.iter().zip(expect) {
        assert_eq!((file.to_str(), *why), (Some(expect), "not exactly two parts"));
    }
}
