//! What openssl reads and writes since version 3.6 only.

use mailseal_testkit::personas::{ALICE, HEIDI, IVAN, IVAN_READS, Persona};

use crate::openssl::{HEADER, OpenSsl, from, opaque_changed};
use crate::ours::{DRAFTS, LATER, Ours, smime_key};
use crate::table;
use crate::wire::{ENTITY, changed, find};

/// Who signs as only version 3.6 does.
const SIGNERS: [(Persona, &str); 2] = [(HEIDI, "Ed25519"), (IVAN, "ML-DSA-65")];

/// R44; RFC 8419, RFC 9882.
#[test]
fn openssl36_verifies_our_mail() {
    let Some(openssl) = OpenSsl::newer() else { return };
    let ours = Ours::new();
    for (by, kind) in SIGNERS {
        for (form, feature) in [("", "multipart/signed"), ("--opaque", "signed-data")] {
            for name in DRAFTS {
                let draft = ours.draft(name, by);
                let signed = ours.protect(&format!("sign --smime {form} {}", smime_key(by)));
                draft.assert_is(&openssl.verified(&signed, by));
            }
            table::reads(openssl.name, &format!("{feature}, {kind}"));
        }
    }
}

/// R44; RFC 8419, RFC 9882.
#[test]
fn we_verify_the_mail_of_openssl36() {
    let Some(openssl) = OpenSsl::newer() else { return };
    let ours = Ours::new();
    for (by, kind) in SIGNERS {
        let message = from(by, &openssl.signed(by, &HEADER, &["-md", "sha512"]));
        ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload(LATER, &message), ENTITY);
        let other = changed(&message, find(&message, b"bring").unwrap());
        ours.verdict(LATER, &other).assert_broken("unprotected", "digest-mismatch");
        table::writes(openssl.name, &format!("multipart/signed, {kind}"));

        let message = from(by, &openssl.signed(by, &HEADER, &["-md", "sha512", "-nodetach"]));
        ours.verdict(LATER, &message).assert_good("signed", &["signed valid"]);
        assert_eq!(ours.payload(LATER, &message), ENTITY);
        ours.verdict(LATER, &opaque_changed(by, &message)).assert_broken("unprotected", "digest-mismatch");
        table::writes(openssl.name, &format!("signed-data, {kind}"));
    }
}

/// R49; RFC 9629, RFC 9936.
#[test]
fn openssl36_opens_our_mail() {
    let Some(openssl) = OpenSsl::newer() else { return };
    let ours = Ours::new();
    for name in DRAFTS {
        let draft = ours.draft(name, ALICE);
        let to_him = "--cert alice.crt.pem --cert ivan-reads.crt.pem -r ivan@example.org";
        let sealed = ours.protect(&format!("encrypt --smime --no-sign {to_him}"));
        draft.assert_is(&openssl.decrypted(&sealed, IVAN_READS));

        let sealed = ours.protect(&format!("encrypt --smime {} {to_him}", smime_key(ALICE)));
        draft.assert_is(&openssl.verified(&openssl.decrypted(&sealed, IVAN_READS), ALICE));
    }
    table::reads(openssl.name, "AES-256-CBC, ML-KEM-768");
    table::reads(openssl.name, "AES-256-CBC, ML-KEM-768, signed inside");
}

/// R49; RFC 9629, RFC 9936.
#[test]
fn we_open_the_mail_of_openssl36() {
    let Some(openssl) = OpenSsl::newer() else { return };
    let ours = Ours::new();
    let inside = openssl.signed(ALICE, &[], &[]);
    for (cipher, layer, name) in [
        ("-aes-256-cbc", "encrypted aes-256-cbc none done", "AES-256-CBC"),
        ("-aes-256-gcm", "encrypted aes-256-gcm aead done", "AES-256-GCM"),
    ] {
        for (to, feature) in [(&[IVAN_READS][..], "ML-KEM-768"), (&[ALICE, IVAN_READS], "RSA and ML-KEM-768 together")]
        {
            for reader in to {
                let key = format!("{LATER} {}", smime_key(*reader));
                let message = openssl.encrypted(cipher, ENTITY, to, &[]);
                ours.verdict(&key, &message).assert_good("encrypted", &[layer]);
                assert_eq!(ours.payload(&key, &message), ENTITY);

                let message = openssl.encrypted(cipher, &inside, to, &[]);
                ours.verdict(&key, &message).assert_good("signed+encrypted", &[layer, "signed valid"]);
            }
            table::writes(openssl.name, &format!("{name}, {feature}"));
            table::writes(openssl.name, &format!("{name}, {feature}, signed inside"));
        }
    }
}
