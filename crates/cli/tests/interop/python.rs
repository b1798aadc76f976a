//! Python's cryptography, behind `peers/cryptography_peer.py`. It signs, encrypts and decrypts, and verifies nothing.

use std::path::Path;
use std::process::Command;

use mailseal_testkit::peer::{Peer, installed};
use mailseal_testkit::personas::{ALICE, BOB, DAVE, FRANK, GRACE, Persona, intermediate};
use mailseal_testkit::program::Program;

use crate::ours::{LATER, Ours, smime_key};
use crate::table;
use crate::wire::{ENTITY, Entity, changed, find, mail, smime, smime_signed};

const NAME: &str = "Python cryptography";

fn start() -> Option<Peer> {
    let mut python = Command::new(installed("python/bin/python")?);
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/peers/cryptography_peer.py"));
    Some(Peer::start(python))
}

/// The words for a persona's key and certificate.
fn own(persona: Persona) -> String {
    format!("{} {}", persona.smime_key().display(), persona.smime_cert().display())
}

/// R4, R44
#[test]
fn we_verify_the_mail_of_python() {
    let Some(mut python) = start() else { return };
    let ours = Ours::new();
    for (by, hash, scheme, feature) in [
        (ALICE, "SHA256", "default", "RSA"),
        (ALICE, "SHA512", "default", "RSA with SHA-512"),
        (ALICE, "SHA256", "pss", "RSA-PSS"),
        (BOB, "SHA256", "default", "P-256"),
        (FRANK, "SHA384", "default", "P-384"),
        (GRACE, "SHA512", "default", "P-521"),
    ] {
        for (form, name, check) in [
            ("detached", "multipart/signed", "digest-mismatch"),
            ("direct", "multipart/signed, no signed attributes", "bad-signature"),
            ("opaque", "signed-data", "digest-mismatch"),
        ] {
            let words = format!("{form} {hash} {scheme} {} {}", own(by), intermediate().display());
            let cms = python.ask("sign", ENTITY, &words).unwrap();
            let enclosed = |content: &[u8], cms: &[u8]| match form {
                "opaque" => mail(by, &smime("signed-data", cms)),
                _ => mail(by, &smime_signed(content, cms, "sha-256")),
            };
            let message = enclosed(ENTITY, &cms);
            ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
            assert_eq!(ours.payload(LATER, &message), ENTITY);

            let other = |octets: &[u8]| find(octets, b"bring").map_or(octets.to_vec(), |at| changed(octets, at));
            ours.verdict(LATER, &enclosed(&other(ENTITY), &other(&cms))).assert_broken("unprotected", check);
            table::writes(NAME, &format!("{name}, {feature}"));
        }
    }
}

/// R49
#[test]
fn we_open_the_mail_of_python() {
    let Some(mut python) = start() else { return };
    let ours = Ours::new();
    for (cipher, layer, feature) in [
        ("AES128", "encrypted aes-128-cbc none done", "AES-128-CBC, RSA"),
        ("AES256", "encrypted aes-256-cbc none done", "AES-256-CBC, RSA"),
    ] {
        let to = format!("{cipher} {} {}", ALICE.smime_cert().display(), DAVE.smime_cert().display());
        let message = mail(BOB, &smime("enveloped-data", &python.ask("encrypt", ENTITY, &to).unwrap()));
        for reader in [ALICE, DAVE] {
            let key = format!("{LATER} {}", smime_key(reader));
            ours.verdict(&key, &message).assert_good("encrypted", &[layer]);
            assert_eq!(ours.payload(&key, &message), ENTITY);
        }
        table::writes(NAME, feature);
    }
}

/// R49: version 50 reads definite lengths alone, and so nothing of what mail programs stream. What reads more is right.
#[test]
fn python_may_open_our_mail() {
    let Some(mut python) = start() else { return };
    let ours = Ours::new();
    let feature = "AES-256-CBC, RSA, indefinite length";
    let draft = ours.draft("plain", ALICE);
    let sealed = ours.protect("encrypt --smime --no-sign --cert alice.crt.pem --cert dave.crt.pem -r dave@example.org");
    let cms = Entity::parse(&sealed).content();
    match python.ask("decrypt", &cms, &own(DAVE)) {
        Ok(opened) => {
            draft.assert_is(&opened);
            table::reads(NAME, feature);
        }
        Err(refused) => {
            assert!(refused.contains("InvalidLength"), "{refused}");
            table::lacks(NAME, feature);
        }
    }
    let definite = definite(&cms);
    draft.assert_is(&python.ask("decrypt", &definite, &own(DAVE)).unwrap());
    table::reads(NAME, "AES-256-CBC, RSA");
}

/// The same message in DER, as openssl writes it again.
fn definite(cms: &[u8]) -> Vec<u8> {
    let openssl = Program::find("openssl").expect("the test command installs it");
    openssl.args(["cms", "-cmsout", "-inform", "DER", "-outform", "DER"]).stdin(cms).succeed()
}

/// A key file that Python wrote signs.
#[test]
fn we_read_the_keys_of_python() {
    let Some(mut python) = start() else { return };
    let ours = Ours::new();
    for (by, kind) in [(ALICE, "RSA"), (BOB, "P-256"), (FRANK, "P-384"), (GRACE, "P-521")] {
        let words = format!("word {} {}", own(by), intermediate().display());
        ours.file("python.p12", &python.ask("pack", b"", &words).unwrap());
        ours.file("python.pass", b"word");
        let draft = ours.draft("plain", by);
        let signed = ours.protect("sign --smime --opaque --key python.p12 --passphrase-file python.pass");
        ours.verdict("", &signed).assert_good("signed", &["signed valid"]);
        draft.assert_is(&ours.payload("", &signed));
        table::writes(NAME, &format!("PKCS#12, {kind}"));
    }
}
